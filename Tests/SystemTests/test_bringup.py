# SPDX-License-Identifier: Apache-2.0
"""`pumpctl bringup` and `pumpctl calibrate` with stand-ins for the board's tools."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from simulated_pump import ROOT, programs

BOARD = ROOT / "Hardware/Boards/reference"
DATE = "2026-01-02"


@pytest.fixture(name="bench")
def prepared_bench(tmp_path):
    if not (programs() / "pumpctl").exists():
        pytest.skip(f"no pumpctl in {programs()}: run `make build`, or set PUMP_BIN")
    return Bench(tmp_path)


class Bench:
    """A board whose tools answer what its files say."""

    def __init__(self, folder):
        self.folder = folder
        self.steps = json.loads((BOARD / "bring-up.json").read_text(encoding="utf-8"))["steps"]
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.key = folder / "key"
        self.key.write_text("01" * 32 + "\n", encoding="ascii")
        names = next(s["lines"] for s in self.steps if s["way"] == "lines")
        self.tool("gpioinfo", "".join(f'\tline {n}: "{name}" unused\n' for n, name in enumerate(names)))
        self.buses = {s["adapter"]: s["addresses"] for s in self.steps if s["way"] == "bus"}
        self.detect(self.buses)

    def tool(self, name, text):
        file = self.tools / name
        file.write_text(f"#!/bin/sh\ncat <<'END'\n{text}END\n", encoding="utf-8")
        file.chmod(0o755)

    def detect(self, buses):
        cases = "\n".join(
            f"{adapter}) printf '00: {' '.join(f'{a:02x}' for a in addresses)}\\n' ;;"
            for adapter, addresses in buses.items())
        file = self.tools / "i2cdetect"
        file.write_text(f"#!/bin/sh\ncase $3 in\n{cases}\nesac\n", encoding="utf-8")
        file.chmod(0o755)

    def answers(self, change=None):
        lines = {n: f"{n},as expected, 1 V,pass" for n, s in enumerate(self.steps, 1)
                 if s["way"] in ("observe", "line")}
        lines.update(change or {})
        file = self.folder / "answers"
        file.write_text("\n".join(filter(None, lines.values())) + "\n", encoding="utf-8")
        return file

    def ctl(self, *words, text=None):
        return subprocess.run(
            [programs() / "pumpctl", *map(str, words)], capture_output=True, text=True, timeout=60,
            check=False, input=text, env={**os.environ, "PATH": f"{self.tools}:/usr/bin:/bin"})

    def common(self, out):
        return ["--board", BOARD, "--serial", "RP-0001", "--by", "A. Meyer", "--date", DATE, "--key",
                self.key, "--out", self.folder / out]

    def bringup(self, out, *words, text=None):
        return self.ctl("bringup", *self.common(out), "--run", self.folder, *words, text=text)

    def record(self, name):
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def check(self, name):
        public = self.folder / "public"
        public.write_text(self.record(name)["key"], encoding="ascii")
        return self.ctl("check-record", self.folder / name, "--public-key", public)


def test_RC_128_SRS_167_SYS_081_walks_through_every_step_and_signs_the_record(bench):
    done = bench.bringup("record", "--answers", bench.answers())
    assert done.returncode == 0, done.stderr
    record = bench.record("record")["record"]
    assert record["passed"] is True and record["total"] == len(record["steps"]) == len(bench.steps)
    assert [s["number"] for s in record["steps"]] == list(range(1, len(bench.steps) + 1))
    buses = [s["measured"] for s, way in zip(record["steps"], bench.steps) if way["way"] == "bus"]
    assert buses == [", ".join(f"0x{a:02x}" for a in addresses) for addresses in bench.buses.values()]
    assert bench.check("record").returncode == 0
    # Equal answers give equal bytes.
    assert bench.bringup("again", "--answers", bench.answers()).returncode == 0
    assert (bench.folder / "again").read_bytes() == (bench.folder / "record").read_bytes()
    # And no record is written over.
    assert bench.bringup("again", "--answers", bench.answers()).returncode == 2


def test_RC_128_SRS_167_the_first_failure_ends_it_and_is_on_the_record(bench):
    bench.detect({**bench.buses, 3: bench.buses[3][:-1]})
    done = bench.bringup("record", "--answers", bench.answers())
    assert done.returncode == 1 and "failed: `i2cdetect -y -r 3`" in done.stderr, done.stderr
    record = bench.record("record")["record"]
    assert record["passed"] is False and len(record["steps"]) < len(bench.steps)
    assert [s["passed"] for s in record["steps"]] == [True] * (len(record["steps"]) - 1) + [False]
    assert bench.check("record").returncode == 0


@pytest.mark.parametrize("change", [None, "2,3.1 V,fail"])
def test_RC_128_SRS_167_a_step_without_a_yes_is_no_pass(bench, change):
    done = bench.bringup("record", "--answers", bench.answers({2: change}))
    assert done.returncode == 1 and "step 2 failed" in done.stderr
    assert len(bench.record("record")["record"]["steps"]) == 2


def test_RC_128_SRS_167_asks_a_person_and_takes_the_end_of_the_input_for_a_no(bench):
    observed = 0
    for step in bench.steps:
        if step["way"] == "line":
            break
        observed += step["way"] == "observe"
    # Without gpiod's tools the first line cannot be read.
    done = bench.bringup("record", text="1.2 kOhm\nyes\n" * observed + "\n")
    assert done.returncode == 1 and "gpioget" in done.stderr, done.stderr
    steps = bench.record("record")["record"]["steps"]
    assert steps[0]["measured"] == "1.2 kOhm" and steps[-1]["measured"].endswith("cannot be read")
    assert bench.bringup("none", text="").returncode == 1
    assert bench.record("none")["record"]["steps"][0]["measured"] == "nothing"


def test_RC_128_SRS_167_a_person_presses_and_the_line_is_read(bench):
    # Each reading gives the next level of the lines in their order.
    levels = []
    for step in bench.steps:
        if step["way"] == "line":
            levels += ["1", "0"] if step["high"] else ["0", "1"]
    state = bench.folder / "levels"
    state.write_text("\n".join(levels) + "\n", encoding="ascii")
    tool = bench.tools / "gpioget"
    tool.write_text(f"#!/bin/sh\nhead -n 1 {state}\nsed -i 1d {state}\n", encoding="utf-8")
    tool.chmod(0o755)
    (bench.tools / "gpiofind").write_text("#!/bin/sh\necho gpiochip0 7\n", encoding="utf-8")
    (bench.tools / "gpiofind").chmod(0o755)
    text = ""
    for step in bench.steps:
        text += {"observe": "3.3 V\nyes\n", "line": "\n\n"}.get(step["way"], "")
    done = bench.bringup("record", text=text)
    assert done.returncode == 0, done.stderr
    assert state.read_text(encoding="ascii") == ""


def test_SRS_167_refuses_what_it_cannot_use(bench):
    for words in [["--date", "today"], ["--serial", ""], ["--board", "/nowhere"]]:
        arguments = bench.common("record") + words
        assert bench.ctl("bringup", *arguments, "--answers", bench.answers()).returncode == 2
    for answer in ["1", "1,x,perhaps", "one,x,pass"]:
        assert bench.bringup("r", "--answers", bench.answers({1: answer})).returncode == 2
    bench.key.write_text("12", encoding="ascii")
    assert bench.bringup("r", "--answers", bench.answers()).returncode == 2
    assert not (bench.folder / "r").exists()


def points():
    plan = json.loads((BOARD / "calibration.json").read_text(encoding="utf-8"))
    return {point["id"]: point["expected"] for point in plan["points"]}


def calibrate(bench, out, values, *words):
    readings = bench.folder / "readings"
    readings.write_text("".join(f"{k},{v}\n" for k, v in values.items()), encoding="ascii")
    return bench.ctl("calibrate", *bench.common(out), "--checked-by", "B. Kaya", "--instrument",
                     "gauge 7, certificate 2025-11", "--readings", readings, *words)


def test_RC_127_SRS_168_SEC_367_SYS_081_signs_a_calibration_and_says_what_is_not_good(bench):
    done = calibrate(bench, "good", points(), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["passed"] is True
    assert bench.check("good").returncode == 0
    first = next(iter(points()))
    done = calibrate(bench, "bad", {**points(), first: points()[first] + 41})
    assert done.returncode == 1 and f"not good: {first} " in done.stderr
    assert bench.record("bad")["record"]["passed"] is False
    left_out = dict(list(points().items())[1:])
    done = calibrate(bench, "none", left_out)
    assert done.returncode == 2 and first in done.stderr
    # Who measures does not check.
    assert calibrate(bench, "none", points(), "--checked-by", "A. Meyer").returncode == 2
    assert not (bench.folder / "none").exists()
    # A changed record is nobody's.
    changed = bench.folder / "good"
    changed.write_text(re.sub("RP-0001", "RP-0002", changed.read_text(encoding="utf-8")), encoding="utf-8")
    done = bench.check("good")
    assert done.returncode == 1 and "signature" in done.stderr
