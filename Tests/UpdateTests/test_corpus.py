# SPDX-License-Identifier: Apache-2.0
"""The seeded attacks and evolutions of the release tools, against the device's intake."""

import json
import os
import pathlib
import subprocess
import sys
import time
from datetime import datetime, timezone

import pytest
from release_tools import corpus
from tuf_server import programs

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from simulated_pump import SimulatedPump  # noqa: E402

SEED = os.environ.get("PUMP_SEED", "1")
NOW = datetime.now(timezone.utc).replace(microsecond=0)


class Device:
    """A provisioned state folder and the program that may write it."""

    def __init__(self, folder, root, image=b"the running image"):
        self.state = folder / "state"
        (folder / "root.json").write_bytes(root)
        (folder / "image").write_bytes(image)
        self.bundle = folder / "bundle"
        running = corpus.RUNNING
        done = self.run("provision", "--root", str(folder / "root.json"), "--image",
                        str(folder / "image"), "--version", running["version"], "--release",
                        str(running["release"]), "--security", str(running["security"]))
        assert done.returncode == 0, done.stderr

    def run(self, command, *words):
        return subprocess.run(
            [str(programs() / "pump-updated"), command, "--state", str(self.state), *words],
            capture_output=True, text=True, timeout=60)

    def take(self, bundle):
        """The code of the refusal, or None when it was taken."""
        self.bundle.write_bytes(bundle)
        done = self.run("take", str(self.bundle))
        assert done.returncode in (0, 1), done.stderr
        return done.stderr.splitlines()[-1].split(": ")[0] if done.returncode else None

    def json(self, command):
        return json.loads(self.run(command, "--json").stdout)

    def journal(self):
        return json.loads((self.state / "journal").read_bytes())

    def count_from(self, number):
        """As if it had refused so many bundles before."""
        text = (self.state / "journal").read_text()
        assert text.count('"refused":0,') == 1
        (self.state / "journal").write_text(text.replace('"refused":0,', f'"refused":{number},'))
        self.first = number + 1

    def running(self):
        return (self.state / "a" / "image").read_bytes()


@pytest.fixture(autouse=True)
def built():
    if not (programs() / "pump-updated").exists():
        pytest.skip(f"no pump-updated in {programs()}: run `make build`, or set PUMP_BIN")


class Log:
    """The audit log of running pumps, to which each device in turn tells what it refused.

    The service has room for 32 refusals at once (SEC-379), so that a pump serves four classes.
    """

    def __init__(self):
        self.pump = self.attending = self.device = None
        self.told = 0
        self.wanted = []

    def begin(self):
        if self.pump and self.told > 25:
            self.end()
        if not self.pump:
            self.pump = SimulatedPump(programs(), "none")
            self.pump.wait_until_ready()
            self.told = 0
        self.wanted = []

    def tell(self, device, code):
        """Lets the device tell its refusal while the next case is made."""
        self.finish()
        self.told += 1
        self.wanted.append((device.first, code))
        self.device = device
        self.attending = subprocess.Popen(
            [str(programs() / "pump-updated"), "attend", "--state", str(device.state), "--run",
             str(self.pump.run)])

    def finish(self):
        """Until the device heard that its refusal is on record."""
        if not self.attending:
            return
        deadline = time.monotonic() + 30
        while self.device.journal()["untold"]:
            assert time.monotonic() < deadline and self.attending.poll() is None, self.wanted
            time.sleep(0.02)
        self.quiet()

    def quiet(self):
        if self.attending:
            self.attending.terminate()
            self.attending.wait(10)
            self.attending = None

    def recorded(self):
        self.finish()
        shown = subprocess.run(
            [programs() / "pumpctl", "audit", "show", self.pump.run / "data/audit/1", "--last", "10000",
             "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=True)
        records = [json.loads(line) for line in shown.stdout.splitlines()]
        numbers = {number for number, _ in self.wanted}
        return [(record["number"], record["reference"]) for record in records
                if record["event"] == "updateRefused" and record["outcome"] == "refused"
                and record["number"] in numbers]

    def end(self):
        self.quiet()
        if self.pump:
            self.pump.end()
            self.pump = None


@pytest.fixture(scope="module")
def log():
    if not (programs() / "pump-sim").exists():
        pytest.skip(f"no pump-sim in {programs()}: run `make build`, or set PUMP_BIN")
    log = Log()
    yield log
    log.end()


@pytest.mark.parametrize("make", corpus.CLASSES, ids=lambda make: make.__name__)
def test_SEC_300_SEC_301_SEC_302_SEC_305_SEC_306_SEC_312_SEC_314_SEC_401_attacks_are_refused(
        tmp_path, make, log):
    count = 0
    log.begin()
    for number in range(7):
        world = corpus.World(SEED, f"{make.__name__}/{number}", NOW)
        world.before_also = []
        bundle, codes = make(world)
        folder = tmp_path / str(number)
        folder.mkdir()
        device = Device(folder, world.root)
        for before in [world.before] + world.before_also:
            assert device.take(before) is None
        # A number of its own for the record of each case.
        device.count_from(100 * corpus.CLASSES.index(make) + number)
        code = device.take(bundle)
        assert code in codes, f"{make.__name__} {number}: {code}, not {codes}"
        status = device.json("status")
        # The running version, its content and the floor are kept, and the refusal is remembered.
        assert status["running"]["version"] == "5.0" and status["floor"] == 3
        assert device.running() == b"the running image"
        assert device.json("history")[-1] == {
            "version": "-", "outcome": "refused", "code": code, "reason": code}
        log.tell(device, code)
        count += 1
    # Each is on the audit log of the pump, once, with its reason.
    assert log.recorded() == log.wanted
    assert count == 7


def test_the_corpus_has_at_least_two_hundred_cases():
    assert len(corpus.CLASSES) * 7 >= 200


@pytest.mark.parametrize("number", range(len(corpus.EVOLUTIONS)),
                         ids=[make.__name__ for make in corpus.EVOLUTIONS])
def test_SEC_304_valid_evolutions_are_taken(tmp_path, number):
    world, case = list(corpus.evolutions(SEED, NOW))[number]
    device = Device(tmp_path, world.root)
    for before in case.before:
        assert device.take(before) is None
    assert device.take(case.bundle) is None
    status = device.json("status")
    assert status["phase"] == "staged" and status["candidate"]["version"] == "6.0"
    assert (device.state / "b" / "image").read_bytes() == world.content


def test_an_unprovisioned_device_takes_nothing(tmp_path):
    done = subprocess.run(
        [str(programs() / "pump-updated"), "status", "--state", str(tmp_path)],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.startswith("not-provisioned: ")
