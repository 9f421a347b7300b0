# SPDX-License-Identifier: Apache-2.0
"""Role by command by state of the pump: the table of the documents, asked of a running pump.

Nobody, a person of each role, a node that may propose and one that may not; every action of the table by `may`, every
command as a command. What the table refuses is refused and changes nothing; what it gives is passed on."""

import json
import socket
import time

import pytest

from door import Seat, ask, kind, until
from people import PASSWORD, add
from simulated_pump import ROOT
from states import STATES, faulted, healed, with_a_moment_to_hold
from updater import Updater
from uploads import bring, ended

ROLES = ["clinician", "pharmacist", "service", "administrator", "auditor"]
CONDITION = {"standby": "standby", "faulted": "fault"}
ORDER = {"drug": "Specimen", "kvo_nL_h": 1_000_000, "occlusion_Pa": 59_995, "rate_nL_h": 5_000_000, "syringe_mL": 50,
         "vtbi_nL": 10_000_000}
# Each command with the action that it is, the gentlest first: none but the last ends the therapy that the others met.
COMMANDS = {"silence": "silence an alarm", "clear": "clear an alarm", "program": "program an order",
            "start": "ask for the start", "cancel": "pause", "pause": "pause", "stop": "stop"}


def table():
    """Action and condition to what each column says."""
    text = (ROOT / "Docs/Security/permissions.md").read_text(encoding="utf-8")
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()
                      if line.startswith("|")]
    return {(row[0], row[1]): dict(zip(head[2:], row[2:])) for row in rows}


TABLE = table()
ACTIONS = sorted({action for action, _ in TABLE})


class Desk:
    """The service's socket for people, spoken to directly: what pumpctl would not send is sent too."""

    def __init__(self, pump):
        self.peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.peer.settimeout(10)
        self.peer.connect(str(pump.run / "people.sock"))
        self.number = 1_000

    def ask(self, what, **fields):
        given = {name: value for name, value in fields.items() if value is not None}
        self.peer.send(json.dumps({"v": 1, "do": what, **given}).encode())
        return json.loads(self.peer.recv(16_384))

    def command(self, kind, session, emergency=False):
        """The answer; sixteen commands at a time wait for the controller, and one more is told so."""
        for _ in range(100):
            self.number += 1
            answer = self.ask("command", command=kind, number=self.number, session=session, emergency=emergency,
                              draft=ORDER if kind == "program" else None)
            if answer.get("reason") != "busy":
                return answer
            time.sleep(0.02)
        raise AssertionError("the service stays busy")


@pytest.fixture(name="ward", scope="module")
def peopled_door(new_door, tmp_path_factory):
    """A pump with a person of every role, each signed in, and two nodes."""
    door = new_door()
    with_a_moment_to_hold(door)
    door.provision(nodes=("node.test",), proposers=("ward.test",))
    door.root("step-up", typed=[PASSWORD])
    people = {role: add(door.root, door.pump, door.folder, f"one-{role}", role) for role in ROLES}
    door.nurse = people["clinician"]
    door.updater = Updater.provisioned(tmp_path_factory.mktemp("ward") / "device", door.pump.run).start()
    yield door
    door.updater.end()


def sessions(door, desk):
    """A new session of each role, and nobody's; the nurse who moves the pump is signed in as well."""
    door.nurse.sign_in()
    found = {"nobody": None}
    for role in ROLES:
        answer = desk.ask("sign-in", login=f"one-{role}", secret=PASSWORD)
        assert answer["is"] == "session", answer
        found[role] = answer["session"]
    return found


def refusal(role):
    return "not-signed-in" if role == "nobody" else "not-permitted"


def asked(desk, people, condition):
    """Every action by every role: what the pump says it takes. Gives the number of cases."""
    cases = 0
    for role, session in people.items():
        for action in ACTIONS:
            wanted = TABLE[action, condition][role]
            answer = desk.ask("may", action=action, session=session)
            said = answer["reason"] if answer["is"] == "refused" else answer["requirement"]
            assert said == (refusal(role) if wanted == "–" else wanted), (role, action, condition, answer)
            cases += 1
    return cases


def held(door):
    """What the pump does and holds, as its controller says it."""
    status = door.get("/v1/status", door.node("node.test"))[2]
    return {name: status[name] for name in ("state", "held", "pending", "rate_nL_h")}


def commanded(desk, people, condition, isRefused):
    """Sends the commands that the table refuses, or those that it gives. Gives the number of cases."""
    cases = 0
    for command, action in COMMANDS.items():
        for role, session in people.items():
            if (TABLE[action, condition][role] == "–") != isRefused:
                continue
            answer = desk.command(command, session)
            if isRefused:
                assert answer.get("reason") == refusal(role), (role, command, answer)
            else:
                assert answer["is"] == "passed-on", (role, command, answer)
            cases += 1
    return cases


def proposed(door, state, condition):
    """What nodes can do: propose where the table says so, withdraw that, and nothing else. Gives the number of cases."""
    cases, place = 0, "/v1/proposals/999999"
    for node, may in (("ward.test", TABLE["propose an order from the network", condition]["gateway"] != "–"),
                      ("node.test", False)):
        with door.tls(door.node(node)) as tls:
            status, _, body = ask(tls, "/v1/proposals", method="POST", body=json.dumps(ORDER).encode(), headers={
                "Content-Type": "application/json", "Idempotency-Key": f"matrix-{state}"})
            assert (status == 201) if may else (
                status, body["type"]) == (403, "urn:pump:problem:not-permitted"), (node, state, body)
            place = f"/v1/proposals/{body['number']}" if may else place
            cases += 1
            for command in COMMANDS:
                for method in ("POST", "PUT", "GET"):
                    assert ask(tls, f"/v1/{command}", method=method, body=b"{}")[0] == 404
                    cases += 1
    # SEC-441: who did not propose it finds nothing there; who did takes it back, whatever the pump does.
    for node, wanted in (("node.test", 404), ("ward.test", 404 if place.endswith("999999") else 204)):
        assert Seat(door, node)("DELETE", place)[0] == wanted, (node, state)
        cases += 1
    return cases


# What people can ask over the network beside their own sessions, and the action that it is.
MANAGING = [("GET", "/v1/people", None), ("POST", "/v1/people", {"login": "one-clinician", "role": "clinician"}),
            ("PUT", "/v1/people/99", {"active": True, "role": "auditor"}), ("POST", "/v1/people/99/code", None)]


# Of the audit log, each with its action.
READING = [("/v1/audit/checkpoint", "read the audit log"), ("/v1/audit/records/0/proof", "export the audit log")]


def on_the_network(door, state, condition):
    """A person of each role at a node: people and the log by the table, orders by it in their name. Gives the number of cases."""
    cases = 0
    proposing = TABLE["propose an order from the network", condition]["gateway"] != "–"
    for role in ROLES:
        seat = Seat(door, "ward.test")
        assert seat.sign_in(f"one-{role}")["role"] == role
        wanted = TABLE["manage people", condition][role]
        for asked in MANAGING:
            assert kind(seat(*asked)) == (403, "not-permitted" if wanted == "–" else "needs-step-up"), (role, asked)
            cases += 1
        for path, action in READING:
            answer = seat("GET", path)
            allowed = {"yes": 200, "with step-up": (403, "needs-step-up"), "–": (403, "not-permitted")}
            expected = allowed[TABLE[action, condition][role]]
            assert (answer[0] if expected == 200 else kind(answer)) == expected, (role, path, answer)
            cases += 1
        answer = seat.propose(ORDER, f"{state}-{role}")
        if proposing and TABLE["program an order", condition][role] != "–":
            assert answer[0] == 201, answer
        else:
            assert kind(answer) == (403, "not-permitted"), (role, answer)
        # At a node that may not propose nobody does.
        other = Seat(door, "node.test")
        other.sign_in(f"one-{role}")
        assert kind(other.propose(ORDER, f"{state}-{role}")) == (403, "not-permitted"), role
        cases += 2
        if wanted != "–":
            seat.step_up()
            found = [seat(*asked)[0] for asked in MANAGING]
            assert found == [200, 409, 404, 404], found
            cases += len(MANAGING)
    return cases


def uploaded(door, state, condition):
    """A person of each role brings a bundle: by the table, and nothing but a refused bundle comes of it. Gives the number of cases."""
    cases = 0
    bundle = b"no bundle"
    before = door.updater.journal()
    seat = Seat(door, "node.test")
    assert kind(bring(seat, bundle, f"{state}-nobody")) == (401, "not-signed-in")
    for role in ROLES:
        seat.sign_in(f"one-{role}")
        wanted = TABLE["take in an update", condition][role]
        expected = {"–": (403, "not-permitted"), "with step-up": (403, "needs-step-up")}[wanted]
        assert kind(bring(seat, bundle, f"{state}-{role}")) == expected, role
        cases += 1
        if wanted != "–":
            seat.step_up()
            assert bring(seat, bundle, f"{state}-{role}")[0] == 202, role
            assert ended(seat)["reason"] == "not-a-bundle"
            cases += 1
    after = door.updater.journal()
    assert {name: after[name] for name in ("phase", "candidate", "running", "active")} == {
        name: before[name] for name in ("phase", "candidate", "running", "active")}
    return cases + 1


def matrix(door, state, lead, record_property):
    desk = Desk(door.pump)
    people = sessions(door, desk)
    lead(door)
    condition = CONDITION.get(state, "therapy")
    cases = asked(desk, people, condition)
    before = held(door)
    assert before["state"] == state
    cases += commanded(desk, people, condition, True)
    emergency = TABLE["emergency start", condition]["nobody"]
    if emergency == "–":
        assert desk.command("program", None, emergency=True)["reason"] == "not-permitted"
        cases += 1
    assert held(door) == before
    cases += proposed(door, state, condition)
    cases += on_the_network(door, state, condition)
    cases += uploaded(door, state, condition)
    assert held(door) == before
    cases += commanded(desk, people, condition, False)
    if emergency != "–":
        assert desk.command("program", None, emergency=True)["is"] == "passed-on"
        cases += 1
    desk.peer.close()
    if state == "starting":
        given = sum(TABLE[action, condition][role] != "–" for action in COMMANDS.values() for role in people) + 1
        until(lambda: door.between.asked == given, "what was given to arrive, and nothing else")
    count = len(people) * (len(ACTIONS) + len(COMMANDS)) + 1 + 2 * (2 + 3 * len(COMMANDS)) + (
        len(ROLES) * (len(MANAGING) + len(READING) + 3) + len(MANAGING) + 2)
    assert cases == count == 284
    record_property("cases", f"{cases}/{count}")


@pytest.mark.parametrize("state", STATES)
def test_SYS_089_SEC_011_RC_001_SEC_005_RC_146_SEC_423_role_by_command_in_each_state(ward, state, record_property):
    try:
        matrix(ward, state, STATES[state], record_property)
    finally:
        ward.nurse.sign_in()
        healed(ward)
        for proposal in ward.nurse("proposals", "list", "--json"):
            ward.nurse("proposals", "drop", str(proposal["number"]))


def test_SYS_089_SEC_011_RC_001_SEC_005_role_by_command_in_a_fault(ward, record_property):
    matrix(ward, "faulted", faulted, record_property)
