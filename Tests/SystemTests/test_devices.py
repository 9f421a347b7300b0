# SPDX-License-Identifier: Apache-2.0
"""The daemons on a machine without the board's devices: a clear refusal, and nothing of the tests in them."""

import pathlib
import re
import subprocess
import tomllib

import pytest

from simulated_pump import ROOT, programs

DAEMONS = {"pump-controld": "/dev/pump/i2c-a", "pump-safetyd": "/dev/pump/i2c-b", "pump-paneld": "/dev/pump/i2c-c"}


def program(name):
    path = programs() / name
    if not path.exists():
        pytest.skip(f"no {name} in {path.parent}: run `make build`, or set PUMP_BIN")
    return path


def start(name, *options):
    return subprocess.run(
        [program(name), *options], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize("name, bus", DAEMONS.items())
def test_RC_041_names_the_device_that_is_missing(name, bus, tmp_path):
    if pathlib.Path(bus).exists():
        pytest.skip("this machine has the board")
    done = start(name, "--run", str(tmp_path), "--board", "reference")
    assert done.returncode == 3, done
    assert done.stderr.splitlines() == [
        f"{name}: cannot start in {tmp_path}: I2C bus {bus}: there is none; "
        "enable the bus in the device tree and load the module i2c-dev"]
    assert not list(tmp_path.iterdir()), "a socket was left"


@pytest.mark.parametrize("name", DAEMONS)
def test_refuses_a_faster_clock_on_a_device(name, tmp_path):
    done = start(name, "--run", str(tmp_path), "--board", "reference", "--speed", "2", "--epoch", "1")
    assert done.returncode == 2
    assert "--board reference and --speed exclude each other" in done.stderr


@pytest.mark.parametrize("name", DAEMONS)
def test_no_seam_for_faults_is_in_a_release_program(name):
    symbols = subprocess.run(["nm", program(name)], capture_output=True, text=True, check=True).stdout
    assert "ci_transfer" in symbols, "the symbols are stripped: this proves nothing"
    assert not [line for line in symbols.splitlines() if "seam" in line]


@pytest.mark.parametrize("name", DAEMONS)
def test_gpiod_and_i2c_are_inside_the_program(name):
    loaded = subprocess.run(["ldd", program(name)], capture_output=True, text=True, check=True).stdout
    assert "libc.so" in loaded
    assert "gpiod" not in loaded and "libi2c" not in loaded


@pytest.mark.parametrize("name", ["pump-controld", "pump-safetyd"])
def test_a_lower_process_is_small_and_brings_no_tasks(tmp_path, name):
    limit = tomllib.loads((ROOT / "Benchmarks/budgets.toml").read_text(encoding="utf-8"))["size"]["at_most_bytes"]
    stripped = tmp_path / name
    subprocess.run(["strip", "-o", stripped, program(name)], check=True)
    assert stripped.stat().st_size <= limit
    # A clock or a stream of the standard library is enough to bring them in: threads that no cycle knows of.
    symbols = subprocess.run(["nm", program(name)], capture_output=True, text=True, check=True).stdout
    assert "swift_retain" in symbols, "the symbols are stripped: this proves nothing"
    assert not re.findall(r" (?:swift_task_create|_dispatch_)\w*", symbols)
