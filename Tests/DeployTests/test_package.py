# SPDX-License-Identifier: Apache-2.0
"""The device package in a fresh Debian: install, upgrade, remove, purge; and the same bytes twice."""

import csv
import filecmp
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from simulated_pump import programs

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
MANUAL = ROOT / ".build/manual-tool/debug/generate-manual"

pytestmark = pytest.mark.slow


def build(out, key):
    done = subprocess.run(
        [ROOT / "Hardware/Deploy/build-deb", "--bin", programs(), "--manual", MANUAL, "--sign", key,
         "--out", out],
        capture_output=True, text=True, check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1750000000"})
    assert done.returncode == 0, done.stderr
    return pathlib.Path(done.stdout.strip())


@pytest.fixture(name="key", scope="module")
def signing_key(tmp_path_factory):
    key = tmp_path_factory.mktemp("key") / "key.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, stderr=subprocess.DEVNULL)
    return key


@pytest.fixture(name="package", scope="module")
def built_package(tmp_path_factory, key):
    if not (programs() / "pump-controld").exists() or not MANUAL.exists():
        pytest.skip("no release programs or no manual tool: run `make deb`")
    return build(tmp_path_factory.mktemp("one"), key)


@pytest.fixture(name="facts", scope="module")
def lifecycle(package, tmp_path_factory):
    """What lifecycle.sh said in a Debian made for it."""
    if not shutil.which("mmdebstrap"):
        pytest.skip("no mmdebstrap: Tools/deps deb")
    folder = tmp_path_factory.mktemp("two")
    newer = folder / "tree"
    subprocess.run(["dpkg-deb", "-R", package, newer], check=True)
    control = newer / "DEBIAN/control"
    control.write_text(
        re.sub(r"(?m)^Version: .*$", "Version: 9.9.9", control.read_text(encoding="utf-8")),
        encoding="utf-8")
    two = folder / "two.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "-b", newer, two], check=True,
        stdout=subprocess.DEVNULL)
    depends = subprocess.run(
        ["dpkg-deb", "-f", package, "Depends"], check=True, stdout=subprocess.PIPE, text=True).stdout
    include = ",".join(re.findall(r"(?:^|, )([a-z0-9+.-]+)", depends))
    log = folder / "log"
    with open(log, "wb") as out:
        done = subprocess.run(
            ["mmdebstrap", "--variant=minbase", f"--include={include}",
             f"--customize-hook=upload {package} /tmp/one.deb",
             f"--customize-hook=upload {two} /tmp/two.deb",
             f"--customize-hook=upload {HERE / 'lifecycle.sh'} /tmp/lifecycle.sh",
             '--customize-hook=chroot "$1" sh /tmp/lifecycle.sh',
             "bookworm", "/dev/null"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    text = log.read_text(errors="replace")
    found = dict(re.findall(r"(?m)^fact ([\w-]+): (.*)$", text))
    if not found:
        pytest.skip(f"mmdebstrap cannot make a Debian here (exit {done.returncode}): {text[-300:]}")
    return found


def test_equal_inputs_give_equal_bytes(package, tmp_path, key):
    again = build(tmp_path, key)
    assert again.name == package.name
    assert filecmp.cmp(package, again, shallow=False)


def test_installs_programs_users_and_sockets(facts):
    assert facts["install-exit"] == "0"
    assert facts["installed"].startswith("install ok installed 0.")
    for user in ["control", "safety", "service", "panel", "gateway", "verify", "update"]:
        assert facts[f"user-pump-{user}"] == "yes"
    assert facts["users-differ"] == "7"
    assert facts["sockets"] == "3770 root pump"
    assert facts["pumpctl"].startswith("pumpctl ")
    for program in ["pump-controld", "pump-safetyd", "pump-paneld"]:
        assert facts[f"version-{program}"].startswith(program)


def test_units_and_rules_are_clean_where_they_are_installed(facts):
    assert facts["verify"].split()[0] == "0", facts["verify"]


def test_brings_completions_and_manuals(facts):
    assert facts["completion"] == "0"
    assert facts["manual"] == ".Nm pumpctl"
    assert facts["manual-updated"] == ".Nm pump-updated"
    assert facts["manual-daemon"].startswith(".TH PUMP-CONTROLD 8")


def test_SEC_366_service_and_updater_run_and_the_updater_may_not_ask(facts):
    assert facts["started"] == "service update", facts
    with open(ROOT / "Docs/Interfaces/sockets.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    wanted = {row["address"] for row in rows if row["process"] == "pump-serviced" and row["on_a_device"] == "yes"}
    assert {name for name in facts["sockets-made"].split() if name.endswith(".sock")} == wanted, facts
    # Sent away, while the service's own user is only told that nobody drives a pump here.
    assert facts["pumpctl-as-updater"].rstrip().endswith("exit 3"), facts
    assert "controller" not in facts["pumpctl-as-updater"], facts
    assert "hears no controller" in facts["pumpctl-as-service"], facts
    assert facts["service-exit"] == "0"
    assert "audit" in facts["records"].split()


def test_SEC_034_RC_140_what_is_installed_is_what_was_signed(facts):
    assert facts["verified"].startswith("exit 0 as-signed 0."), facts["verified"]
    for program in ["pump-controld", "pump-safetyd", "pump-serviced", "pump-paneld", "pump-gatewayd", "pump-updated"]:
        assert facts[f"checked-{program}"] == "0"
    # One byte of the monitor, one of a unit, and one of the list.
    assert facts["changed-program"] == "exit 1 changed /usr/bin/pump-safetyd, one 1, other 0"
    assert facts["changed-unit"] == "exit 1 changed /usr/lib/systemd/system/pump-safetyd.service"
    assert facts["changed-list"] == "exit 1 unproved manifest not signed"
    # Settings are a person's to change.
    assert facts["changed-settings"] == facts["verified"]


def test_brings_an_overlay_for_each_board(facts):
    boards = [path.name for path in (ROOT / "Hardware/Boards").iterdir()]
    assert set(facts["overlays"].split()) == {f"pump-{board}.dtbo" for board in boards}


def test_RC_041_names_the_device_that_is_not_there(facts):
    assert "GPIO" in facts["without-devices"] or "I2C bus" in facts["without-devices"], facts


def test_RC_051_starts_and_enables_nothing(facts):
    assert facts["enabled"] == "disabled"


def test_upgrades_and_keeps_settings_and_users(facts):
    assert facts["upgrade-exit"] == "0" and facts["upgraded"].endswith(" 9.9.9")
    assert facts["settings-kept"] == "1" and facts["same-user"] == "yes"


def test_RC_051_is_not_removed_while_a_therapy_is_active(facts):
    code, _, state = facts["remove-while-infusing"].partition(" ")
    assert code != "0" and state.split()[2] == "installed"
    assert facts["refusal"] == "1"


def test_removes_the_programs_and_leaves_the_records(facts):
    assert facts["remove-exit"] == "0" and "config-files" in facts["removed"]
    assert facts["program-left"] == "0"
    assert facts["records-after-remove"] == "record"
    assert facts["settings-after-remove"] == "/etc/default/pump-core"


def test_purges_everything(facts):
    assert facts["purge-exit"] == "0" and facts["purged"] in ("none", "unknown ok not-installed ")
    assert facts["left-after-purge"] == "0"
