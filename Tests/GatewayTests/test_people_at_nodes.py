# SPDX-License-Identifier: Apache-2.0
"""People at a node: they sign in as at the pump, ask what the table gives them, and are on record under their name."""

import json
import socket
import time

import pytest

from door import Seat, kind, records, stream, until
from people import PASSWORD, Person, add

ORDER = {"drug": "Specimen", "kvo_nL_h": 1_000_000, "occlusion_Pa": 59_995, "rate_nL_h": 5_000_000, "syringe_mL": 50,
         "vtbi_nL": 10_000_000}


@pytest.fixture(name="ward", scope="module")
def peopled_door(new_door):
    """A pump with a nurse and an auditor, a node that may propose and one that may not."""
    door = new_door()
    door.provision(nodes=("node.test", "other.test"), proposers=("ward.test",))
    door.root("step-up", typed=[PASSWORD])
    door.nurse = add(door.root, door.pump, door.folder, "nurse", "clinician")
    add(door.root, door.pump, door.folder, "inspector", "auditor")
    return door


def at_the_pump(door, **fields):
    """What the pump's own socket for people answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.settimeout(10)
        peer.connect(str(door.pump.run / "people.sock"))
        peer.send(json.dumps({"v": 1} | fields).encode())
        return json.loads(peer.recv(16_384))


def test_SYS_093_SRS_217_SEC_404_a_session_is_of_a_person_and_of_a_certificate(ward):
    seat = Seat(ward, "node.test")
    assert kind(seat("GET", "/v1/session")) == (401, "not-signed-in")
    person = seat.sign_in("nurse")
    assert (person["login"], person["role"], person["active"]) == ("nurse", "clinician", True)
    assert seat("GET", "/v1/session")[2] == {"person": person, "stepped_up": False}
    first = seat.session
    seat.step_up()
    assert seat("GET", "/v1/session")[2] == {"person": person, "stepped_up": True}
    # The token that was before, another node, another certificate of the same one, and the pump itself.
    seats = [Seat(ward, "node.test", seat.context), Seat(ward, "other.test"), Seat(ward, "node.test")]
    for other, token in zip(seats, (first, seat.session, seat.session)):
        other.session = token
        assert kind(other("GET", "/v1/session")) == (401, "not-signed-in")
        assert other("DELETE", "/v1/session")[0] == 204
    assert at_the_pump(ward, do="whoami", session=seat.session)["reason"] == "not-signed-in"
    here = at_the_pump(ward, **{"do": "sign-in", "login": "nurse", "secret": PASSWORD})["session"]
    assert kind(Seat(ward, "node.test")("GET", "/v1/session", Authorization=f"Bearer {here}")) == (401, "not-signed-in")
    assert at_the_pump(ward, do="whoami", session=here)["person"]["login"] == "nurse"
    # Still there, until it is signed out.
    assert seat("GET", "/v1/session")[0] == 200
    assert seat("DELETE", "/v1/session")[0] == 204
    assert kind(seat("GET", "/v1/session")) == (401, "not-signed-in")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic " + "0a" * 32, "0a" * 32, "Bearer " + "0A" * 32,
                                    "Bearer " + "0a" * 31, "Bearer " + "0a" * 33, "Bearer " + "0a" * 32 + " x",
                                    "Bearer " + "ä" * 32])
def test_SRS_217_what_is_no_session_is_told_so(ward, header):
    answer = Seat(ward, "node.test")("GET", "/v1/session", Authorization=header.encode().decode("latin-1"))
    assert kind(answer) == (401, "not-signed-in") and answer[1]["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("body, code", [
    ({"login": "nurse", "secret": PASSWORD, "badge": "01"}, 400), ({"login": "nurse"}, 400), ({}, 400),
    ({"login": "nurse", "secret": 7}, 400), ({"login": "nurse", "secret": PASSWORD, "v": 1}, 400),
    ({"login": "nurse", "secret": PASSWORD, "do": "sign-in"}, 400), ({"login": "n" * 200, "secret": "x"}, 400),
    ({"login": "nurse", "secret": "x" * 513}, 400), ({"login": "nurse", "secret": "x" * 5_000}, 413), ([], 400),
])
def test_SRS_217_SEC_406_what_is_no_sign_in_is_refused_with_a_reason(ward, body, code):
    assert kind(Seat(ward, "node.test")("POST", "/v1/session", body)) == (
        code, "too-large" if code == 413 else "request")


def test_SEC_404_a_session_ends_with_its_certificate_and_with_the_pumps_place(ward):
    certificate, key = ward.authority.issue("node.test")
    seat = Seat(ward, "node.test", ward.context(certificate, key))
    seat.sign_in("nurse")
    stays = Seat(ward, "other.test")
    stays.sign_in("inspector")
    with ward.tls(seat.context) as tls:
        ward.revoke(certificate)
        until(lambda: not ward.refuses(ward.node("node.test")), "the new list to hold")
        until(lambda: ward.refuses(seat.context), "the certificate to be refused")
        tls.close()
    # A new list: everybody on the network signs in again, and the record says why.
    assert kind(stays("GET", "/v1/session")) == (401, "not-signed-in")
    until(lambda: len([record for record in records(ward, "automaticLogoff")
                       if record["reference"] == "network changed"]) >= 2, "the records")


def test_SEC_405_SEC_013_guesses_over_the_network_wait_and_nobody_at_the_pump_does(ward):
    seat = Seat(ward, "other.test")
    answers = [seat("POST", "/v1/session", {"login": "inspector", "secret": f"guess number {n}"}) for n in range(6)]
    assert [kind(answer) for answer in answers[:3]] == [(401, "wrong-secret")] * 3
    assert (429, "wait") in [kind(answer) for answer in answers[3:]]
    waiting = next(answer for answer in answers if answer[0] == 429)
    assert int(waiting[1]["retry-after"]) >= 1
    # Another node waits with it; a login of nobody waits alike; and the person at the pump does not.
    Person(ward.pump, ward.folder, "inspector").sign_in()
    assert [kind(seat("POST", "/v1/session", {"login": "nobody", "secret": "x" * 9})) for _ in range(4)] == (
        [(401, "wrong-secret")] * 3 + [(429, "wait")])
    # What was typed is on no record.
    until(lambda: any(record.get("reference") == "from other.test" for record in records(ward, "loginFailed")), "it")


def test_SYS_093_SRS_218_an_administrator_manages_people_after_a_step_up(ward):
    root = Seat(ward, "node.test")
    root.sign_in("root-person")
    assert kind(root("GET", "/v1/people")) == (403, "needs-step-up")
    root.step_up()
    people = root("GET", "/v1/people")[2]
    assert [person["login"] for person in people["people"]][:3] == ["root-person", "nurse", "inspector"]
    assert people["more"] is False
    assert [person["number"] for person in root("GET", "/v1/people?from=3")[2]["people"]][:1] == [3]
    for query in ("from=-1", "from=x", "from=1&from=2", "from="):
        assert kind(root("GET", f"/v1/people?{query}")) == (400, "request")
    status, _, made = root("POST", "/v1/people", {"login": "new-one", "role": "clinician"})
    assert status == 201
    assert kind(root("POST", "/v1/people", {"login": "new-one", "role": "clinician"})) == (409, "login-taken")
    for body in ({"login": "a b", "role": "clinician"}, {"login": "x", "role": "king"}, {"login": "x"}):
        assert kind(root("POST", "/v1/people", body)) == (400, "request"), body
    # The code is for the pump: over the network no secret is set.
    new = Person(ward.pump, ward.folder, "new-one")
    new("people", "set-secret", "new-one", typed=[made["code"], PASSWORD])
    seat = Seat(ward, "other.test")
    seat.sign_in("new-one")
    place = f"/v1/people/{made['person']}"
    code = root("POST", f"{place}/code")[2]
    assert code["person"] == made["person"] and code["code"] != made["code"]
    assert seat("GET", "/v1/session")[0] == 200
    assert root("PUT", place, {"active": False, "role": "clinician"})[0] == 204
    assert kind(seat("GET", "/v1/session")) == (401, "not-signed-in")
    assert kind(seat("POST", "/v1/session", {"login": "new-one", "secret": PASSWORD})) == (401, "not-signed-in") or (
        kind(Seat(ward, "other.test")("POST", "/v1/session", {"login": "new-one", "secret": PASSWORD})) == (
            401, "wrong-secret"))
    assert kind(root("PUT", "/v1/people/1", {"active": False, "role": "administrator"})) == (409, "last-administrator")
    for number in ("0", "-1", "x", "99", "99999999999999999999"):
        assert kind(root("POST", f"/v1/people/{number}/code")) == (404, "nobody"), number
    until(lambda: any(record.get("reference") == "from node.test" for record in records(ward, "personCreated")), "it")


def test_SRS_219_SEC_005_an_order_in_a_persons_name_is_on_record_under_it(ward):
    seat = Seat(ward, "ward.test")
    seat.sign_in("nurse")
    status, _, proposed = seat.propose(ORDER, "named-1")
    assert status == 201
    number = proposed["number"]
    listed = seat("GET", "/v1/proposals")[2]["proposals"]
    assert [(item["number"], item["by"]) for item in listed] == [(number, "nurse")]
    # The same key without the name, and with a name that is over, is not the same order.
    alone = Seat(ward, "ward.test", seat.context)
    assert kind(alone.propose(ORDER, "named-1")) == (409, "key-used")
    ward.nurse.sign_in()
    waiting, = ward.nurse("proposals", "list", "--json")
    assert (waiting["from"], waiting["by"]) == ("ward.test", "nurse")
    ward.nurse("proposals", "drop", str(number))
    seat("DELETE", "/v1/session")
    assert kind(seat.propose(ORDER, "named-2")) == (401, "not-signed-in")
    found = [record for record in records(ward, "requestReceived") if record.get("reference") == "proposal from ward.test"]
    until(lambda: bool(found), "the record")
    assert found[-1]["a"] == number and found[-1]["role"] == 1 and found[-1]["session"] != 0


def test_SEC_407_no_token_and_no_secret_shows_anywhere(ward):
    """Canaries: a password, a wrong one, tokens and a code; looked for in everything that the pump writes or sends."""
    seat = Seat(ward, "node.test")
    seat.sign_in("root-person")
    canaries = [PASSWORD, seat.session]
    seat.step_up()
    canaries.append(seat.session)
    assert kind(seat("POST", "/v1/session/step-up", {"secret": "canary-wrong-secret"})) == (401, "wrong-secret")
    canaries.append("canary-wrong-secret")
    code = seat("POST", "/v1/people/2/code")[2]["code"]
    canaries.append(code)
    # In a place where it does not belong it is not taken, and not repeated.
    for place in (f"/v1/session?session={seat.session}", f"/v1/{seat.session}"):
        answer = Seat(ward, "node.test", seat.context)("GET", place)
        assert answer[0] in (401, 404) and seat.session not in json.dumps(answer[2])
    time.sleep(1)
    with ward.tls(seat.context) as tls:
        told = json.dumps(list(stream(tls, "/v1/events?follow=false", {"Last-Event-ID": "0-7"})))
    told += ward.get("/v1/metrics", seat.context)[2].decode() + "".join(ward.pump.log)
    for canary in canaries:
        assert canary not in told
        for path in ward.pump.run.rglob("*"):
            if path.is_file():
                assert canary.encode() not in path.read_bytes(), (canary, path)
