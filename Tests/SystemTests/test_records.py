# SPDX-License-Identifier: Apache-2.0
"""The service's records in real processes: sealed on the medium, and no reason to stop an infusion."""

import resource
import signal
import time

import pytest

from simulated_pump import alarms, brief


def still_infuses(pump, seconds):
    """Whether the order goes on, by what the pump says and delivers."""
    states = pump.watch(seconds)
    if any(now["state"] != "infusing" for now in states):
        return False
    first, last = states[0], states[-1]
    expected = 5 / 3600 * (last["time"] - first["time"])
    return last["delivered"] - first["delivered"] == pytest.approx(expected, rel=0.25)


def files(pump):
    """Every file of the store, the keys and the simulator's root of trust."""
    data = pump.run / "data"
    return [path for pattern in ("records.sqlite*", "keys/*", "simulated-root/*")
            for path in data.glob(pattern) if path.is_file()]


def wait_for_records(pump):
    """Waits until the store is there and the demonstration order runs, or has ended."""
    deadline = time.monotonic() + 20
    while not (pump.run / "data" / "records.sqlite").exists():
        assert time.monotonic() < deadline, "no store after 20 s"
        time.sleep(0.1)
    pump.wait(lambda now: now["state"] in ("infusing", "halted", "faulted"), 20, "the order")


def a_full_medium_alarms_alone(pump):
    """Lets the service's medium fail and heal; False when the pump did not come to infuse before."""
    wait_for_records(pump)
    if not still_infuses(pump, 1):
        return False
    assert "serviceLost" not in alarms(pump.state())
    # No file of the service may grow or change any more, as on a full or read-only medium.
    pid = pump.pid("pump-serviced")
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    # Something happens that is to be kept.
    pump.knob("mains.present", 0)
    pump.wait(lambda now: "serviceLost" in alarms(now), 60, "the alarm serviceLost")
    assert still_infuses(pump, 2), brief(pump.state())
    assert pump.pid("pump-serviced") == pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    pump.wait(lambda now: "serviceLost" not in alarms(now), 60, "the records to go on")
    assert still_infuses(pump, 2), brief(pump.state())
    return True


def test_RC_065_SYS_050_a_full_medium_alarms_and_the_infusion_goes_on(start_pump):
    """A starved machine may keep the pump from starting, which is tried again; an infusion that ends once
    the medium has failed is a failure, the first time."""
    assert any(a_full_medium_alarms_alone(start_pump("demo")) for _ in range(5))


def test_SEC_022_no_record_of_an_infusion_can_be_read_from_the_files(start_pump):
    pump = start_pump("demo")
    wait_for_records(pump)
    pump.knob("mains.present", 0)
    pump.wait(lambda now: alarms(now), 60, "an alarm to be kept")
    time.sleep(1)
    # What a power cut leaves, not what a tidy end leaves.
    pump.signal("pump-serviced", signal.SIGKILL)
    found = files(pump)
    assert {path.name for path in found} >= {"records.sqlite", "records.sqlite-wal", "keys"}
    for path in found:
        content = path.read_bytes()
        for canary in (b"onBattery", b"alarmRaised", b"confirmed", b"control", b'"kind"'):
            assert canary not in content, f"{canary} in {path.name}"
    # The plain list, which the simulator keeps beside it, shows what was searched for.
    plain = (pump.run / "data" / "events.jsonl").read_bytes()
    assert b"confirmed" in plain and b"alarmRaised" in plain
