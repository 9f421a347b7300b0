# SPDX-License-Identifier: Apache-2.0
"""Who came, went and was refused at the gateway is on the audit log, and a crowd does not make it long."""

import socket
import time

import pytest

import crowd
from authority import DAY
from door import ask, records, until


@pytest.fixture(name="watched", scope="module")
def fresh_door(new_door):
    door = new_door()
    door.provision()
    return door


def refusals(door):
    """How many were refused for which reason, as the log has it."""
    found = {}
    for record in records(door, "connectionRefused"):
        reason, _, address = record["reference"].partition(" from ")
        assert address == "127.0.0.1" and (record["outcome"], record["source"]) == ("refused", "gateway")
        found[reason] = found.get(reason, 0) + record["a"]
    return found


def test_SYS_095_SRS_222_a_node_that_comes_and_goes_is_on_record(watched):
    with watched.tls(watched.node()) as tls:
        assert ask(tls, "/v1/device")[0] == 200
        until(lambda: records(watched, "connectionOpened"), "the record of its coming", 15)
    record = records(watched, "connectionOpened")[-1]
    assert (record["role"], record["source"]) == (6, "gateway") and record["a"] >= 1
    until(lambda: sum(item.get("b", 0) for item in records(watched, "connectionOpened"))
          + sum(item["a"] for item in records(watched, "connectionClosed")) >= 1, "that of its going", 70)


def test_SYS_095_SRS_222_SEC_041_each_reason_of_a_refusal_is_on_record(watched):
    authority = watched.authority
    revoked = authority.issue("node.test")
    contexts = {"expired": watched.context(*authority.issue("node.test", start=-2 * DAY, end=-DAY)),
                "not-yet-valid": watched.context(*authority.issue("node.test", start=DAY)),
                "name": watched.node("stranger.test"), "revoked": watched.context(*revoked)}
    watched.revoke(revoked[0])
    until(lambda: watched.refuses(contexts["revoked"]), "the list to hold")
    for context in contexts.values():
        assert watched.refuses(context)
    # Nobody's certificate, and nobody's handshake.
    assert watched.refuses(watched.context())
    socket.create_connection(("127.0.0.1", watched.port)).close()
    until(lambda: set(refusals(watched)) >= {*contexts, "handshake"}, "the records", 70)


def test_SEC_410_a_crowd_is_counted_and_costs_the_log_a_record_a_minute(watched):
    before = len(records(watched, None))
    told = sum(refusals(watched).values())
    silent, refused = crowd.arrive(watched.port, 400)
    assert refused == 0
    for peer in silent:
        peer.close()
    until(lambda: sum(refusals(watched).values()) - told >= 400, "all of them to be counted", 70)
    # Of 400 connections a few lines: those of two reasons, in the periods since.
    made = [record for record in records(watched, None)[before:] if record["event"].startswith("connection")]
    assert len(made) <= 12, len(made)


def test_SEC_410_a_gateway_that_lies_fills_no_log(watched):
    """Whoever runs as the gateway's user has its share of the log and no more."""
    before = len(records(watched, "connectionRefused"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.settimeout(10)
        peer.connect(str(watched.pump.run / "network.sock"))
        answers, begun = [], time.monotonic()
        for _ in range(400):
            peer.send(b'{"v":1,"do":"report","reports":[{"refused":"name","count":1,"address":"127.0.0.1"}]}')
            answers.append(peer.recv(16_384))
        took = time.monotonic() - begun
        taken = sum(b'"noted"' in answer for answer in answers)
        assert taken <= 96 + took + 2 and sum(b'"busy"' in answer for answer in answers) == 400 - taken
        for wrong in (b'[]', b'[{"refused":"weather","count":1,"address":""}]', b'[{"refused":"name","count":0,"address":""}]',
                      b'[{"node":"n","opened":-1,"closed":0}]', b'{}', b'[{"node":"' + b"n" * 65 + b'","opened":1,"closed":0}]'):
            peer.send(b'{"v":1,"do":"report","reports":' + wrong + b"}")
            assert b'"not-understood"' in peer.recv(16_384)
    time.sleep(1)
    assert len(records(watched, "connectionRefused")) - before <= taken + 20
