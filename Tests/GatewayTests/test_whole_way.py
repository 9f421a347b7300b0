# SPDX-License-Identifier: Apache-2.0
"""From a pump that nobody used to a therapy that an inspector finds on the log, with real processes."""

import json
import shutil
import subprocess
import sys

import pytest

from door import Seat, until
from panel_text import shows
from people import PASSWORD, add
from simulated_pump import ROOT, programs

# 15 s of delivery.
ORDER = {"drug": "Specimen", "kvo_nL_h": 1_000_000, "occlusion_Pa": 59_995, "rate_nL_h": 360_000_000, "syringe_mL": 50,
         "vtbi_nL": 1_500_000}


def audit(*words):
    done = subprocess.run([programs() / "pumpctl", "audit", *words], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def inspected(folder, key):
    """What the second verifier says of a log, and its exit code."""
    done = subprocess.run([sys.executable, ROOT / "Tools/verify-audit", folder, "--key", key, "--json"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def deliver(door, nurse, node):
    """Proposed by the node, taken by the nurse, read back and confirmed at the pump, followed by the node."""
    pump = door.pump
    status, _, proposed = door.get("/v1/proposals", node, method="POST", body=json.dumps(ORDER).encode(), headers={
        "Content-Type": "application/json", "Idempotency-Key": "whole-way"})
    assert status == 201, proposed
    held = nurse("proposals", "take", str(proposed["number"]), "--json")
    assert held["state"] == "programmed"
    nurse("start")
    before = pump.wait(lambda now: now["state"] == "awaitingConfirm" and shows(now["display"], "360 mL/h", 2), 5,
                       "the rate to be read back on the panel")
    assert shows(before["display"], "VTBI 1.5 mL") and shows(before["display"], "Specimen")
    assert not shows(before["display"], "36 mL/h", 2)
    assert not before["motorPowered"] and before["truth"]["delivered"] == 0
    pump.press("confirm")
    pump.wait(lambda now: now["state"] == "infusing", 15, "the order to run")
    until(lambda: door.get("/v1/status", node)[2]["state"] == "infusing", "the node to see it run")
    until(lambda: pump.state()["delivered"] > 0.9, "the slack of drive and line to be taken up", 20)
    early = pump.state()
    until(lambda: pump.state()["state"] == "kvo", "the end of the infusion", 30)
    late = pump.state()
    assert late["delivered"] == pytest.approx(1.5, abs=0.001)
    # The plant gave the patient what the pump says it gave.
    given = late["delivered"] - early["delivered"]
    assert late["truth"]["delivered"] - early["truth"]["delivered"] == pytest.approx(given, rel=0.05)
    nurse("stop")
    pump.wait(lambda now: now["state"] == "standby", 10, "standby")
    until(lambda: door.get("/v1/status", node)[2]["state"] == "standby", "the node to see its end")


def taken_away(door, key, folder):
    """An auditor at a node takes the log away: the second verifier finds nothing, and all up to the end is in it."""
    seat = Seat(door, "ward.test")
    seat.sign_in("inspector")
    seat.step_up()
    told_of = []

    def is_there():
        status, _, body = seat("GET", "/v1/audit/export")
        assert status == 200, body
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        subprocess.run(["tar", "--extract", "--directory", folder], input=body, check=True, timeout=30)
        told_of[:] = map(json.loads, audit("export", folder).splitlines())
        return any(record["event"] == "infusionEnded" for record in told_of)

    # What bears on safety is under a checkpoint a second later.
    until(is_there, "a checkpoint over the end of the infusion", 20)
    code, verdict = inspected(folder, key)
    assert (code, verdict["good"], verdict["findings"]) == (0, True, [])
    assert verdict["records"] == verdict["covered"] == len(told_of)
    told(told_of, TOLD[:TOLD.index(("infusionEnded", {})) + 1])


# What was done, in its order, with what the record says of it; what lies between is the pump's own.
TOLD = [("personCreated", {"reference": "commissioning"}), ("loginSucceeded", {"role": 4}),
        ("certificateChanged", {"role": 4}), ("personCreated", {"role": 4}), ("loginSucceeded", {"role": 1}),
        ("requestReceived", {"reference": "proposal", "role": 6}), ("requestReceived", {"role": 1}),
        ("commandAccepted", {}), ("requestReceived", {"role": 1}), ("confirmed", {}), ("rateChanged", {}),
        ("infusionEnded", {}), ("logExported", {"role": 5, "reference": "from ward.test"}), ("logout", {"role": 1}),
        ("logClosed", {})]


def told(records, wanted):
    """The first record of each of these, each after the one before."""
    rest, found = iter(records), []
    for event, fields in wanted:
        record = next((record for record in rest if record["event"] == event and fields.items() <= record.items()), None)
        assert record is not None, f"{event} {fields} is not on record after {found}"
        found.append(record)
    return found


def test_SYS_087_SYS_084_SYS_094_from_the_first_start_to_the_inspected_record(new_door, tmp_path):
    door = new_door()
    pump, log = door.pump, door.pump.run / "data/audit/1"
    # An inspector keeps the key that the log began with.
    key = audit("key", log).strip()
    assert not door.listens()
    door.provision(nodes=(), proposers=("ward.test",))
    door.root("step-up", typed=[PASSWORD])
    nurse = add(door.root, pump, door.folder, "nurse", "clinician")
    add(door.root, pump, door.folder, "inspector", "auditor")
    nurse.sign_in()
    deliver(door, nurse, door.node("ward.test"))
    taken_away(door, key, tmp_path / "taken")
    nurse("sign-out")
    assert pump.stop() == 0
    tiles = tmp_path / "tiles"
    audit("export", log, "--format", "tiles", "--output", tiles)
    records = [json.loads(line) for line in audit("export", log).splitlines()]
    code, verdict = inspected(tiles, key)
    assert (code, verdict["good"], verdict["findings"]) == (0, True, [])
    assert verdict["records"] == verdict["covered"] == len(records)
    found = told(records, TOLD)
    # One nurse signed in, took the order and started it; the administrator and the node are somebody else.
    administrator, node, person = found[1]["person"], found[5]["person"], found[4]["person"]
    assert len({administrator, node, person}) == 3
    assert [found[n]["person"] for n in (6, 8, 13)] == [person] * 3
    # An export in which one bit is another one is not that record.
    tile, = [path for path in tiles.rglob("*") if path.is_file() and "entries" in path.parts]
    whole = tile.read_bytes()
    tile.write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])
    code, verdict = inspected(tiles, key)
    assert (code, verdict["good"]) == (1, False) and verdict["findings"]
