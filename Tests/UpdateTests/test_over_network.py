# SPDX-License-Identifier: Apache-2.0
"""What a node of the network sees of an update: how it stands, and nothing that it could do about it."""

import pathlib
import sys

import pytest
from test_corpus import Device, built  # noqa: F401
from test_libraries import Publisher, library
from test_slots import GOOD, attend  # noqa: F401
from tuf_server import programs

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "GatewayTests"))
from door import Door, kind, until  # noqa: E402


@pytest.fixture(name="door")
def pump_on_the_network(tmp_path):
    if not (programs() / "pump-gatewayd").exists():
        pytest.skip(f"no pump-gatewayd in {programs()}")
    door = Door(tmp_path)
    yield door
    door.pump.end()


def test_SRS_223_a_node_sees_what_waits_and_cannot_take_one_in(tmp_path, door, attend):
    publisher = Publisher()
    folder = tmp_path / "device"
    folder.mkdir()
    device = Device(folder, publisher.root, GOOD % b"5.0")
    version = device.json("status")["running"]["version"]
    door.commission()
    door.provision()
    node = door.node()
    assert set(door.get("/v1/update", node)[2].values()) == {None}
    updater = attend(device, door.pump)
    until(lambda: door.get("/v1/update", node)[2]["kind"], "the updater", 15)
    shown = door.get("/v1/update", node)[2]
    assert (shown["kind"], shown["stage"], shown["running"], shown["candidate"], shown["outcome"]) == (
        "firmware", "none", version, None, "none")
    assert device.take(publisher.bundle("drug-library", "4.2", 7, library())) is None
    until(lambda: door.get("/v1/update", node)[2]["stage"] == "offered", "what waits", 15)
    shown = door.get("/v1/update", node)[2]
    waiting = device.json("status")["drugLibrary"]
    assert (shown["kind"], shown["candidate"]) == ("drugLibrary", "4.2")
    assert len(shown["candidate_sha256"]) == 64 and waiting["phase"] == "staged"
    for method in ("POST", "PUT", "DELETE"):
        assert kind(door.get("/v1/update", node, method=method, body=b"{}")) == (405, "method")
    assert device.json("status")["drugLibrary"]["phase"] == "staged"
    updater.terminate()
    updater.wait(10)
    until(lambda: door.get("/v1/update", node)[2]["kind"] is None, "its end", 10)
