# SPDX-License-Identifier: Apache-2.0
"""The scenario library and the accuracy matrix, run by `pump-sim run` in virtual time."""

import csv
import json
import subprocess

import pytest

from simulated_pump import ROOT, programs

LIBRARY = sorted((ROOT / "Simulator" / "Scenarios" / "Library").glob("*.json"))
DAY = "steady-24h"
# What a scenario shows beside the agreement of display, command and delivery.
SHOWS = {
    "air": "SYS_017",
    "battery-collapse": "RC_096-SRS_067",
    "door": "SYS_054",
    "encoder-frozen": "RC_029-SRS_061",
    "forgotten-pause": "RC_092-SRS_052",
    "gauge-frozen": "RC_029-SRS_142",
    "kvo-end": "SYS_009",
    "monitor-pressure-frozen": "RC_029-SRS_141",
    "near-end": "RC_092-SRS_051",
    "occlusion": "SYS_019",
    "pause-resume": "SYS_014",
    "pressure-frozen": "RC_029-SRS_140",
    "syringe-empty": "RC_013-SRS_050",
    "syringe-removed": "SYS_054",
    "titration": "SYS_008",
}


def name_of(path):
    """The scenario's name with the ids that it shows, for the trace."""
    return "-".join(filter(None, [path.stem, SHOWS.get(path.stem)]))


def pump_sim(*words, folder=None):
    program = (folder or programs()) / "pump-sim"
    if not program.exists():
        pytest.skip(f"no {program}: run `make build`, or set PUMP_BIN")
    return subprocess.run(
        [program, *map(str, words)], capture_output=True, text=True, timeout=600, check=False)


def test_the_library_is_not_empty():
    assert len(LIBRARY) >= 10
    assert SHOWS.keys() <= {path.stem for path in LIBRARY}


@pytest.mark.parametrize(
    "path", [p for p in LIBRARY if p.stem != DAY], ids=name_of)
def test_RC_099_SYS_064_scenario_meets_its_expectations(path, tmp_path):
    ended = pump_sim("run", path, "--out", tmp_path, "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    result = json.loads((tmp_path / path.stem / "result.json").read_text())
    assert result["passed"] is True and result["simulated"] is True
    assert result["cycles"] > 0 and result["failures"] == []


@pytest.mark.slow
def test_a_day_meets_its_expectations(tmp_path):
    path = next(p for p in LIBRARY if p.stem == DAY)
    assert pump_sim("run", path, "--out", tmp_path).returncode == 0


def order(syringe, rate, hours):
    """A scenario that infuses for a time, or until the syringe is nearly empty."""
    vtbi = min(rate * hours, syringe)
    return vtbi, {
        "name": "accuracy", "seed": 7,
        "knobs": {"syringe.size": f"{syringe} mL", "syringe.fill": f"{syringe} mL"},
        "steps": [
            {"at": "5 s", "program": {
                "drug": "saline", "syringe": f"{syringe} mL", "rate": f"{rate} mL/h",
                "vtbi": f"{vtbi} mL"}},
            {"at": "6 s", "do": "start"},
            {"at": "8 s", "press": "confirm", "for": "100 ms"},
        ],
        "end": f"{int(vtbi / rate * 3600) - 30} s",
    }


@pytest.mark.parametrize("rate", [1, 5, 25])
@pytest.mark.parametrize("syringe", [10, 20, 50])
def test_RC_099_SRS_055_steady_delivery_is_within_one_per_cent(syringe, rate, tmp_path):
    """Two hours, or what the syringe holds; the first five minutes are the start, not the steady state."""
    _, scenario = order(syringe, rate, 2)
    path = tmp_path / "accuracy.json"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    ended = pump_sim("run", path, "--out", tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with open(tmp_path / "accuracy" / "samples.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["state"] == "infusing"]
    rows = [row for row in rows if float(row["time_s"]) >= 308]
    first, last = rows[0], rows[-1]
    hours = (float(last["time_s"]) - float(first["time_s"])) / 3600
    assert hours > 0.25
    delivered = float(last["delivered_mL"]) - float(first["delivered_mL"])
    error = delivered / (rate * hours) - 1
    print(f"{syringe} mL at {rate} mL/h: {100 * error:+.3f} % over {hours:.2f} h")
    assert abs(error) <= 0.01


SIZES = [1, 3, 5, 10, 20, 30, 50]


def occlusion(syringe, limit, closed, tmp_path):
    """Closes the line at a time and opens it at 400 s: the bolus in mL, and the events."""
    rate = 20 if syringe == 1 else 25
    path = tmp_path / "bolus.json"
    path.write_text(json.dumps({
        "name": "bolus", "seed": 3,
        "knobs": {"syringe.size": f"{syringe} mL", "syringe.fill": f"{syringe} mL"},
        "steps": [
            {"at": "5 s", "program": {
                "drug": "saline", "syringe": f"{syringe} mL", "rate": f"{rate} mL/h",
                "vtbi": f"{syringe} mL", "occlusion": f"{limit} mmHg"}},
            {"at": "6 s", "do": "start"},
            {"at": "8 s", "press": "confirm", "for": "100 ms"},
            {"at": f"{closed} s", "set": {"occlusion.downstream": "100 %"}},
            {"at": "400 s", "set": {"occlusion.downstream": "0 %"}},
        ],
        "end": "440 s",
    }), encoding="utf-8")
    ended = pump_sim("run", path, "--out", tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    events = (tmp_path / "bolus" / "events.jsonl").read_text(encoding="utf-8")
    with open(tmp_path / "bolus" / "samples.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    before = [row for row in rows if float(row["time_s"]) < 400][-1]
    assert before["state"] == "halted"
    bolus = float(rows[-1]["delivered_mL"]) - float(before["delivered_mL"])
    print(f"{syringe} mL at {limit} mmHg, closed at {closed} s: {bolus:.3f} mL")
    return bolus, events


@pytest.mark.parametrize("limit", [50, 450, 900])
@pytest.mark.parametrize("syringe", SIZES)
def test_RC_012_SRS_044_the_bolus_after_a_relief_is_small(syringe, limit, tmp_path):
    bolus, events = occlusion(syringe, limit, 60, tmp_path)
    assert '"reliefEnded"' in events
    assert 0 <= bolus <= 0.5


@pytest.mark.parametrize("closed, relieved", [(80, True), (100, True), (115, True), (120, False), (160, False)])
def test_RC_012_SRS_130_a_syringe_that_runs_empty_into_an_occlusion_gives_a_small_bolus(
        closed, relieved, tmp_path):
    """1 mL lasts 3 minutes: the later the line is closed, the less pressure the empty syringe leaves."""
    bolus, events = occlusion(1, 900, closed, tmp_path)
    assert '"syringeEmpty"' in events
    assert ('"reliefEnded"' in events) == relieved
    assert ('"occlusionDownstream"' in events) == relieved
    assert 0 <= bolus <= 0.5


def test_RC_099_SRS_116_the_same_seed_gives_the_same_bytes_in_debug_and_release(tmp_path):
    path = next(p for p in LIBRARY if p.stem == "stop")
    debug = ROOT / ".build" / "debug"
    outputs = []
    for number, folder in enumerate([programs(), programs(), debug]):
        out = tmp_path / str(number)
        assert pump_sim("run", path, "--out", out, folder=folder).returncode == 0
        outputs.append((out / "stop" / "events.jsonl").read_bytes())
    assert len(outputs[0]) > 0
    assert outputs[0] == outputs[1] == outputs[2]


def test_RC_022_SYS_060_a_replay_reproduces_the_run(tmp_path):
    path = next(p for p in LIBRARY if p.stem == "stop")
    assert pump_sim("run", path, "--out", tmp_path).returncode == 0
    recording = tmp_path / "stop" / "recording.bin"
    said = pump_sim("replay", recording)
    assert said.returncode == 0
    # Virtual time is never late; "never flatters" makes 1 µs of 0.
    assert "woken late  p50 1 µs, p99 1 µs, p99.9 1 µs, max 1 µs of " in said.stdout
    for wrong in ("0", "-1", "86401", "x"):
        assert pump_sim("replay", recording, "--last", wrong).returncode == 2, wrong
    damaged = bytearray(recording.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    recording.write_bytes(damaged)
    assert pump_sim("replay", recording).returncode in (1, 2)


GOOD = order(50, 5, 1)[1]


@pytest.mark.parametrize(
    "name, text",
    [
        ("unknown knob", json.dumps(GOOD).replace("syringe.size", "syringe.colour")),
        ("negative rate", json.dumps(GOOD).replace("5 mL/h", "-5 mL/h")),
        ("1e300", json.dumps(GOOD).replace("5 mL/h", "1e300 mL/h")),
        ("bare 1e300", json.dumps(GOOD).replace('"seed": 7', '"seed": 1e300')),
        ("missing unit", json.dumps(GOOD).replace("5 mL/h", "5")),
        ("truncated", json.dumps(GOOD)[:-40]),
        ("empty", ""),
    ],
)
def test_a_bad_scenario_is_refused_with_file_line_and_reason(name, text, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    ended = pump_sim("run", path, "--out", tmp_path)
    assert ended.returncode == 2, f"{name}: {ended.returncode} {ended.stdout}{ended.stderr}"
    told = ended.stdout + ended.stderr
    assert "bad.json:1:" in told, told
    assert not (tmp_path / "accuracy").exists()
