# SPDX-License-Identifier: Apache-2.0
"""The Embedded Swift check goes red on what needs a heap or an operating system."""

import pathlib
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "Tools" / "check-embedded"
MODULES = ["Units", "Domain", "DeviceInterface", "DeliveryControl", "SafetyMonitor", "Alarms",
           "Messages", "ControlProcess", "SafetyProcess"]


@pytest.fixture
def tree(tmp_path):
    for module in MODULES:
        folder = tmp_path / "Sources" / module
        folder.mkdir(parents=True)
        (folder / "Step.swift").write_text("public func step(_ a: Int64) -> Int64 { a &+ 1 }\n")
    (tmp_path / "Tools").mkdir()
    shutil.copy(TOOL, tmp_path / "Tools")
    return tmp_path


def check(tree, *options):
    return subprocess.run(
        [tree / "Tools" / TOOL.name, *options], capture_output=True, text=True, check=False
    )


def outcomes(file):
    """Whether each claim of the result file failed."""
    cases = xml.etree.ElementTree.parse(file).getroot().iter("testcase")
    return {case.get("name"): case.find("failure") is not None for case in cases}


CLAIM = "SRS_177_the_pure_targets_compile_without_an_allocation"
PC, CONTROLLER = f"{CLAIM}[x86_64-unknown-linux-gnu]", f"{CLAIM}[aarch64-none-none-elf]"


def test_accepts_integers_for_both_processors(tree):
    result = check(tree, "--junit", tree / "out.xml")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "check-embedded: 18 modules compiled, 0 failed"
    assert outcomes(tree / "out.xml") == {PC: False, CONTROLLER: False}


def test_refuses_an_option_it_does_not_know(tree):
    for options in [["--junit"], ["--xml", "a"], ["a"]]:
        assert check(tree, *options).returncode == 2


@pytest.mark.parametrize(
    "code",
    [
        "public func step(_ a: Int) -> Int { [a, a + 1].count }",
        "public final class Step { public init() {} }\npublic func step() -> Step { Step() }",
        "import Glibc\npublic func step() -> Int32 { getpid() }",
    ],
    ids=["array", "class", "system module"],
)
def test_refuses_what_a_microcontroller_has_not(tree, code):
    (tree / "Sources" / "Units" / "Step.swift").write_text(code + "\n")
    result = check(tree, "--junit", tree / "out.xml")
    assert result.returncode == 1
    assert outcomes(tree / "out.xml")[CONTROLLER]
    assert "Units does not compile as Embedded Swift for aarch64-none-none-elf" in result.stderr
