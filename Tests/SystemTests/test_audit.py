# SPDX-License-Identifier: Apache-2.0
"""The audit log of a running pump: what happens is on it within the second, and a full disk stops nothing."""

import json
import pathlib
import subprocess
import sys
import time

import pytest

from simulated_pump import SimulatedPump, alarms, brief, programs

VERIFY = pathlib.Path(__file__).resolve().parents[2] / "Tools" / "verify-audit"


def pumpctl(*words):
    return subprocess.run(
        [programs() / "pumpctl", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=20, check=False)


def records(log):
    shown = pumpctl("audit", "show", log, "--last", 10000, "--json")
    assert shown.returncode == 0, shown.stderr
    return [json.loads(line) for line in shown.stdout.splitlines()]


def wait_for(log, wanted, seconds):
    deadline = time.monotonic() + seconds
    while True:
        found = [record for record in records(log) if wanted(record)]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def assert_both_verifiers_find_nothing(log):
    key = pumpctl("audit", "key", log).stdout.strip()
    ours = pumpctl("audit", "verify", log, "--key", key, "--json")
    assert ours.returncode == 0, ours.stdout + ours.stderr
    other = subprocess.run(
        [sys.executable, VERIFY, log, "--key", key, "--json"], capture_output=True, text=True,
        timeout=60, check=False)
    assert other.returncode == 0, other.stdout + other.stderr
    one, two = json.loads(ours.stdout), json.loads(other.stdout)
    assert one["good"] and two["good"] and not one["findings"] and not two["findings"]


def test_rc_080_RC_080_an_event_and_a_command_outcome_are_on_the_log_within_a_second(pump):
    log = pump.run / "data" / "audit" / "1"
    assert wait_for(log, lambda r: r["event"] == "confirmed", 1)
    asked = pumpctl("pause", "--run", pump.run)
    assert asked.returncode == 0, asked.stderr
    accepted = wait_for(
        log, lambda r: r["event"] == "commandAccepted" and r.get("subject") == 3, 1)
    assert accepted and accepted[-1]["source"] == "control"
    assert wait_for(log, lambda r: r["event"] == "requestReceived" and r.get("subject") == 3, 1)
    refused = pumpctl("pause", "--run", pump.run)
    assert refused.returncode == 1
    assert wait_for(log, lambda r: r["event"] == "commandRefused" and r["outcome"] == "refused", 1)
    assert pump.stop() == 0
    kept = records(log)
    assert kept[0]["event"] == "logCreated" and [r["index"] for r in kept] == list(range(len(kept)))
    assert "logClosed" in {record["event"] for record in kept}
    assert_both_verifiers_find_nothing(log)
    assert_both_verifiers_exit_alike(log)


def assert_both_verifiers_exit_alike(log):
    key = pumpctl("audit", "key", log).stdout.strip()

    def codes(folder, *options):
        words = [folder, "--key", key, *options]
        other = subprocess.run(
            [sys.executable, VERIFY, *map(str, words)], capture_output=True, text=True, timeout=60,
            check=False)
        return pumpctl("audit", "verify", *words).returncode, other.returncode

    assert codes(log) == (0, 0)
    assert codes(log / "nowhere") == (2, 2)
    assert codes(log, "--counter", "many") == (2, 2)
    assert codes(log, "--key", "no key") == (2, 2)
    assert codes(log, "--remembered", log / "nothing") == (2, 2)
    assert codes(log, "--remembered", log / "reserve") == (2, 2)
    for name, change in [
        ("records-000000000000", lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:]),
        ("records-000000000000", lambda data: data[:len(data) // 2]),
        ("records-000000000000", lambda data: b""),
        ("checkpoints", lambda data: data[:-3]),
        ("checkpoints", lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:]),
        ("checkpoints", lambda data: b""),
    ]:
        path = log / name
        whole = path.read_bytes()
        path.write_bytes(change(whole))
        assert codes(log) == (1, 1), name
        path.write_bytes(whole)
    assert codes(log) == (0, 0)
    (log / "records-000000000000").rename(log / "elsewhere")
    assert codes(log) == (2, 2)


def test_events_are_those_of_controller_and_monitor_alone(pump):
    def events(*options):
        done = pumpctl("events", "--run", pump.run, *options)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    log = pump.run / "data" / "audit" / "1"
    assert wait_for(log, lambda r: r["event"] == "stateChanged" and r["source"] == "control", 5)
    found = [json.loads(line) for line in events("--json", "--last", "10000")]
    assert {record["source"] for record in found} == {"control", "safety"}
    assert found == [r for r in records(log) if r["source"] in ("control", "safety")][:len(found)]
    assert len(events("--last", "2")) == 2 and "stateChanged" in "".join(events())
    for options, code, words in [
        (["--last", "0"], 2, "--last"), (["--data", "/nowhere"], 3, "no records in /nowhere/audit")
    ]:
        done = pumpctl("events", "--run", pump.run, *options)
        assert done.returncode == code and words in done.stderr, done


def test_rc_083_RC_083_RC_008_a_full_disk_is_alarmed_and_the_infusion_goes_on():
    if not (programs() / "pump-sim").exists():
        pytest.skip(f"no pump-sim in {programs()}: run `make build`, or set PUMP_BIN")
    mounted = []

    def small_disk(run):
        data = run / "data"
        data.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", data], capture_output=True, check=False)
        if done.returncode == 0:
            mounted.append(data)

    pump = SimulatedPump(programs(), "demo", before=small_disk)
    try:
        if not mounted:
            pytest.skip("a small disk needs the right to mount one")
        pump.wait_until_ready()
        pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
        data, log = mounted[0], mounted[0] / "audit" / "1"
        with open(data / "filler", "wb", buffering=0) as filler:
            while True:
                try:
                    if filler.write(bytes(4096)) < 4096:
                        break
                except OSError:
                    break
        before = pump.state()
        deadline = time.monotonic() + 60
        while "serviceLost" not in alarms(pump.state()):
            assert time.monotonic() < deadline, "no alarm: " + brief(pump.state())
            # Enough to need room; then silence, for a request is a sign of life of the service too.
            for _ in range(12):
                pumpctl("clear", "--run", pump.run)
            time.sleep(6)
        # What is safety-relevant is still recorded, and the infusion goes on.
        assert wait_for(log, lambda r: r["event"] == "storageFull", 5)
        time.sleep(2)
        after = pump.state()
        assert after["state"] == "infusing" and after["motorPowered"], brief(after)
        expected = 5 / 3600 * (after["time"] - before["time"])
        assert after["delivered"] - before["delivered"] == pytest.approx(expected, rel=0.25)
        (data / "filler").unlink()
        pump.wait(lambda now: "serviceLost" not in alarms(now), 20, "the service to be well again")
        assert wait_for(log, lambda r: r["event"] == "storageRecovered", 5)
        assert pump.stop() == 0
        kept = records(log)
        assert [record["index"] for record in kept] == list(range(len(kept)))
        # What was counted instead of kept is admitted: no event is taken for suppressed.
        assert_both_verifiers_find_nothing(log)
    finally:
        pump.end()
        for data in mounted:
            subprocess.run(["umount", "-l", data], check=False)


def test_SEC_403_nobody_else_reads_a_file_of_the_records(pump):
    # An audit log, keys, sealed records, and a checkpoint or two.
    pump.knob("mains.present", 0)
    time.sleep(3)
    data = pump.run / "data"
    found = [path for path in data.rglob("*") if not path.is_socket()]
    assert any(path.match("audit/1/*") for path in found)
    assert any(path.name.startswith("records.sqlite") for path in found)
    for path in found:
        assert path.stat().st_mode & 0o077 == 0, f"{oct(path.stat().st_mode)} {path}"

