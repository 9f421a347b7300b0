# SPDX-License-Identifier: Apache-2.0
"""An infusion under load at the network: the plant's volume, the deadlines and STOP as without it."""

import multiprocessing
import os
import pathlib
import queue
import re
import resource
import signal
import time

import pytest

import crowd
from door import records, until
from late_cycles import late, may_be_chance
from people import PASSWORD, add
from simulated_pump import ROOT

# Seconds of each part; 100 cycles each.
CALM = LOADED = 20
# What the unit allows the gateway.
UNIT = (ROOT / "Hardware/Deploy/systemd/pump-gatewayd.service").read_text(encoding="utf-8")
MOST_FILES = int(re.search(r"^LimitNOFILE=(\d+)$", UNIT, re.MULTILINE)[1])
MOST_MEMORY = int(re.search(r"^MemoryMax=(\d+)M$", UNIT, re.MULTILINE)[1]) << 20
RATE = 100


@pytest.fixture(name="ward", scope="module")
def infusing_door(new_door):
    door = new_door()
    door.provision(nodes=("node.test", "other.test", "watch.test"))
    door.root("step-up", typed=[PASSWORD])
    door.nurse = add(door.root, door.pump, door.folder, "nurse", "clinician")
    return door


def infuse(door):
    """The order runs, and slack and compliance of drive and line are behind it."""
    pump = door.pump
    if pump.state()["state"] == "standby":
        door.nurse.sign_in()
        door.nurse("program", "--rate", f"{RATE} mL/h", "--vtbi", "45 mL")
    door.nurse("start")
    pump.wait(lambda now: now["state"] == "awaitingConfirm", 5, "the read-back")
    time.sleep(0.5)
    pump.press("confirm")
    pump.wait(lambda now: now["state"] == "infusing", 15, "the order to run")
    time.sleep(12)


def observed(door, seconds, machine):
    """Volume to the patient in mL, seconds of the pump, and missed cycles of a time in which the infusion went on."""
    count, before = late(records(door, None)), door.pump.state()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.5)
        now = door.pump.state()
        assert now["state"] == "infusing" and now["motorPowered"] and not now["alarms"], (
            now["alarms"], f"the machine itself stood still for {machine.stood_still()} ms")
    after = door.pump.state()
    return (after["truth"]["delivered"] - before["truth"]["delivered"], after["time"] - before["time"],
            late(records(door, None)) - count)


def report(done, work, stop, arguments):
    done.put((work.__name__, work(stop, *arguments)))


class Load:
    """Processes that load the door until they are told to stop."""

    def __init__(self, *works):
        self.stop, self.done = multiprocessing.Event(), multiprocessing.Queue()
        self.processes = [
            multiprocessing.Process(target=report, args=(self.done, work, self.stop, arguments), daemon=True)
            for work, *arguments in works]

    def __enter__(self):
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.said = []
        for _ in self.processes:
            try:
                self.said.append(self.done.get(timeout=30))
            except queue.Empty:
                break
        for process in self.processes:
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()


def killed_again_and_again(stop, run):
    """Kills the gateway as soon as it is there."""
    done = {"killed": 0}
    while not stop.is_set():
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and is_gateway(entry, run):
                try:
                    os.kill(int(entry.name), signal.SIGKILL)
                    done["killed"] += 1
                except ProcessLookupError:
                    pass
        time.sleep(0.2)
    return done


def is_gateway(entry, run):
    try:
        words = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(b"/pump-gatewayd") and run.encode() in words


def works(door, kind):
    node, other = door.node("node.test"), door.node("other.test")
    return {
        "requests": [(crowd.requests, door.port, node), (crowd.requests, door.port, node),
                     (crowd.requests, door.port, other)],
        "slow": [(crowd.slow, door.port, node)],
        "ten thousand connections": [(crowd.ten_thousand, door.port)],
        "malformed": [(crowd.malformed, door.port, node, 1), (crowd.malformed, door.port, other, 2)],
        "kill -9": [(killed_again_and_again, str(door.pump.run))],
    }[kind]


LEAST = {"requests": ("answered", 300), "slow": ("sent away", 50), "ten thousand connections": ("at once", 10_000),
         "malformed": ("of strangers", 1_000), "kill -9": ("killed", 3)}


def stop_at_the_key(pump):
    """The pump's seconds from the press of STOP until the motor has no power."""
    before = pump.state()
    pump.key("stop", True)
    after = pump.wait(lambda now: not now["motorPowered"], 3, "the motor to lose its power")
    pump.key("stop", False)
    return after["time"] - before["time"]


def memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmHWM")


@pytest.mark.slow
@pytest.mark.parametrize("kind", LEAST)
def test_SYS_088_SYS_083_SRS_190_an_infusion_under_load_is_as_without(ward, machine, kind):
    door, pump = ward, ward.pump
    infuse(door)
    volume, seconds, calm = observed(door, CALM, machine)
    assert volume == pytest.approx(RATE / 3600 * seconds, rel=0.02)
    gateway = pump.pid("pump-gatewayd")
    resource.prlimit(gateway, resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with Load(*works(door, kind)) as load:
        time.sleep(1)
        volume, seconds, loaded = observed(door, LOADED, machine)
        assert volume == pytest.approx(RATE / 3600 * seconds, rel=0.02)
        stopped = stop_at_the_key(pump)
    print(f"{kind}: {load.said}; {volume:.3f} mL in {seconds:.1f} s; missed {calm} calm, {loaded} loaded; "
          f"STOP {stopped:.3f} s; the machine itself stood still for {machine.stood_still()} ms")
    assert stopped <= 0.3
    assert may_be_chance(calm, loaded)
    name, least = LEAST[kind]
    assert sum(said[name] for _, said in load.said) >= least, load.said
    if kind != "kill -9":
        assert pump.pid("pump-gatewayd") == gateway
        print(f"{kind}: {memory(gateway) >> 20} MiB at the most")
        assert memory(gateway) < MOST_MEMORY
    until(lambda: not door.refuses(door.node("watch.test")), "a node to be let in again", 20)
