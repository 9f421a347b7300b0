# SPDX-License-Identifier: Apache-2.0
"""The check before the start, with real processes: one byte of one file is another one."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

from panel_text import shows
from simulated_pump import DAEMONS, ROOT, SimulatedPump, alarms, brief, programs

sys.path.insert(0, str(ROOT / "Hardware/Deploy"))
import signed_manifest  # pylint: disable=wrong-import-position

COPIED = [*DAEMONS, "pump-verify"]


class Device:
    """A folder with the device's programs and a data file, and their signed list."""

    def __init__(self, folder):
        self.folder, self.pump = folder, None
        for name in COPIED:
            subprocess.run(
                ["strip", "--strip-unneeded", "-o", folder / name, programs() / name], check=True)
        # The simulator finds the programs beside itself.
        shutil.copy(programs() / "pump-sim", folder / "pump-sim")
        for resources in programs().glob("*.resources"):
            os.symlink(resources, folder / resources.name)
        (folder / "table").write_text("a data file\n", encoding="ascii")
        self.key = folder / "key.pem"
        subprocess.run(
            ["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key], check=True,
            stderr=subprocess.DEVNULL)
        self.sign()

    def sign(self):
        paths = {str(self.folder / name)[1:]: str(self.folder / name)[1:] for name in [*COPIED, "table"]}
        text = signed_manifest.listed(pathlib.Path("/"), paths, "0.1.0")
        (self.folder / "manifest").write_text(signed_manifest.sign(text, self.key), encoding="ascii")
        (self.folder / "manifest.pub").write_text(signed_manifest.public(self.key), encoding="ascii")

    def flip(self, name):
        """Another bit in the midst of a file; its old bytes come back with the context's end."""
        path = self.folder / name
        content = path.read_bytes()
        place = len(content) // 2
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
        return content

    def start(self, order="none"):
        self.pump = SimulatedPump(
            self.folder, order, options=[
                "--manifest", self.folder / "manifest", "--manifest-key", self.folder / "manifest.pub"])
        self.pump.wait_until_ready()
        return self.pump

    def verdict(self):
        return (self.pump.run / "verdict").read_text(encoding="ascii")

    def records(self, event):
        """The records of an event, as soon as there is one."""
        deadline = time.monotonic() + 20
        while True:
            done = subprocess.run(
                [programs() / "pumpctl", "audit", "show", self.pump.run / "data/audit/1", "--last", "10000",
                 "--json"], capture_output=True, text=True, timeout=20, check=False)
            found = [record for record in map(json.loads, done.stdout.splitlines()) if record["event"] == event]
            if found:
                return found
            assert time.monotonic() < deadline, f"no {event}: {done.stdout}{done.stderr}"
            time.sleep(0.1)

    def end(self):
        if self.pump:
            self.pump.end()
            self.pump = None


@pytest.fixture(name="whole", scope="module")
def whole_device(tmp_path_factory):
    if not (programs() / "pump-verify").exists():
        pytest.skip("no pump-verify: run `make build`")
    return Device(tmp_path_factory.mktemp("device"))


@pytest.fixture(name="device")
def device_that_ends(whole):
    kept = {name: (whole.folder / name).read_bytes() for name in ["manifest", "manifest.pub"]}
    yield whole
    whole.end()
    for name, content in kept.items():
        (whole.folder / name).write_bytes(content)


def assert_no_therapy(device, reason):
    """Nobody can start anything, and the panel says why."""
    pump = device.pump
    environment = dict(os.environ, PUMP_RUN=str(pump.run))
    for words in (["program", "--rate", "5 mL/h", "--vtbi", "10 mL"], ["start"]):
        done = subprocess.run(
            [programs() / "pumpctl", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            check=False, env=environment)
        assert done.returncode != 0, done.stdout
    pump.press("confirm")
    states = pump.watch(2)
    assert not any(now["motorPowered"] for now in states), brief(states[-1])
    assert not any(now["state"] in ("starting", "infusing") for now in states), brief(states[-1])
    if reason:
        pump.wait(lambda now: shows(now["display"], reason), 10, f"'{reason}' on the panel")


def test_SYS_086_SRS_215_SEC_034_a_device_as_it_was_signed_infuses_and_says_so_on_record(device):
    pump = device.start("demo")
    pump.wait(lambda now: now["state"] == "infusing" and now["motorPowered"], 20, "the demonstration order")
    assert device.verdict() == "pump-verdict 1\nas-signed 0.1.0\n"
    assert device.records("startVerified")[0]["reference"] == "0.1.0"


@pytest.mark.parametrize("name", ["table", "pump-verify"])
def test_SYS_086_SRS_215_SEC_034_RC_140_a_changed_file_keeps_the_pump_from_therapy_and_the_panel_names_it(device, name):
    before = device.flip(name)
    try:
        pump = device.start()
        assert device.verdict() == f"pump-verdict 1\nchanged {device.folder / name}\n"
        pump.wait(lambda now: "softwareUnproved" in alarms(now) and now["state"] == "faulted", 10, "the alarm")
        assert_no_therapy(device, f"file {name}")
        assert shows(pump.state()["display"], "Software not proved")
        refused = device.records("startRefused")[0]
        assert refused["reference"] == str(device.folder / name) and refused["outcome"] == "refused"
    finally:
        device.end()
        (device.folder / name).write_bytes(before)


@pytest.mark.parametrize("name", DAEMONS)
def test_SEC_034_RC_140_RC_141_one_byte_of_a_daemon_is_another_and_it_is_not_started(device, name):
    before = device.flip(name)
    try:
        pump = device.start()
        states = {process["name"]: process["state"] for process in pump.state()["processes"]}
        assert states.pop(name) == "not started: not as signed"
        assert all(state.startswith("running") for state in states.values()), states
        if name != "pump-controld":
            pump.wait(lambda now: "softwareUnproved" in alarms(now), 10, "the alarm")
        # A panel that is not the one that was signed shows nothing.
        assert_no_therapy(device, None if name == "pump-paneld" else f"file {name}")
        if name != "pump-serviced":
            assert device.records("startRefused")[0]["reference"] == str(device.folder / name)
    finally:
        device.end()
        (device.folder / name).write_bytes(before)


def test_SEC_034_SEC_400_a_list_that_is_not_signed_proves_nothing(device):
    device.flip("manifest")
    pump = device.start()
    assert device.verdict() == "pump-verdict 1\nunproved manifest not signed\n"
    pump.wait(lambda now: "softwareUnproved" in alarms(now), 10, "the alarm")
    assert_no_therapy(device, "manifest not signed")
    assert device.records("startRefused")[0]["reference"] == "manifest not signed"


def test_SRS_211_a_verdict_that_is_asked_for_and_missing_keeps_the_pump_from_therapy(device):
    (device.folder / "manifest").unlink()
    device.start()
    assert device.verdict() == "pump-verdict 1\nunproved no manifest\n"
    assert_no_therapy(device, "no manifest")
