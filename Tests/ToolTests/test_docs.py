# SPDX-License-Identifier: Apache-2.0
"""Generated parts of the documents are what the programs say."""

import pathlib
import subprocess
import sys

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "Tools" / "docs"
STALE = "# Knobs\n\n<!-- BEGIN GENERATED: pump-sim knobs --markdown -->\nold\n<!-- END GENERATED -->\n\nEnd.\n"
FRESH = STALE.replace("old\n", "\n| knobs --markdown |\n\n")


@pytest.fixture
def tree(tmp_path):
    program = tmp_path / "bin" / "pump-sim"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$1" = knobs ] || exit 3\necho "| $* |"\n')
    program.chmod(0o755)
    (tmp_path / "root").mkdir()
    return tmp_path


def docs(tree, text, *options):
    page = tree / "root" / "knobs.md"
    page.write_text(text)
    result = subprocess.run(
        [sys.executable, TOOL, "--bin", tree / "bin", "--root", tree / "root", *options],
        capture_output=True, text=True, check=False,
    )
    return page.read_text(), result


def test_writes_what_the_program_says(tree):
    text, result = docs(tree, STALE)
    assert (text, result.returncode) == (FRESH, 0)


def test_a_second_run_changes_nothing(tree):
    text, result = docs(tree, FRESH)
    assert (text, result.returncode) == (FRESH, 0)
    assert "wrote" not in result.stdout


def test_check_finds_what_is_stale_and_writes_nothing(tree):
    text, result = docs(tree, STALE, "--check")
    assert (text, result.returncode) == (STALE, 1)
    assert "knobs.md:1: docs: a generated part is stale" in result.stdout


@pytest.mark.parametrize(
    "text, reason",
    [
        (STALE.replace("pump-sim", "pump-sam"), "knobs.md:3: no program 'pump-sam' is built"),
        (STALE.replace("pump-sim", "../bin/pump-sim"), "no program '../bin/pump-sim' is built"),
        (STALE.replace("knobs --", "levers --"), "ended with status 3"),
        (STALE.replace("<!-- END GENERATED -->", ""), "has no beginning or no end"),
    ],
    ids=["unknown program", "program elsewhere", "failing program", "no end"],
)
def test_says_what_it_cannot_generate(tree, text, reason):
    after, result = docs(tree, text)
    assert (after, result.returncode) == (text, 2)
    assert reason in result.stderr


def test_refuses_a_broken_link(tree):
    _, result = docs(tree, "[a](b.md)\n")
    assert result.returncode == 1
    assert "knobs.md:1: links: 'b.md' leads to nothing" in result.stdout
