# SPDX-License-Identifier: Apache-2.0

import pytest

from door import Door
from simulated_pump import programs


@pytest.fixture(scope="session")
def new_door(tmp_path_factory):
    """A function that starts a pump with a gateway; each one started ends with the tests."""
    if not (programs() / "pump-gatewayd").exists():
        pytest.skip(f"no pump-gatewayd in {programs()}: run `make build`, or set PUMP_BIN")
    started = []

    def start(order="none"):
        door = Door(tmp_path_factory.mktemp("door"), order)
        started.append(door)
        door.commission()
        return door

    yield start
    for door in started:
        door.pump.end()


@pytest.fixture(scope="session")
def door(new_door):
    """A pump on the network, shared; a test leaves it as it found it."""
    door = new_door()
    door.provision(proposers=("tool.test",))
    return door
