# SPDX-License-Identifier: Apache-2.0
"""Two builds of the simulator are held byte for byte; a difference of any kind shows."""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "Tools" / "equal-records"
# A stand-in: run SCENARIO --out FOLDER.
WRITES = """#!/bin/sh
mkdir -p "$4/door"
for file in events.jsonl samples.csv result.json recording.bin; do echo "$2 $file" > "$4/door/$file"; done
"""


def simulator(path, more=""):
    path.write_text(WRITES + more, encoding="utf-8")
    path.chmod(0o755)
    return path


def equal(tmp_path, one="", other=""):
    done = subprocess.run(
        [TOOL, "door.json", simulator(tmp_path / "one", one), "env", "NAME=value", simulator(tmp_path / "other", other)],
        capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stdout + done.stderr


def test_equal_records_are_equal(tmp_path):
    assert equal(tmp_path) == (0, "")


@pytest.mark.parametrize("file", ["events.jsonl", "samples.csv", "result.json", "recording.bin"])
def test_a_byte_that_differs_is_told(tmp_path, file):
    code, said = equal(tmp_path, other=f'printf x >> "$4/door/{file}"\n')
    assert code == 1 and file in said


@pytest.mark.parametrize("side", ["one", "other"])
def test_a_run_that_fails_or_leaves_a_file_out_is_no_equality(tmp_path, side):
    assert equal(tmp_path, **{side: "exit 1\n"})[0] == 1
    assert equal(tmp_path, **{side: "kill -SEGV $$\n"})[0] == 1
    assert equal(tmp_path, **{side: 'rm "$4/door/samples.csv"\n'})[0] == 1
    both = 'rm -r "$4/door"\n'
    assert equal(tmp_path, one=both, other=both)[0] == 1


def test_bad_usage_is_told():
    done = subprocess.run([TOOL, "door.json", "one"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2 and done.stderr.startswith("usage: ")
