# SPDX-License-Identifier: Apache-2.0
"""What the Python tests share: a whole simulated pump as `pump-sim up` starts it, and a watch on the machine."""

import pytest
from _pytest.runner import runtestprotocol

from machine import Machine
from simulated_pump import SimulatedPump, programs

# A status is up to 50 ms old and lost after 100: a machine that stands still longer than 50 loses processes by itself.
# The watch, which wakes each 10 ms, sees up to that less.
STILL_MS = 40
TURNS = 3
MACHINE = pytest.StashKey[Machine]()
AGAIN = pytest.StashKey[list]()


def pytest_sessionstart(session):
    session.config.stash[MACHINE] = Machine()
    session.config.stash[AGAIN] = []


def pytest_sessionfinish(session):
    if MACHINE in session.config.stash:
        session.config.stash[MACHINE].end()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """A test that fails is run again if the machine itself stood still meanwhile, and is named with how long."""
    machine = item.config.stash.get(MACHINE, None)
    if machine is None:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for turn in range(TURNS):
        machine.begin()
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        still = machine.stood_still()
        if not any(report.failed for report in reports) or still < STILL_MS or turn == TURNS - 1:
            break
        item.config.stash[AGAIN].append((item.nodeid, still, next(r for r in reports if r.failed).longreprtext))
        # Its fixtures are made anew.
        item._initrequest()
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter, config):
    for test, still, why in config.stash.get(AGAIN, []):
        terminalreporter.section(f"again: {test}", sep="-")
        terminalreporter.write_line(f"It failed while the machine itself stood still for {still} ms, and was run again.")
        terminalreporter.write_line(why)


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
