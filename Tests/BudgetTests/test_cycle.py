# SPDX-License-Identifier: Apache-2.0
"""The steady cycle of both lower processes asks nothing of the heap and takes no lock."""

import json
import subprocess

from simulated_pump import programs


def probe(*options):
    done = subprocess.run(
        [programs() / "cycle-probe", *options], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_SRS_110_a_hundred_thousand_cycles_allocate_and_lock_nothing():
    counted = probe("--cycles", "100000")
    assert counted["cycles"] == 100000 and counted["state"] == "infusing", counted
    assert counted["allocations"] == 0, counted
    assert counted["locks"] == 0, counted
    assert counted["ns_per_cycle"] > 0, counted


def test_SRS_110_the_counter_sees_an_allocation_and_a_lock():
    counted = probe("--cycles", "10", "--disturb")
    assert counted["allocations"] == 1 and counted["locks"] == 1, counted


def test_a_wrong_option_is_refused():
    for options in [[], ["--cycles", "0"], ["--cycles", "many"], ["--cycles", "5", "--what"]]:
        done = subprocess.run(
            [programs() / "cycle-probe", *options], capture_output=True, text=True, timeout=20,
            check=False)
        assert done.returncode == 2, options
