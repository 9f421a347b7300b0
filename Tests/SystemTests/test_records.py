# SPDX-License-Identifier: Apache-2.0
"""The service's records in real processes: sealed on the medium, and no reason to stop an infusion."""

import json
import os
import resource
import shutil
import signal
import subprocess
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding

from simulated_pump import alarms, brief, programs


def still_infuses(pump, seconds):
    """Whether the order goes on, by what the pump says and delivers."""
    states = pump.watch(seconds)
    if any(now["state"] != "infusing" for now in states):
        return False
    first, last = states[0], states[-1]
    expected = 5 / 3600 * (last["time"] - first["time"])
    return last["delivered"] - first["delivered"] == pytest.approx(expected, rel=0.25)


def files(pump):
    """Every file below the data folder."""
    return [path for path in (pump.run / "data").rglob("*") if path.is_file()]


def wait_for_records(pump):
    """Waits until the store is there and the demonstration order runs, or has ended."""
    deadline = time.monotonic() + 20
    while not (pump.run / "data" / "records.sqlite").exists():
        assert time.monotonic() < deadline, "no store after 20 s"
        time.sleep(0.1)
    pump.wait(lambda now: now["state"] in ("infusing", "halted", "faulted"), 20, "the order")


def test_RC_065_SYS_050_a_full_medium_alarms_and_the_infusion_goes_on(pump):
    wait_for_records(pump)
    assert still_infuses(pump, 1), brief(pump.state())
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
