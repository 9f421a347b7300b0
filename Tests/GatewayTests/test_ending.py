# SPDX-License-Identifier: Apache-2.0
"""A gateway that is asked to end does so as its manual says: status 0, and not a word of a failure."""

import signal
import subprocess
import time

import pytest

from door import Door, until
from simulated_pump import free_port, programs


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("clients", [0, 3])
def test_a_gateway_ends_with_status_0_with_and_without_clients(tmp_path, number, clients):
    if not (programs() / "pump-gatewayd").exists():
        pytest.skip(f"no pump-gatewayd in {programs()}: run `make build`, or set PUMP_BIN")
    door = Door(tmp_path, gateway=False)
    try:
        door.commission()
        door.give_place()
        gateway = subprocess.Popen(
            [programs() / "pump-gatewayd", "--run", door.pump.run, "--port", str(door.port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            until(door.listens, "the gateway to listen", 10)
            node = door.node()
            lines = [door.tls(node) for _ in range(clients)]
            assert door.get("/v1/status", node)[0] == 200
            gateway.send_signal(number)
            said = gateway.communicate(timeout=20)[1]
            for line in lines:
                line.close()
        finally:
            gateway.kill()
            gateway.communicate()
        assert gateway.returncode == 0, said
        assert said.splitlines()[-1] == "pump-gatewayd: listens"
    finally:
        door.pump.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_gateway_that_waits_for_a_place_ends_with_status_0(tmp_path, number):
    if not (programs() / "pump-gatewayd").exists():
        pytest.skip(f"no pump-gatewayd in {programs()}: run `make build`, or set PUMP_BIN")
    gateway = subprocess.Popen(
        [programs() / "pump-gatewayd", "--run", tmp_path, "--port", str(free_port())], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        while "nothing listens" not in (line := gateway.stderr.readline()):
            assert line, "it ended"
        time.sleep(0.5)
        gateway.send_signal(number)
        said = gateway.communicate(timeout=20)[1]
    finally:
        gateway.kill()
        gateway.communicate()
    assert gateway.returncode == 0, said
