# SPDX-License-Identifier: Apache-2.0
"""The GPIO target builds and runs with libgpiod 1 and 2; a root of Debian packages brings the other one."""

import pathlib
import subprocess

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "Tools" / "check-libgpiod"


@pytest.mark.slow
def test_builds_against_both_versions():
    done = subprocess.run([TOOL], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("check-libgpiod: versions 1 2; 2 versions built, 0 failed\n") or (
        done.stdout.endswith("check-libgpiod: versions 2 1; 2 versions built, 0 failed\n"))
