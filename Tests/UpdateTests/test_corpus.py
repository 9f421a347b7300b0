# SPDX-License-Identifier: Apache-2.0
"""The seeded attacks and evolutions of the release tools, against the device's intake."""

import json
import os
import subprocess
from datetime import datetime, timezone

import pytest
from release_tools import corpus
from tuf_server import programs

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

    def running(self):
        return (self.state / "a" / "image").read_bytes()


@pytest.fixture(autouse=True)
def built():
    if not (programs() / "pump-updated").exists():
        pytest.skip(f"no pump-updated in {programs()}: run `make build`, or set PUMP_BIN")


@pytest.mark.parametrize("make", corpus.CLASSES, ids=lambda make: make.__name__)
def test_SEC_300_SEC_301_SEC_302_SEC_305_SEC_306_SEC_312_SEC_314_attacks_are_refused(
        tmp_path, make):
    count = 0
    for number in range(7):
        world = corpus.World(SEED, f"{make.__name__}/{number}", NOW)
        world.before_also = []
        bundle, codes = make(world)
        folder = tmp_path / str(number)
        folder.mkdir()
        device = Device(folder, world.root)
        for before in [world.before] + world.before_also:
            assert device.take(before) is None
        code = device.take(bundle)
        assert code in codes, f"{make.__name__} {number}: {code}, not {codes}"
        status = device.json("status")
        # The running version, its content and the floor are kept, and the refusal is remembered.
        assert status["running"]["version"] == "5.0" and status["floor"] == 3
        assert device.running() == b"the running image"
        assert device.json("history")[-1] == {
            "version": "-", "outcome": "refused", "reason": code}
        count += 1
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
