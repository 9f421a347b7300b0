# SPDX-License-Identifier: Apache-2.0
"""The last line of .ci/run is never better than the run."""

import pathlib
import subprocess
import sys

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "Tools" / "tally"
SWIFT = "✔ Test run with 12 tests in 3 suites passed after 0.120 seconds.\n"
PYTEST = "======= 7 passed in 3.10s =======\n"
# As Swift Testing 6.3 closes a run of six tests: two failed, one skipped, one with a known issue.
SWIFT_RED = """\
➜ Test skipped() skipped: "no"
✔ Test "top failed after 1 second" passed after 0.001 seconds.
✔ Test "passes well" passed after 0.001 seconds.
━ Test known() passed after 0.001 seconds with 1 known issue.
✘ Test fails() recorded an issue at A.swift:4:22: Expectation failed: Bool(false)
✘ Test fails() failed after 0.001 seconds with 2 issues.
✘ Test many(a:) with 3 test cases failed after 0.001 seconds with 1 issue.
✘ Suite S failed after 0.001 seconds with 4 issues (including 1 known issue).
✘ Test run with 6 tests in 1 suite failed after 0.002 seconds with 4 issues (including 1 known issue).
"""


def tally(tmp_path, log, *options):
    file = tmp_path / "log"
    file.write_text(log, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, TOOL, *options, file], capture_output=True, text=True, check=False
    )
    return result.stdout.splitlines()[-1], result.returncode


def test_adds_both_runners(tmp_path):
    assert tally(tmp_path, SWIFT + PYTEST) == ("19 passed, 0 failed", 0)


@pytest.mark.parametrize("line, wanted", [
    ("kernel-lab: 12 passed, 0 failed (61 s)\n", ("31 passed, 0 failed", 0)),
    ("kernel-lab: 9 passed, 3 failed (61 s)\n", ("28 passed, 3 failed", 1)),
    ("0 passed, 1 failed\n", ("19 passed, 0 failed", 0))])
def test_adds_the_kernel_lab(tmp_path, line, wanted):
    assert tally(tmp_path, SWIFT + PYTEST + line) == wanted


def test_reads_through_colours(tmp_path):
    assert tally(tmp_path, SWIFT + f"\x1b[32m{PYTEST.strip()}\x1b[0m\n")[0] == "19 passed, 0 failed"


def test_counts_failed_and_skipped_swift_tests(tmp_path):
    assert tally(tmp_path, SWIFT_RED + PYTEST) == ("10 passed, 2 failed", 1)


def test_counts_failures_and_errors_of_pytest(tmp_path):
    log = SWIFT + "=== 2 failed, 5 passed, 1 skipped, 3 deselected, 1 error in 61.00s (0:01:01) ===\n"
    assert tally(tmp_path, log) == ("17 passed, 3 failed", 1)


@pytest.mark.parametrize(
    "log, line",
    [
        (PYTEST, "7 passed, 1 failed"),
        (SWIFT, "12 passed, 1 failed"),
        ("", "0 passed, 2 failed"),
        (SWIFT.replace("12", "0") + PYTEST, "7 passed, 1 failed"),
        (SWIFT + "=== 9 deselected in 0.01s ===\n", "12 passed, 1 failed"),
        (SWIFT.replace("passed", "failed") + PYTEST, "18 passed, 1 failed"),
    ],
    ids=["no swift", "no pytest", "nothing", "swift ran none", "pytest ran none", "red outside"],
)
def test_what_is_missing_is_a_failure(tmp_path, log, line):
    assert tally(tmp_path, log) == (line, 1)


def test_a_failed_step_is_a_failure(tmp_path):
    assert tally(tmp_path, SWIFT + PYTEST, "--failed-step", "make lint") == (
        "19 passed, 1 failed", 1,
    )
