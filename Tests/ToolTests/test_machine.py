# SPDX-License-Identifier: Apache-2.0
"""A failure names how long the machine itself stood still, and stays a failure."""

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
# A test's failure, and one of what it stands on.
TEST = """
import pathlib
import pytest

@pytest.fixture
def missing():
    assert False, "nothing to stand on"

def test_it():
    with (pathlib.Path({folder!r}) / "count").open("a") as file:
        file.write("x")
    assert {good}, "the pump stopped"

def test_other(missing):
    pass
"""


def run(folder, still, good):
    (folder / "conftest.py").write_text(CONFTEST.format(tests=str(TESTS), still=still), encoding="utf-8")
    (folder / "test_some.py").write_text(TEST.format(folder=str(folder), good=good), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", folder, folder], capture_output=True,
        text=True, timeout=60, check=False, cwd=folder)
    assert (folder / "count").read_text(encoding="utf-8") == "x", "it was not run once"
    return done.returncode, done.stdout


@pytest.mark.parametrize("still", [0, 39, 500])
def test_a_failure_is_one_and_names_how_long_the_machine_stood_still(tmp_path, still):
    code, said = run(tmp_path, still, good=False)
    assert code == 1 and "1 failed, 1 error" in said and "the pump stopped" in said
    assert said.count(f"the machine itself stood still for {still} ms") == 2


def test_what_passes_says_nothing_of_the_machine(tmp_path):
    code, said = run(tmp_path, 500, good=True)
    assert code == 1 and "1 passed, 1 error" in said and said.count("stood still for") == 1


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
