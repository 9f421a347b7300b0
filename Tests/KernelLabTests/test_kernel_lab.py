# SPDX-License-Identifier: Apache-2.0
"""The kernel lab's own judgement: what it builds anew, what it refuses, what it reports."""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "Hardware/KernelLab/kernel-lab"


@pytest.fixture(name="lab", scope="module")
def loaded_program():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("kernel_lab", str(PROGRAM))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kernel_lab", loader))
    loader.exec_module(module)
    return module


def test_a_kernel_has_another_name_when_any_of_its_parts_changes(lab, tmp_path):
    (tmp_path / "a.c").write_text("one")
    before = lab.digest("6.1", "CONFIG_X=y\n", tmp_path)
    assert lab.digest("6.1", "CONFIG_X=y\n", tmp_path) == before
    others = {lab.digest("6.2", "CONFIG_X=y\n", tmp_path), lab.digest("6.1", "CONFIG_X=n\n", tmp_path)}
    (tmp_path / "a.c").write_text("two")
    others.add(lab.digest("6.1", "CONFIG_X=y\n", tmp_path))
    assert len(others) == 3 and before not in others


@pytest.mark.parametrize("line, fits", [
    ("CONFIG_GPIO_SIM=y", True), ("CONFIG_I2C_STUB=m", True), ("CONFIG_VT=n", True),
    ("CONFIG_I2C_STUB=y", False), ("CONFIG_TCG_CRB=y", False), ("CONFIG_GPIO_SIM=n", False)])
def test_refuses_a_kernel_that_dropped_an_option(lab, tmp_path, line, fits):
    (tmp_path / ".config").write_text("CONFIG_GPIO_SIM=y\nCONFIG_I2C_STUB=m\n# CONFIG_VT is not set\n")
    if fits:
        lab.check_configuration(tmp_path, f"# words\n{line}\n")
    else:
        with pytest.raises(lab.CannotRun, match=line.partition("=")[0]):
            lab.check_configuration(tmp_path, f"# words\n{line}\n")


def test_reports_each_check_as_a_case(lab):
    outcomes = [
        {"check": "a", "passed": True, "detail": "7 steps", "milliseconds": 1500},
        {"check": "b <&", "passed": False, "detail": "no \"edge\"", "milliseconds": 3}]
    suite = xml.fromstring(lab.junit(outcomes, 12.34)).find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("time")) == ("2", "1", "12.3")
    good, bad = suite.findall("testcase")
    assert good.find("failure") is None and good.get("time") == "1.500"
    assert bad.get("name") == "b <&" and bad.find("failure").get("message") == "no \"edge\""


def test_leaves_out_a_line_that_a_restart_cut(lab, tmp_path):
    file = tmp_path / "outcomes.jsonl"
    assert lab.read(file) == []
    file.write_text('{"check":"a"}\n{"check":')
    assert lab.read(file) == [{"check": "a"}]


GOOD = [{"check": "a", "passed": True}]
BAD = [{"check": "a", "passed": False}]


@pytest.mark.parametrize("board, outcomes, restarted, said, check", [
    ("reference-stepdir", GOOD, False, "lab: over, exit code 0\r\n", None),
    ("reference-stepdir", BAD, False, "lab: over, exit code 1\r\n", None),
    ("reference-stepdir", GOOD, False, "lab: over, exit code 133\r\n", "reference-stepdir comes to an end"),
    ("reference-stepdir", GOOD, True, "", "reference-stepdir comes to an end"),
    ("reference-stepdir", [], False, "Kernel panic", "reference-stepdir comes to an end"),
    ("reference", GOOD, True, "", None),
    ("reference", GOOD, False, "lab: over, exit code 0\r\n",
     "reference restarts when nobody strokes the watchdog"),
    ("reference", BAD, False, "lab: over, exit code 1\r\n",
     "reference restarts when nobody strokes the watchdog")])
def test_a_board_whose_checks_break_off_has_failed(lab, board, outcomes, restarted, said, check):
    """A lab that crashes after its first check leaves good outcomes alone, and says nothing itself."""
    last = lab.missing_end(board, outcomes, restarted, said)
    assert (last["check"], last["passed"]) == (check, False) if check else last is None


@pytest.mark.parametrize("said, again, passed", [
    ("lab: the monitor is stopped", True, True), ("lab: the monitor is stopped", False, False),
    ("", True, False)])
def test_a_restart_counts_when_it_was_asked_for_and_came_up(lab, tmp_path, said, again, passed):
    (tmp_path / "console-before.log").write_text(said)
    assert lab.outcome_of_restart(tmp_path, again)["passed"] is passed


def test_each_board_has_a_machine_of_its_own(lab):
    """The init takes the board from the kernel's command line; a name it cannot read starts nothing."""
    text = (lab.HERE / "init").read_text(encoding="utf-8")
    assert "lab\\.board=\\([a-z-]*\\)" in text and lab.RESTARTS in lab.BOARDS
    assert all(set(board) <= set("abcdefghijklmnopqrstuvwxyz-") for board in lab.BOARDS)


def test_says_what_is_missing_and_ends_with_two(tmp_path):
    """Without programs there is nothing to run; a kernel is not built for it."""
    done = subprocess.run(
        [PROGRAM, "--bin", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no pump-lab" in done.stderr and done.stdout.endswith("0 passed, 1 failed\n")


def test_the_init_does_its_work_once(lab):
    """The second start, after the watchdog's, must not run the checks again."""
    text = (lab.HERE / "init").read_text(encoding="utf-8")
    assert text.index("if [ -e /host/began ]") < text.index("/programs/pump-lab")
