# SPDX-License-Identifier: Apache-2.0
"""The systemd units, users and device rights of a device package, judged by systemd's own tools."""

import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "Hardware/Deploy"
# Those that run as long as the pump does; pump-verify ends before they begin.
UNITS = sorted(set((DEPLOY / "systemd").glob("*.service")) - {DEPLOY / "systemd/pump-verify.service"})
VERIFY = DEPLOY / "systemd/pump-verify.service"
# systemd-analyze's figure for what a process could still do, times ten: 0 is nothing.
MOST_EXPOSED = 6
# The one with a network: AF_INET and the network itself make 0.8 of it.
MOST_EXPOSED_GATEWAY = 9

pytestmark = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="no systemd-analyze: install systemd")


class Unit:
    """A unit file; the values of a key given several times are joined by spaces."""

    def __init__(self, path):
        self.values = {}
        for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            name, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                self.values.setdefault(name, []).append(value)

    def __getitem__(self, key):
        return " ".join(self.values.get(key, []))


def users():
    text = (DEPLOY / "sysusers.conf").read_text(encoding="utf-8")
    return (set(re.findall(r"^u (\S+)", text, re.M)), set(re.findall(r"^g (\S+)", text, re.M)))


@pytest.fixture(name="checked", scope="module")
def installed_units(tmp_path_factory):
    """The units beside programs that exist, so that verify judges the units alone."""
    folder = tmp_path_factory.mktemp("units")
    programs = folder / "bin"
    programs.mkdir()
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace("/usr/bin/", f"{programs}/")
        (folder / unit.name).write_text(text, encoding="utf-8")
    for unit in [*UNITS, VERIFY]:
        program = programs / unit.stem
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    return folder


def test_each_daemon_has_its_unit():
    assert [unit.stem for unit in UNITS] == [
        "pump-controld", "pump-gatewayd", "pump-paneld", "pump-safetyd", "pump-serviced", "pump-updated"]


def test_systemd_has_nothing_to_say_about_the_units(checked):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(checked.glob("*.service")),
         *checked.glob("*.target")],
        capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "pump" in line]
    assert done.returncode == 0 and not said, done.stderr


def test_systemd_finds_a_mistake_in_a_unit(checked, tmp_path):
    wrong = tmp_path / "pump-wrong.service"
    text = (checked / "pump-safetyd.service").read_text(encoding="utf-8")
    wrong.write_text(text.replace("ProtectClock=", "ProtectClok="), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", wrong], capture_output=True, text=True,
        check=False)
    assert "ProtectClok" in done.stderr


@pytest.mark.parametrize("unit", [*UNITS, VERIFY], ids=lambda unit: unit.stem)
def test_RC_052_SEC_009_leaves_a_process_nothing_it_does_not_need(unit):
    threshold = MOST_EXPOSED_GATEWAY if unit.stem == "pump-gatewayd" else MOST_EXPOSED
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", unit],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-400:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_RC_052_SEC_009_runs_each_process_under_a_user_of_its_own(unit):
    names, groups = users()
    assert Unit(unit)["User"] in names
    assert len({Unit(other)["User"] for other in UNITS}) == len(UNITS)
    wanted = {Unit(unit)["Group"], *Unit(unit)["SupplementaryGroups"].split()}
    assert wanted <= groups
    # Whom a process listens to is a user of this list too.
    named = re.findall(
        r"--(?:allow-user|service-user|panel-user|client|updater|gateway-user) (\S+)", Unit(unit)["ExecStart"])
    # The updater listens to nobody: it has no socket of its own. The gateway sees no other users.
    assert (not named) == (unit.stem in ("pump-updated", "pump-gatewayd"))
    assert set(named) <= names - {Unit(unit)["User"]}


def test_SEC_034_RC_140_SRS_210_the_files_are_checked_before_any_program_runs():
    keys = Unit(VERIFY)
    assert keys["Type"] == "oneshot" and keys["RemainAfterExit"] == "yes"
    assert keys["ExecStart"] == "/usr/bin/pump-verify all --verdict /run/pump-verify/verdict"
    assert set(keys["Before"].split()) == {unit.name for unit in UNITS}
    names, _ = users()
    assert keys["User"] in names and keys["Group"] == keys["User"]
    assert keys["User"] not in {Unit(unit)["User"] for unit in UNITS}
    # Nobody else writes the verdict, and everybody reads it.
    assert keys["RuntimeDirectory"] == "pump-verify" and keys["RuntimeDirectoryMode"] == "0755"
    assert keys["RuntimeDirectoryPreserve"] == "yes" and keys["UMask"] == "0022"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_RC_141_SRS_212_SRS_211_no_program_is_started_unchecked(unit):
    keys = Unit(unit)
    assert VERIFY.name in keys["After"].split() and VERIFY.name in keys["Wants"].split()
    assert keys["ExecCondition"] == f"/usr/bin/pump-verify one /usr/bin/{unit.stem}"
    # Who decides on a therapy or shows it reads the verdict that the check left, and no other.
    asked = re.findall(r"--verdict (\S+)", keys["ExecStart"])
    assert asked == ([] if unit.stem in ("pump-gatewayd", "pump-updated") else ["/run/pump-verify/verdict"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_RC_050_watches_each_process_and_starts_it_again(unit):
    keys = Unit(unit)
    assert keys["Type"] == "notify" and keys["Restart"] == "always"
    assert re.fullmatch(r"\d+s", keys["WatchdogSec"])


@pytest.mark.parametrize("name, entry", [("pump-safetyd", 60), ("pump-controld", 50)])
def test_RC_025_gives_the_class_and_priority_that_the_program_wants(name, entry):
    keys = Unit(DEPLOY / f"systemd/{name}.service")
    assert keys["CPUSchedulingPolicy"] == "fifo" and keys["CPUSchedulingPriority"] == str(entry)
    assert keys["LimitMEMLOCK"] == "infinity"
    source = (ROOT / f"Sources/{name}/Entry.swift").read_text(encoding="utf-8")
    assert f"prepareRealtime(priority: {entry})" in source


def test_RC_025_lets_the_lower_two_keep_the_processor_awake_and_nobody_else():
    rules = (DEPLOY / "60-pump.rules").read_text(encoding="utf-8")
    assert 'KERNEL=="cpu_dma_latency", GROUP="pump-latency"' in rules
    for unit in UNITS:
        lower = unit.stem in ("pump-controld", "pump-safetyd")
        assert ("pump-latency" in Unit(unit)["SupplementaryGroups"]) == lower
        assert ("/dev/cpu_dma_latency rw" in Unit(unit)["DeviceAllow"]) == lower


def test_SEC_366_the_updater_may_command_nothing():
    service = Unit(DEPLOY / "systemd/pump-serviced.service")["ExecStart"]
    assert re.findall(r"--(\S+) pump-update\b", service) == ["updater"]
    for name in ("pump-controld", "pump-safetyd", "pump-paneld"):
        assert "pump-update" not in Unit(DEPLOY / f"systemd/{name}.service")["ExecStart"]


def test_SEC_371_the_gateway_may_command_nothing():
    service = Unit(DEPLOY / "systemd/pump-serviced.service")["ExecStart"]
    assert re.findall(r"--(\S+) pump-gateway\b", service) == ["gateway-user"]
    for unit in UNITS:
        if unit.stem != "pump-serviced":
            assert "pump-gateway " not in Unit(unit)["ExecStart"]
        # No other process has a network.
        assert ("AF_INET" in Unit(unit)["RestrictAddressFamilies"]) == (unit.stem == "pump-gatewayd")


def test_RC_052_SEC_009_gives_each_bus_to_one_process():
    rules = (DEPLOY / "60-pump.rules").read_text(encoding="utf-8")
    buses = re.findall(r'KERNEL=="i2c-(\d+)", GROUP="(\S+)", MODE="0660", SYMLINK\+="(\S+)"', rules)
    assert len(buses) == 3
    owners = {}
    for unit in UNITS:
        for group in Unit(unit)["SupplementaryGroups"].split():
            owners.setdefault(group, []).append(unit.stem)
    assert [owners[group] for _, group, _ in buses] == [
        ["pump-controld"], ["pump-safetyd"], ["pump-paneld"]]
    for _, group, link in buses:
        assert group == link.replace("pump/i2c-", "pump-bus-")
    # No rule gives anything to everybody.
    assert set(re.findall(r'MODE="(\d+)"', rules)) == {"0660"}


def test_a_new_user_can_be_made_of_each_line():
    done = subprocess.run(
        ["systemd-sysusers", "--dry-run", DEPLOY / "sysusers.conf"], capture_output=True, text=True,
        check=False)
    assert done.returncode == 0, done.stderr


def test_SEC_422_the_gateway_sees_no_other_users_and_knows_the_service_by_its_folder():
    gateway = Unit(DEPLOY / "systemd/pump-gatewayd.service")
    service = Unit(DEPLOY / "systemd/pump-serviced.service")
    assert gateway["PrivateUsers"] == "yes"
    folder = re.search(r"--service-run (\S+)", gateway["ExecStart"]).group(1)
    assert f"--gateway-run {folder} " in service["ExecStart"]
    # Made by systemd for the service's user, and for nobody else to write in.
    assert folder == f"/run/{service['RuntimeDirectory']}"
    assert service["RuntimeDirectoryMode"] == "0750"
    assert "RuntimeDirectory" not in gateway.values
    # The updater's socket for uploads is known in the same way, and lies in a folder of its own.
    updater = Unit(DEPLOY / "systemd/pump-updated.service")
    uploads = f"/run/{updater['RuntimeDirectory']}"
    assert updater["RuntimeDirectoryMode"] == "0750" and uploads != folder
    assert updater["ExecStart"].endswith(f"--intake {uploads}")
    for unit in (gateway, service):
        assert f"--update-run {uploads} " in unit["ExecStart"]


def test_SEC_426_RC_147_the_updater_has_the_least_share_of_the_machine():
    updater = Unit(DEPLOY / "systemd/pump-updated.service")
    for key, value in {"MemoryMax": "128M", "TasksMax": "32", "CPUWeight": "10", "Nice": "10"}.items():
        assert updater[key] == value, key
