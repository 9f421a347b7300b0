# SPDX-License-Identifier: Apache-2.0
"""A test is run again for one reason alone: it failed while the machine itself stood still."""

import pathlib
import subprocess
import sys
import time

import pytest

from machine import Machine

TESTS = pathlib.Path(__file__).resolve().parents[1]
CONFTEST = """
import importlib.util, sys
sys.path.insert(0, {tests!r})
spec = importlib.util.spec_from_file_location("shared", {tests!r} + "/conftest.py")
shared = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shared)

class Stand:
    def begin(self): pass
    def end(self): pass
    def stood_still(self): return {still}

shared.Machine = Stand
globals().update({{name: value for name, value in vars(shared).items() if name.startswith("pytest_")}})
"""
# Fails until the so-manieth time.
TEST = """
import pathlib
import pytest

@pytest.fixture
def count(tmp_path_factory):
    file = pathlib.Path({folder!r}) / "count"
    file.write_text(file.read_text() + "x" if file.exists() else "x")
    return len(file.read_text())

def test_it(count):
    assert count >= {good}, "the pump stopped"

def test_next():
    pass
"""


def run(folder, still, good):
    (folder / "conftest.py").write_text(CONFTEST.format(tests=str(TESTS), still=still), encoding="utf-8")
    (folder / "test_some.py").write_text(TEST.format(folder=str(folder), good=good), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", folder, folder], capture_output=True,
        text=True, timeout=60, check=False, cwd=folder)
    return done.returncode, len((folder / "count").read_text(encoding="utf-8")), done.stdout


def test_a_failure_on_a_machine_that_went_on_stands(tmp_path):
    code, times, said = run(tmp_path, still=39, good=2)
    assert (code, times) == (1, 1) and "1 failed, 1 passed" in said and "again:" not in said


def test_a_failure_while_the_machine_stood_still_is_run_again_and_named(tmp_path):
    code, times, said = run(tmp_path, still=40, good=2)
    assert (code, times) == (0, 2), said
    assert "2 passed" in said and "again: test_some.py::test_it" in said
    assert "stood still for 40 ms" in said and "the pump stopped" in said


def test_what_fails_each_time_has_failed(tmp_path):
    code, times, said = run(tmp_path, still=500, good=9)
    assert (code, times) == (1, 3) and "1 failed, 1 passed" in said


def test_what_passes_is_run_once(tmp_path):
    assert run(tmp_path, still=500, good=1)[:2] == (0, 1)


def test_the_watch_tells_a_processor_that_it_was_kept_from():
    machine = Machine()
    try:
        time.sleep(0.2)
        if not all(process.is_alive() for process, _ in machine.watches):
            pytest.skip("this machine grants no such priority")
        machine.begin()
        # What stands still for the watch is a machine that stands still.
        process, _ = machine.watches[-1]
        subprocess.run(["kill", "-STOP", str(process.pid)], check=True)
        time.sleep(0.3)
        subprocess.run(["kill", "-CONT", str(process.pid)], check=True)
        time.sleep(0.1)
        assert machine.stood_still() >= 200
    finally:
        machine.end()
    assert machine.stood_still() == 0
