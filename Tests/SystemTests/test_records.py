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
    assert {path.name for path in found} >= {
        "records.sqlite", "records.sqlite-wal", "keys", "checkpoints", "records-000000000000"}
    for path in found:
        content = path.read_bytes()
        for canary in (b"onBattery", b"alarmRaised", b"confirmed", b"control", b'"kind"'):
            assert canary not in content, f"{canary} in {path.name}"
    # What was searched for did happen, as the audit log has it in numbers.
    shown = subprocess.run(
        [programs() / "pumpctl", "audit", "show", pump.run / "data" / "audit" / "1", "--last", "10000",
         "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=True)
    assert {"confirmed", "alarmRaised"} <= {
        json.loads(line)["event"] for line in shown.stdout.splitlines()}


def test_SEC_022_SEC_023_a_core_dump_of_the_service_holds_no_key(start_pump, tmp_path):
    if shutil.which("gcore") is None:
        pytest.skip("gcore of the package gdb makes the core dump")
    pump = start_pump("demo")
    wait_for_records(pump)
    pid = pump.pid("pump-serviced")
    made = subprocess.run(
        ["gcore", "-o", tmp_path / "core", str(pid)], capture_output=True, text=True, timeout=120,
        check=False)
    core = tmp_path / f"core.{pid}"
    assert core.exists(), made.stdout + made.stderr
    memory = core.read_bytes()
    # It is the service's memory: the name of its audit log is in it.
    assert (pump.run / "data" / "audit" / "device").read_bytes() in memory
    roots = [path.read_bytes() for path in (pump.run / "data" / "simulated-root").glob("slot?")]
    assert len(roots) == 1 and len(roots[0]) == 32
    secrets = [roots[0], derived(roots[0], b"pump keys: wrap"), derived(roots[0], b"pump keys: table")]
    secrets += unwrapped(secrets[1], (pump.run / "data" / "keys" / "keys").read_bytes())
    assert len(secrets) > 4
    for number, secret in enumerate(secrets):
        assert secret not in memory, f"key {number}"


def derived(root, purpose):
    """HKDF-SHA256 without a salt, as the key store derives its two keys."""
    return HKDF(hashes.SHA256(), 32, None, purpose).derive(root)


def unwrapped(key, table):
    """The keys of a table: entries of 45 bytes between a head of 25 bytes and a code of 32."""
    return [aes_key_unwrap_with_padding(key, table[start + 5:start + 45])
            for start in range(25, len(table) - 32, 45)]


def test_RC_063_a_store_that_was_emptied_or_put_back_shows_in_the_audit_log(start_pump):
    pump = start_pump("demo")
    wait_for_records(pump)
    data = pump.run / "data"

    def show(event):
        shown = subprocess.run(
            [programs() / "pumpctl", "audit", "show", data / "audit" / "1", "--last", "10000",
             "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
            check=True)
        return [record for record in map(json.loads, shown.stdout.splitlines())
                if record["event"] == event]

    def restart(between):
        """Does something to the files of the service while it stands still, ends it, and lets it start again."""
        starts = len(show("logOpened"))
        pid = pump.pid("pump-serviced")
        os.kill(pid, signal.SIGSTOP)
        between()
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while len(show("logOpened")) == starts:
            assert time.monotonic() < deadline, "the service did not come back"
            time.sleep(0.05)
        # Something to be kept and anchored.
        pump.knob("mains.present", starts % 2)
        time.sleep(3)

    old = {}
    restart(lambda: old.update({
        path.name: path.read_bytes() for path in data.glob("records.sqlite*")}))
    assert old and not show("storeAltered")

    def empty():
        for path in data.glob("records.sqlite*"):
            path.unlink()

    restart(empty)
    emptied = show("storeAltered")
    assert emptied and all("rolledBack" in record["reference"] for record in emptied)

    def put_back():
        empty()
        for name, content in old.items():
            (data / name).write_bytes(content)

    restart(put_back)
    assert len(show("storeAltered")) > len(emptied)
