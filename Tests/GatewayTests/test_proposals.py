# SPDX-License-Identifier: Apache-2.0
"""Orders that come from the network: they wait, and only hands at the pump make them run."""

import json
import socket
import time

import pytest

from door import Seat, ask, kind, records, until
from people import PASSWORD, add
from states import STATES, healed, infusing, paused, with_a_moment_to_hold

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


@pytest.mark.parametrize("order, status, problem", [
    ({"rate_nL_h": 1}, 409, "not-an-order"), ({"rate_nL_h": 9_007_199_254_740_991}, 409, "not-an-order"),
    ({"vtbi_nL": 60_000_000}, 409, "not-an-order"), ({"rate_nL_h": -1}, 400, "request"),
    ({"rate_nL_h": 1.5}, 400, "request"), ({"rate_nL_h": "5"}, 400, "request"), ({"syringe_mL": 49}, 400, "request"),
    ({"drug": "ä"}, 400, "request"), ({"drug": "x" * 25}, 400, "request"), ({"more": 1}, 400, "request"),
    (b"", 400, "request"), (b"{}", 400, "request"), (b"[[[[[[]]]]]]", 400, "request"), (b"\xff", 400, "request"),
    (b"{" * 4_000, 400, "request"), (b" " * 5_000, 413, "too-large"),
    (json.dumps(ORDER).encode()[:-1] + b',"drug":"again"}', 400, "request"),
])
def test_SRS_189_what_is_no_order_is_refused_with_a_reason(ward, order, status, problem):
    got, _, body = propose(ward, "wrong", order)
    assert (got, body["type"]) == (status, f"urn:pump:problem:{problem}")
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


def state(seat, number):
    """The state of a node's proposal and the reason of a refusal."""
    status, _, body = seat("GET", f"/v1/proposals/{number}")
    assert status == 200 and (body["state"] == "waits") == (body["seconds_left"] > 0), body
    assert (body["order"], body["from"], body["number"]) == (ORDER, "ward.test", number)
    return body["state"], body["reason"]


def test_SRS_247_a_node_is_told_what_became_of_its_order(ward):
    seat = Seat(ward, "ward.test")
    numbers = [propose(ward, f"state-{n}")[2]["number"] for n in range(4)]
    taken, dropped, withdrawn, waits = numbers
    assert [state(seat, number) for number in numbers] == [("waits", None)] * 4
    ward.nurse("proposals", "take", str(taken))
    ward.nurse("proposals", "drop", str(dropped))
    assert seat("DELETE", f"/v1/proposals/{withdrawn}")[0] == 204
    assert [state(seat, number) for number in numbers] == [
        ("taken", None), ("dropped", None), ("withdrawn", None), ("waits", None)]
    # The list is of those that wait, as before.
    assert [item["number"] for item in seat("GET", "/v1/proposals")[2]["proposals"]] == [waits]
    assert set(seat("GET", "/v1/proposals")[2]["proposals"][0]) == {"by", "from", "number", "order", "seconds_left"}
    assert ward.pump.state()["state"] == "programmed"


@pytest.mark.parametrize("lead, reason", [
    (lambda door: infusing(door, "5 mL/h", "10 mL", "--drug", "Other"), "changeNotAllowed"),
    (paused, "therapyActive")])
def test_SRS_247_SYS_084_an_order_that_the_controller_refused_is_told_with_why(ward, lead, reason):
    seat = Seat(ward, "ward.test")
    lead(ward)
    number = propose(ward, f"refused-{reason}")[2]["number"]
    held = ward.get("/v1/status")[2]
    # Whoever takes it has the refusal before them, and it cannot be taken a second time.
    ward.nurse("proposals", "take", str(number), code=1)
    until(lambda: state(seat, number) != ("taken", None), "the controller's reply")
    assert state(seat, number) == ("refused", reason)
    assert "waits" in ward.nurse("proposals", "take", str(number), code=1).stderr
    assert kind(seat("DELETE", f"/v1/proposals/{number}")) == (409, "proposal-ended")
    now = ward.get("/v1/status")[2]
    assert [now[name] for name in ("state", "held", "pending")] == [held[name] for name in ("state", "held", "pending")]
    # SEC-374: repeated it is the same one.
    assert propose(ward, f"refused-{reason}")[::2] == (200, {"number": number})


def test_SEC_441_a_node_learns_nothing_of_anothers_order_and_does_nothing_to_it(ward):
    seat = Seat(ward, "ward.test")
    seat.sign_in("nurse")
    own = propose(ward, "mine-1")[2]["number"]
    named = seat.propose(ORDER, "mine-2")[2]["number"]
    for node in ("second.test", "node.test"):
        other = Seat(ward, node)
        for _ in range(2):
            for number in (own, named, 999_999, 0, -1, "x", "1.0", 2**53, 2**64, "%31"):
                for method in ("GET", "DELETE"):
                    status, headers, body = other(method, f"/v1/proposals/{number}")
                    # The same answer to each: none tells what there is.
                    assert (status, body) == (404, {
                        "detail": "this node has no such proposal", "status": 404, "title": "Not Found",
                        "type": "urn:pump:problem:no-proposal"}), (node, method, number)
                    assert "retry-after" not in headers
            # The session of its person changes nothing.
            other.sign_in("nurse")
    assert state(seat, own) == state(seat, named) == ("waits", None)


def test_SRS_248_who_proposed_an_order_withdraws_it_and_that_is_on_record(ward):
    node = Seat(ward, "ward.test")
    own = propose(ward, "back-1")[2]["number"]
    # A page of another origin cannot make a browser ask this: it would have to be allowed before.
    assert kind(node("OPTIONS", f"/v1/proposals/{own}")) == (405, "method")
    assert node("DELETE", f"/v1/proposals/{own}")[0] == 204
    assert kind(node("DELETE", f"/v1/proposals/{own}")) == (409, "proposal-ended")
    # SEC-374: its key is that of the withdrawn one, and no second order comes of it.
    assert propose(ward, "back-1")[::2] == (200, {"number": own})
    assert state(node, own) == ("withdrawn", None)
    assert ward.nurse("proposals", "list", "--json") == []
    ward.nurse("proposals", "take", str(own), code=1)

    def on_record(number, reference):
        return [record for record in records(ward, "requestRefused")
                if (record.get("reference"), record.get("a")) == (reference, number)]

    until(lambda: on_record(own, "proposal withdrawn"), "the record")
    record, = on_record(own, "proposal withdrawn")
    # 6 is the role of a node.
    assert record["role"] == 6 and record["person"].startswith("p-") and record.get("session", 0) == 0
    # In a person's name: with their session alone, at that node.
    seat = Seat(ward, "ward.test")
    seat.sign_in("nurse")
    named = seat.propose(ORDER, "back-2")[2]["number"]
    place = f"/v1/proposals/{named}"
    assert kind(node("DELETE", place)) == (401, "not-signed-in")
    assert kind(node("DELETE", place, Authorization="Bearer " + "0a" * 32)) == (401, "not-signed-in")
    elsewhere = Seat(ward, "second.test")
    elsewhere.sign_in("nurse")
    assert kind(node("DELETE", place, Authorization=f"Bearer {elsewhere.session}")) == (401, "not-signed-in")
    another = Seat(ward, "ward.test")
    another.sign_in("root-person")
    assert kind(another("DELETE", place)) == (403, "not-permitted")
    assert state(node, named) == ("waits", None)
    assert node("GET", place)[2]["by"] == "nurse"
    assert seat("DELETE", place)[0] == 204
    assert kind(seat("DELETE", place)) == (409, "proposal-ended")
    until(lambda: on_record(named, "proposal withdrawn from ward.test"), "the record")
    record, = on_record(named, "proposal withdrawn from ward.test")
    assert record["role"] == 1 and record["session"] != 0


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
