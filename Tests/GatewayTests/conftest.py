# SPDX-License-Identifier: Apache-2.0

import pathlib

import pytest

from door import Door
from simulated_pump import programs

HERE = pathlib.Path(__file__).resolve().parent
STARTED = []


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """The pumps end with the last test of this folder: those that follow have the processors to themselves."""
    if nextitem is None or nextitem.path.parent != HERE:
        while STARTED:
            STARTED.pop().pump.end()


@pytest.fixture(scope="session")
def new_door(tmp_path_factory):
    """A function that starts a pump with a gateway; each one started ends with the tests of this folder."""
    if not (programs() / "pump-gatewayd").exists():
        pytest.skip(f"no pump-gatewayd in {programs()}: run `make build`, or set PUMP_BIN")

    def start(order="none"):
        door = Door(tmp_path_factory.mktemp("door"), order)
        STARTED.append(door)
        door.commission()
        return door

    return start


@pytest.fixture(scope="session")
def door(new_door):
    """A pump on the network, shared; a test leaves it as it found it."""
    door = new_door()
    door.provision(proposers=("tool.test",))
    return door
