# SPDX-License-Identifier: Apache-2.0
"""Orders that come from the network: they wait, and only hands at the pump make them run."""

import json
import socket
import time

import pytest

from door import ask, records, until
from people import PASSWORD, add
from states import STATES, healed, with_a_moment_to_hold

ORDER = {"drug": "Specimen", "kvo_nL_h": 1_000_000, "occlusion_Pa": 59_995, "rate_nL_h": 5_000_000, "syringe_mL": 50,
         "vtbi_nL": 10_000_000}


def propose(door, key, order=None, node="ward.test", **headers):
    body = order if isinstance(order, bytes) else json.dumps(ORDER | (order or {})).encode()
    return door.get("/v1/proposals", door.node(node), method="POST", body=body,
                    headers={"Content-Type": "application/json", "Idempotency-Key": key} | headers)


@pytest.fixture(name="ward", scope="module")
def proposing_door(new_door):
    """A pump with a node that may propose, a node that may not, and a nurse."""
    door = new_door()
    with_a_moment_to_hold(door)
    door.provision(nodes=("node.test", "other.test"), proposers=("ward.test", "second.test"))
    door.root("step-up", typed=[PASSWORD])
    door.nurse = add(door.root, door.pump, door.folder, "nurse", "clinician")
    door.nurse.sign_in()
    return door


@pytest.fixture(autouse=True)
def nothing_waits(ward):
    yield
    ward.nurse.sign_in()
    healed(ward)
    for proposal in ward.nurse("proposals", "list", "--json"):
        ward.nurse("proposals", "drop", str(proposal["number"]))


def test_SYS_084_SRS_189_RC_001_SEC_005_a_node_proposes_a_person_takes_it_and_confirm_alone_starts(ward):
    status, _, proposed = propose(ward, "order-1")
    assert status == 201
    number = proposed["number"]
    assert ward.get("/v1/proposals", ward.node("ward.test"))[2]["proposals"][0]["order"] == ORDER
    assert ward.get("/v1/proposals", ward.node("second.test"))[2] == {"proposals": []}
    waiting, = ward.nurse("proposals", "list", "--json")
    assert (waiting["from"], waiting["rate"], waiting["vtbi"]) == ("ward.test", 5_000_000, 10_000_000)
    assert ward.pump.state()["state"] == "standby"
    held = ward.nurse("proposals", "take", str(number), "--json")
    assert (held["state"], held["drug"]) == ("programmed", "Specimen")
    assert ward.get("/v1/status")[2]["held"] == ORDER
    assert ward.nurse("start", "--json")["state"] == "awaitingConfirm"
    time.sleep(1)
    assert ward.pump.state()["state"] == "awaitingConfirm"
    ward.pump.press("confirm")
    ward.pump.wait(lambda now: now["state"] == "infusing", 15, "the order to run")
    # SEC-005: who proposed and who took it is on the log.
    until(lambda: any(record.get("reference") == "proposal" for record in records(ward, "requestReceived")), "the record")
    record, = [record for record in records(ward, "requestReceived") if record.get("reference") == "proposal"]
    # Shown by a pseudonym, as everywhere; 6 is the role of a node.
    assert record["a"] == number and record["role"] == 6 and record["person"].startswith("p-")


def test_SEC_374_a_repeated_proposal_is_the_same_one_also_after_it_was_dropped(ward):
    status, _, first = propose(ward, "key-1")
    assert status == 201
    assert propose(ward, "key-1")[::2] == (200, first)
    status, _, body = propose(ward, "key-1", {"rate_nL_h": 6_000_000})
    assert (status, body["type"]) == (409, "urn:pump:problem:key-used")
    # Another node's key is another key.
    assert propose(ward, "key-1", node="second.test")[0] == 201
    ward.nurse("proposals", "drop", str(first["number"]))
    assert propose(ward, "key-1")[::2] == (200, first)
    assert [item["from"] for item in ward.nurse("proposals", "list", "--json")] == ["second.test"]
    ward.nurse("proposals", "take", str(first["number"]), code=1)


def test_SRS_189_a_node_has_four_places(ward):
    assert [propose(ward, f"many-{n}")[0] for n in range(5)] == [201] * 4 + [503]
    assert propose(ward, "many-0", node="second.test")[0] == 201


@pytest.mark.parametrize("order, status, kind", [
    ({"rate_nL_h": 1}, 409, "not-an-order"), ({"rate_nL_h": 9_007_199_254_740_991}, 409, "not-an-order"),
    ({"vtbi_nL": 60_000_000}, 409, "not-an-order"), ({"rate_nL_h": -1}, 400, "request"),
    ({"rate_nL_h": 1.5}, 400, "request"), ({"rate_nL_h": "5"}, 400, "request"), ({"syringe_mL": 49}, 400, "request"),
    ({"drug": "ä"}, 400, "request"), ({"drug": "x" * 25}, 400, "request"), ({"more": 1}, 400, "request"),
    (b"", 400, "request"), (b"{}", 400, "request"), (b"[[[[[[]]]]]]", 400, "request"), (b"\xff", 400, "request"),
    (b"{" * 4_000, 400, "request"), (b" " * 5_000, 413, "too-large"),
    (json.dumps(ORDER).encode()[:-1] + b',"drug":"again"}', 400, "request"),
])
def test_SRS_189_what_is_no_order_is_refused_with_a_reason(ward, order, status, kind):
    got, _, body = propose(ward, "wrong", order)
    assert (got, body["type"]) == (status, f"urn:pump:problem:{kind}")
    assert ward.get("/v1/proposals", ward.node("ward.test"))[2] == {"proposals": []}


def test_SEC_375_a_browser_cannot_send_one_and_a_key_is_needed(ward):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"):
        assert propose(ward, "form", **{"Content-Type": kind})[0] == 415
    body = json.dumps(ORDER).encode()
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 65}, {"Idempotency-Key": "a b"}):
        status, _, said = ward.get(
            "/v1/proposals", ward.node("ward.test"), method="POST", body=body,
            headers={"Content-Type": "application/json"} | headers)
        assert (status, said["type"]) == (400, "urn:pump:problem:request"), headers


# Every state of the pump that hands and the plant can bring about, and every node: what each can do from the network.


COMMANDS = ["program", "start", "resume", "pause", "stop", "silence", "clear", "cancel", "confirm", "heartbeat"]


@pytest.mark.parametrize("state", STATES)
def test_RC_001_SEC_005_SEC_371_nothing_from_the_network_starts_raises_or_resumes_a_therapy(ward, state):
    STATES[state](ward)
    rate = ward.get("/v1/status")[2]["rate_nL_h"]
    cases = 0
    for node, may in (("ward.test", True), ("node.test", False)):
        with ward.tls(ward.node(node)) as tls:
            # The one thing that there is.
            status, _, body = ask(tls, "/v1/proposals", method="POST", body=json.dumps(ORDER | {
                "rate_nL_h": 50_000_000}).encode(), headers={
                "Content-Type": "application/json", "Idempotency-Key": f"{state}-{may}"})
            assert (status == 201) if may else (status, body["type"]) == (403, "urn:pump:problem:not-permitted")
        # And every command by every name that it could have.
        for command in COMMANDS:
            cases += 1
            status, _, _ = ward.get(
                f"/v1/{command}", ward.node(node), method="POST", body=json.dumps(ORDER).encode(),
                headers={"Content-Type": "application/json", "Idempotency-Key": "c"})
            assert status == 404, command
    # What the gateway's own user can say to the service is no command either.
    for name in ("network.sock", "watch.sock"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
            peer.connect(str(ward.pump.run / name))
            peer.settimeout(5)
            for command in COMMANDS:
                cases += 1
                peer.send(json.dumps({"v": 1, "do": "command", "command": command, "number": 7, "emergency": True,
                                      "draft": ORDER}).encode())
                if name == "network.sock":
                    assert json.loads(peer.recv(16_384))["reason"] == "not-understood"
    after = ward.get("/v1/status")[2]
    assert (after["state"], after["rate_nL_h"]) == (state, rate)
    if state == "starting":
        assert ward.between.asked == 0
    assert cases == 4 * len(COMMANDS)
