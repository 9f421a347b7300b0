# SPDX-License-Identifier: Apache-2.0
"""A whole update on the simulated pump, and an image that crashes.

The images are small programs that stand for a release: what is under test is that the right one is
started, judged by the real pump's processes, kept or left.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from test_corpus import Device, built  # noqa: F401
from release_tools.repository import Repository, terms
from release_tools.bundle import entries_for, pack
from tuf_server import programs

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from late_cycles import late, may_be_chance  # noqa: E402
from panel_text import shows  # noqa: E402
from people import PASSWORD, add, commission  # noqa: E402
from simulated_pump import SimulatedPump, alarms, brief  # noqa: E402
from software_tpm import TPM  # noqa: E402

GOOD = b"#!/bin/sh\n# %s\nexec sleep 600\n"
# The number of the alarm.
RETURNED = 48
CRASH = b"#!/bin/sh\n# %s\nexit 7\n"


class Release:
    """A repository, and the bundle of each release."""

    def __init__(self):
        self.repository = Repository().publish_first()
        self.root = self.repository.metadata["1.root.json"]

    def bundle(self, version, number, content, security=3):
        self.repository.add_target("pump", content, terms(version, number, security))
        self.repository.publish()
        return pack(entries_for(self.repository.metadata, "pump", content))


@pytest.fixture
def release():
    return Release()


@pytest.fixture
def start_pump():
    started = []

    def start(order):
        pump = SimulatedPump(programs(), order)
        started.append(pump)
        pump.wait_until_ready()
        return pump

    if not (programs() / "pump-sim").exists():
        pytest.skip(f"no pump-sim in {programs()}: run `make build`, or set PUMP_BIN")
    yield start
    for pump in started:
        pump.end()


class Runner:
    """`pump-updated run` as a process whose lines can be waited for."""

    def __init__(self, device, sockets, *words):
        self.process = subprocess.Popen(
            [str(programs() / "pump-updated"), "run", "--state", str(device.state), "--run",
             str(sockets), "--healthy-after", "2", "--patience", "20", *words],
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.lines = []

    def wait_for(self, text):
        for line in self.process.stderr:
            self.lines.append(line)
            if text in line:
                return
        raise AssertionError(f"never '{text}', but {self.lines}")

    def end(self):
        # Its image as well: the session is its own.
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(10)


@pytest.fixture
def runner():
    runners = []

    def start(*arguments):
        runners.append(Runner(*arguments))
        return runners[-1]

    yield start
    for one in runners:
        if one.process.poll() is None:
            one.end()


def install(device, sockets):
    """Asks for what must be refused at once."""
    return device.run("install", "--run", str(sockets), "--wait", "1")


def audit(pump):
    """The pump's records so far, as the audit log has them."""
    shown = subprocess.run(
        [programs() / "pumpctl", "audit", "show", pump.run / "data/audit/1", "--last", "10000", "--json"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    return [json.loads(line) for line in shown.stdout.splitlines()]


def events(pump):
    """What happened; an alarm of a returned update has a name of its own."""
    return [record["event"] + ("Return" if record.get("subject") == RETURNED else "")
            for record in audit(pump)]


def wait_for_event(pump, name, count=1):
    deadline = time.monotonic() + 20
    while events(pump).count(name) < count:
        assert time.monotonic() < deadline, f"waited 20 s for {name}: {events(pump)}"
        time.sleep(0.05)


def press(pump, *keys):
    for key in keys:
        pump.press(key)
        time.sleep(0.3)


def agree(device, pump, keys=("start", "ok"), code=0):
    """`install`, answered by a person at the pump's panel."""
    before = events(pump).count("softwareOffered")
    asked = subprocess.Popen(
        [str(programs() / "pump-updated"), "install", "--state", str(device.state), "--run",
         str(pump.run), "--wait", "20" if code == 0 else "4"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    wait_for_event(pump, "softwareOffered", before + 1)
    # The panel hears what the log has, and shows it a moment later.
    sees(pump, "LEFT later")
    for key in keys:
        press(pump, key)
        if key == "start":
            sees(pump, "Install?")
    out, err = asked.communicate(timeout=30)
    assert asked.returncode == code, out + err
    return out + err


def test_SEC_038_SEC_315_v2_is_kept_and_v3_that_crashes_is_left(tmp_path, release, start_pump, runner):
    pump = start_pump("none")
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    assert device.take(release.bundle("6.0", 6, GOOD % b"6.0", security=4)) is None
    assert "agreed" in agree(device, pump)
    first = runner(device, pump.run)
    first.wait_for("starts 6.0 on trial")
    assert device.json("status")["floor"] == 3
    first.wait_for("confirmed 6.0")
    status = device.json("status")
    assert (status["running"]["version"], status["phase"], status["floor"]) == ("6.0", "idle", 4)
    first.end()

    assert device.take(release.bundle("7.0", 7, CRASH % b"7.0", security=5)) is None
    agree(device, pump)
    second = runner(device, pump.run)
    second.wait_for("starts 7.0 on trial")
    second.wait_for("returns from 7.0: it ended by itself")
    second.wait_for("starts 6.0")
    status = device.json("status")
    assert (status["running"]["version"], status["phase"], status["floor"]) == ("6.0", "idle", 4)
    assert [e["outcome"] for e in device.json("history")] == [
        "installed", "confirmed", "installed", "returned"]


@pytest.fixture
def attend():
    """`pump-updated attend`, as the unit runs it."""
    started = []

    def start(device, pump):
        started.append(subprocess.Popen(
            [str(programs() / "pump-updated"), "attend", "--state", str(device.state), "--run",
             str(pump.run)]))
        return started[-1]

    yield start
    for one in started:
        one.terminate()
        one.wait(10)


def test_SEC_035_RC_125_SRS_165_SYS_080_only_a_person_at_the_panel_agrees(
        tmp_path, release, start_pump, attend):
    pump = start_pump("none")
    device = Device(tmp_path, release.root)
    assert device.take(release.bundle("6.0", 6, GOOD % b"6.0")) is None
    # Another key than OK after START, and nobody: the image waits on.
    for keys in [("start", "up"), ("ok", "left", "left"), ()]:
        assert agree(device, pump, keys, code=1).endswith(
            "no-answer: nobody agreed at the panel within 4 s\n")
        assert device.json("status")["phase"] == "staged"
        pump.end()
        pump = start_pump("none")
    attend(device, pump)
    wait_for_event(pump, "softwareOffered")
    time.sleep(0.5)
    press(pump, "start", "ok")
    wait_for_event(pump, "softwareAgreed")
    assert device.json("status")["phase"] == "armed"
    # It was an answer to the updater and to nobody else.
    assert pump.state()["state"] == "standby"


def key_in(pump, *names):
    for name in names:
        pump.press(name, 0.07)
        time.sleep(0.07)


def keys(text):
    """The keys for digits: UP as often as each says, and RIGHT."""
    return [key for digit in text for key in ["up"] * int(digit) + ["right"]]


def sees(pump, text, seconds=10):
    return pump.wait(lambda now: shows(now["display"], text), seconds, f"'{text}' on the display")


def sign_in(pump, badge, pin):
    sees(pump, "LEFT to sign in")
    key_in(pump, "left", "ok", *keys(badge), "ok", *keys(pin), "ok")
    sees(pump, "Signed in")


def test_SEC_393_SRS_205_SYS_091_SEC_035_a_service_role_agrees_after_its_pin_and_nobody_else(
        tmp_path, release, start_pump, attend):
    pin = "739154"
    pump = start_pump("none")
    root = commission(pump, tmp_path)
    add(root, pump, tmp_path, "nurse", "clinician", badge="14", secret=pin)
    add(root, pump, tmp_path, "technician", "service", badge="21", secret=pin)
    device = Device(tmp_path, release.root)
    sign_in(pump, "14", pin)
    assert device.take(release.bundle("6.0", 6, GOOD % b"6.0")) is None
    attend(device, pump)
    # The nurse may not: the reason stands on the screen and the image waits on.
    sees(pump, "Update waits")
    key_in(pump, "start", "ok")
    sees(pump, "Not permitted now")
    # LEFT puts the offer off and opens the way to the menu.
    key_in(pump, "left", "left", "ok")
    sees(pump, "Signed off")
    sees(pump, "LEFT to sign in")
    key_in(pump, "left", "ok", *keys("21"), "ok", *keys(pin), "ok")
    sees(pump, "Signed in")
    assert device.json("status")["phase"] == "staged"
    # Another start of the updater offers again; the technician's PIN is asked for again.
    other = release.bundle("6.1", 7, GOOD % b"6.1")
    assert device.take(other) is None
    sees(pump, "6.1")
    key_in(pump, "start", "ok")
    sees(pump, "PIN again")
    sees(pump, "PIN again")
    key_in(pump, *keys(pin), "ok")
    sees(pump, "Update waits")
    assert device.json("status")["phase"] == "staged"
    key_in(pump, "start", "ok")
    wait_for_event(pump, "softwareAgreed")
    assert device.json("status")["phase"] == "armed"
    records = audit(pump)
    agreed, = [record for record in records if record.get("reference") == "update agreed"]
    signed = [record for record in records if record["event"] == "loginSucceeded"]
    # The technician, by the pseudonym of the listing; 3 is the role.
    assert agreed["role"] == 3 and agreed["person"] == signed[-1]["person"]
    denied = [record["person"] for record in records if record["event"] == "accessDenied"]
    assert denied == [signed[-2]["person"], signed[-1]["person"]]


def test_RC_126_RC_132_SRS_166_SRS_208_SYS_080_SEC_430_a_return_is_told_until_somebody_has_seen_it(
        tmp_path, release, start_pump, runner, attend):
    pump = start_pump("none")
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    assert device.take(release.bundle("6.0", 6, CRASH % b"6.0")) is None
    agree(device, pump)
    one = runner(device, pump.run)
    one.wait_for("returns from 6.0")
    pump.end()

    # The pump starts again, as it does after a return.
    pump = start_pump("none")
    first = attend(device, pump)
    wait_for_event(pump, "softwareReturned")
    wait_for_event(pump, "alarmRaisedReturn")
    # The lamp, the sound, and the list of alarms.
    pump.wait(lambda now: now["lamps"]["yellow"] and "updateReturned" in alarms(now), 5, "the alarm")
    pump.wait(lambda now: now["buzzerA"], 20, "its sound")
    listed = subprocess.run(
        [programs() / "pumpctl", "alarms", "--json", "--run", pump.run], capture_output=True, text=True,
        timeout=20, check=True).stdout
    assert "updateReturned" in listed, listed
    time.sleep(1.5)
    first.kill()
    first.wait(10)
    attend(device, pump)
    time.sleep(1.5)
    # On record once, whoever starts again, with the version and the code of why.
    assert events(pump).count("softwareReturned") == 1
    assert [record["reference"] for record in audit(pump) if record["event"] == "updateRolledBack"] == ["6.0 ended"]
    assert "alarmClearedReturn" not in events(pump)
    press(pump, "ok")
    wait_for_event(pump, "alarmClearedReturn")
    pump.wait(lambda now: not now["lamps"]["yellow"], 5, "the lamp to go out")
    time.sleep(1)
    assert pump.state()["state"] == "standby"
    assert events(pump).count("softwareReturned") == 1


def test_SEC_401_SRS_216_RC_080_each_refused_bundle_is_on_the_audit_log(tmp_path, release, start_pump, attend):
    device = Device(tmp_path, release.root)
    good = release.bundle("6.0", 6, GOOD % b"6.0")
    # Refused while no service runs: told as soon as one does.
    codes = [device.take(good[:-1]), device.take(b"no bundle"),
             device.take(release.bundle("5.1", 1, GOOD % b"5.1")), device.take(good[:-1] + b"x")]
    assert all(codes), codes
    pump = start_pump("none")
    first = attend(device, pump)
    deadline = time.monotonic() + 30

    def recorded():
        return [(record["number"], record["reference"], record["outcome"], record["source"])
                for record in audit(pump) if record["event"] == "updateRefused"]

    wanted = [(number, code, "refused", "updater") for number, code in enumerate(codes, 1)]
    while recorded() != wanted:
        assert time.monotonic() < deadline, (recorded(), wanted)
        time.sleep(0.1)
    # Who starts again tells none of them twice, and the next one goes on counting.
    time.sleep(2)
    first.kill()
    first.wait(10)
    attend(device, pump)
    wanted.append((5, device.take(b"still none"), "refused", "updater"))
    while recorded() != wanted:
        assert time.monotonic() < deadline, (recorded(), wanted)
        time.sleep(0.1)
    time.sleep(2)
    assert recorded() == wanted


def test_SEC_378_SEC_401_a_bundle_that_check_refuses_is_on_the_audit_log(
        tmp_path, release, start_pump, attend):
    pump = start_pump("none")
    device = Device(tmp_path, release.root)
    good = release.bundle("6.0", 6, GOOD % b"6.0")
    device.bundle.write_bytes(b"no bundle")
    assert device.run("check", str(device.bundle)).stderr.startswith("not-a-bundle: ")
    device.bundle.write_bytes(release.bundle("5.1", 1, GOOD % b"5.1"))
    assert device.run("check", str(device.bundle)).stderr.startswith("old-release: ")
    # What is good is no news, and what is not there is no bundle.
    device.bundle.write_bytes(release.bundle("6.1", 7, GOOD % b"6.0"))
    assert device.run("check", str(device.bundle)).returncode == 0
    assert device.run("check", str(tmp_path / "nothing")).stderr.startswith("not-found: ")
    assert device.take(good) == "rollback"
    attend(device, pump)
    wait_for_event(pump, "updateRefused", 3)
    assert [(record["number"], record["reference"]) for record in audit(pump)
            if record["event"] == "updateRefused"] == [
        (1, "not-a-bundle"), (2, "old-release"), (3, "rollback")]


def test_SEC_034_SEC_402_an_image_that_was_changed_where_it_lies_is_not_started(tmp_path, release, start_pump):
    pump = start_pump("none")
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    image = device.state / "a" / "image"
    image.write_bytes(image.read_bytes().replace(b"sleep", b"sheep"))
    done = device.run("run", "--run", str(pump.run))
    assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith("wrong-hash"), done.stderr


def test_SEC_385_SEC_310_a_floor_behind_a_tpm_is_not_lowered_by_another_file(tmp_path, release):
    tpm = TPM(tmp_path / "tpm")
    try:
        (tmp_path / "root.json").write_bytes(release.root)
        (tmp_path / "image").write_bytes(GOOD % b"5.0")
        bundle = tmp_path / "bundle"

        def run(*words, floor=tpm.root):
            return subprocess.run(
                [programs() / "pump-updated", *words, "--state", tmp_path / "state", "--floor", floor],
                capture_output=True, text=True, timeout=60)

        given = run("provision", "--root", tmp_path / "root.json", "--image", tmp_path / "image",
                    "--version", "5.0", "--release", "5", "--security", "3")
        assert given.returncode == 0, given.stderr
        record = tmp_path / "state" / "floors"
        good = record.read_bytes()
        assert json.loads(run("status", "--json").stdout)["floor"] == 3
        bundle.write_bytes(release.bundle("6.0", 6, GOOD % b"6.0", security=2))
        assert run("take", bundle).stderr.startswith("insecure-version: ")
        # Lowered in the file, and removed: neither is a floor.
        record.write_bytes(good.replace(b'"firmware":3', b'"firmware":1'))
        assert run("take", bundle).stderr.startswith("floor: ")
        record.unlink()
        assert run("take", bundle).stderr.startswith("floor: ")
        record.write_bytes(good)
        bundle.write_bytes(release.bundle("6.1", 7, GOOD % b"6.1", security=3))
        assert run("take", bundle).returncode == 0
        tpm.stop()
        assert run("status").stderr.splitlines()[-1].startswith("floor: ")
        assert run("status", floor="tpm").returncode == 2
    finally:
        tpm.stop()


def test_SEC_315_an_image_that_cannot_be_started_is_left(tmp_path, release, start_pump, runner):
    pump = start_pump("none")
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    assert device.take(release.bundle("6.0", 6, b"\x00 not a program")) is None
    agree(device, pump)
    one = runner(device, pump.run)
    one.wait_for("returns from 6.0")
    one.wait_for("starts 5.0")


def test_SEC_317_an_update_during_an_infusion_changes_nothing(
        tmp_path, release, start_pump, runner):
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    device.bundle.write_bytes(release.bundle("6.0", 6, GOOD % b"6.0" + b"#" * 30_000_000))
    # What the test itself wrote is on its medium before the therapy: what is left is the pump's own work.
    os.sync()
    pump = start_pump("demo")
    pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
    before = pump.state()
    assert device.run("take", str(device.bundle)).returncode == 0
    done = install(device, pump.run)
    assert done.returncode == 1 and done.stderr.startswith("therapy: "), done.stderr
    assert device.json("status")["phase"] == "staged"
    time.sleep(1)
    after = pump.state()
    assert after["state"] == "infusing" and after["motorPowered"], brief(after)
    expected = 5 / 3600 * (after["time"] - before["time"])
    assert after["delivered"] - before["delivered"] == pytest.approx(expected, rel=0.1)


@pytest.mark.slow
def test_SEC_317_bundles_that_are_checked_and_taken_in_make_no_cycle_late(tmp_path, release, start_pump):
    pump = start_pump("demo")
    pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
    bundle = release.bundle("6.0", 6, GOOD % b"6.0" + os.urandom(1 << 20) * 60)
    # A bundle is taken in once: each turn has a device of its own.
    devices = []
    for turn in range(10):
        (tmp_path / str(turn)).mkdir()
        devices.append(Device(tmp_path / str(turn), release.root, GOOD % b"5.0"))
        devices[-1].bundle.write_bytes(bundle)
    # What was written is on its medium before anything is counted.
    os.sync()
    time.sleep(12)
    counts, works, before = {"calm": 0, "loaded": 0}, 0, pump.state()
    for turn in range(20):
        # In turns, so that the neighbours of a shared machine are there for both.
        kind, start, end = ("calm", "loaded")[turn % 2], late(audit(pump)), time.monotonic() + 3
        if kind == "loaded":
            device = devices[turn // 2]
            assert device.run("take", str(device.bundle)).returncode == 0
        while (left := end - time.monotonic()) > 0:
            if kind == "loaded":
                # The same release again: it is read and verified whole before anything is said of it.
                device.run("check", str(device.bundle))
                works += 1
            else:
                time.sleep(left)
        now = pump.state()
        assert now["state"] == "infusing" and now["motorPowered"], brief(now)
        counts[kind] += late(audit(pump)) - start
    after = pump.state()
    delivered = after["truth"]["delivered"] - before["truth"]["delivered"]
    assert delivered == pytest.approx(5 / 3600 * (after["time"] - before["time"]), rel=0.02)
    print(f"{works} checks and 10 bundles taken in; {counts['calm']} cycles late without, {counts['loaded']} with")
    assert works >= 50
    assert may_be_chance(counts["calm"], counts["loaded"])


def test_SEC_317_an_agreed_image_is_not_tried_during_an_infusion(
        tmp_path, release, start_pump, runner):
    pump = start_pump("none")
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    assert device.take(release.bundle("6.0", 6, GOOD % b"6.0")) is None
    agree(device, pump)
    pump.end()
    busy = start_pump("demo")
    busy.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
    one = runner(device, busy.run)
    one.wait_for("starts 5.0")
    assert device.json("status")["phase"] == "armed"


def test_SEC_317_a_pump_that_does_not_answer_is_not_updated(tmp_path, release):
    device = Device(tmp_path, release.root)
    assert device.take(release.bundle("6.0", 6, GOOD % b"6.0")) is None
    done = install(device, tmp_path / "nowhere")
    assert done.returncode == 1 and done.stderr.startswith("no-answer: ")


def test_SEC_314_memory_is_bounded_for_an_image_of_any_size(tmp_path, release):
    def peak(size):
        folder = tmp_path / str(size)
        folder.mkdir()
        one = Release()
        device = Device(folder, one.root)
        device.bundle.write_bytes(one.bundle("6.0", 6, b"x" * size))
        log = folder / "peak"
        subprocess.run(
            ["/usr/bin/env", "python3", "-c",
             "import resource,subprocess,sys;"
             "code=subprocess.run(sys.argv[2:],stdout=subprocess.DEVNULL).returncode;"
             "open(sys.argv[1],'w').write(str(resource.getrusage("
             "resource.RUSAGE_CHILDREN).ru_maxrss));sys.exit(code)", str(log),
             str(programs() / "pump-updated"), "take", "--state", str(device.state),
             str(device.bundle)], check=True, timeout=120)
        return int(log.read_text())

    small, large = peak(1_000), peak(100_000_000)
    assert large - small < 16 * 1024, f"{small} and {large} KiB"


def test_pumpctl_update_is_the_way_of_a_person(tmp_path, release):
    if not (programs() / "pumpctl").exists():
        pytest.skip(f"no pumpctl in {programs()}")
    device = Device(tmp_path, release.root)

    def ctl(*words):
        return subprocess.run([str(programs() / "pumpctl"), "update", *words],
                              capture_output=True, text=True, timeout=60)

    device.bundle.write_bytes(release.bundle("6.0", 6, GOOD % b"6.0"))
    state = ["--state", str(device.state)]
    checked = ctl("check", str(device.bundle), *state, "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["version"] == "6.0"
    assert json.loads(ctl("status", *state, "--json").stdout)["phase"] == "idle"
    assert ctl("take", str(device.bundle), *state).returncode == 0
    assert json.loads(ctl("status", *state, "--json").stdout)["phase"] == "staged"
    assert ctl("rollback", *state).returncode == 0
    assert [e["outcome"] for e in json.loads(ctl("history", *state, "--json").stdout)] == [
        "installed", "discarded"]
    again = ctl("rollback", *state)
    assert again.returncode == 1 and again.stderr.startswith("not-now: ")
    assert ctl("run", *state).returncode == 2
