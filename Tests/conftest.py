# SPDX-License-Identifier: Apache-2.0
"""What the Python tests share: a whole simulated pump as `pump-sim up` starts it, and a watch on the machine."""

import pytest

from machine import Machine
from simulated_pump import SimulatedPump, programs

MACHINE = pytest.StashKey[Machine]()


def pytest_sessionstart(session):
    session.config.stash[MACHINE] = Machine()


def pytest_sessionfinish(session):
    if MACHINE in session.config.stash:
        session.config.stash[MACHINE].end()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.config.stash[MACHINE].begin()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failure names how long the machine itself stood still meanwhile. It excuses nothing."""
    report = (yield).get_result()
    if report.failed:
        still = item.config.stash[MACHINE].stood_still()
        report.sections.append(("machine", f"the machine itself stood still for {still} ms"))


@pytest.fixture
def machine(request):
    return request.config.stash[MACHINE]


@pytest.fixture
def start_pump():
    """A function that starts a pump; each one started ends with the test."""
    folder = programs()
    if not (folder / "pump-sim").exists():
        pytest.skip(f"no pump-sim in {folder}: run `make build`, or set PUMP_BIN")
    started = []

    def start(order="demo"):
        pump = SimulatedPump(folder, order)
        started.append(pump)
        pump.wait_until_ready()
        return pump

    yield start
    for pump in started:
        pump.end()


@pytest.fixture
def pump(start_pump):
    """A pump that infuses the demonstration order: 5 mL/h, VTBI 10 mL, 50 mL syringe."""
    pump = start_pump("demo")
    pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
    return pump
