# SPDX-License-Identifier: Apache-2.0
"""What nodes get at the gateway, held against its contract, and what bounds them."""

import http.client
import itertools
import json
import socket
import ssl
import subprocess
import time

import pytest

from door import ask, stream
from simulated_pump import ROOT, programs

CONTRACT = json.loads((ROOT / "Docs/Interfaces/openapi.json").read_text(encoding="utf-8"))


def documented():
    """Each route of the contract as the gateway prints its own: with its content and its problems."""
    found = set()
    for path, methods in CONTRACT["paths"].items():
        for method, operation in methods.items():
            answers = dict(operation["responses"])
            content, = {kind for status in ("200", "201", "202", "204") if status in answers
                        for kind in answers.pop(status).get("content", ["-"])}
            problems = set()
            for status, answer in answers.items():
                answer = CONTRACT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
                schema = answer["content"]["application/problem+json"]["schema"]
                kinds = schema["allOf"][1]["properties"]["type"]["enum"]
                problems |= {f"{status} {kind.rpartition(':')[2]}" for kind in kinds}
            found.add((method.upper(), path, operation["operationId"], content, frozenset(problems)))
    return found


def built():
    text = subprocess.run(
        [programs() / "pump-gatewayd", "--routes"], capture_output=True, text=True, check=True).stdout
    found = set()
    for line in text.splitlines():
        *route, problems = line.split(",")
        found.add((*route, frozenset(problems.split(";"))))
    return found


@pytest.fixture(name="gateway", scope="module", autouse=True)
def gateway_program():
    if not (programs() / "pump-gatewayd").exists():
        pytest.skip(f"no pump-gatewayd in {programs()}")


def test_SRS_186_code_and_contract_have_the_same_routes_contents_and_problems():
    assert built() == documented()


def test_SRS_186_a_doctored_contract_is_found_out():
    rows = sorted(documented(), key=str)
    assert built() != set(rows[1:])
    assert built() != {*rows, ("GET", "/v1/more", "more", "application/json", frozenset())}
    assert built() != {*rows[1:], (*rows[0][:4], frozenset())}


def test_SYS_082_SRS_183_the_pump_is_shown_as_it_says_it_is(door):
    node = door.node()
    status, headers, device = door.get("/v1/device", node)
    assert (status, headers["content-type"], headers["cache-control"]) == (200, "application/json", "no-store")
    assert device["simulated"] is True and device["udi_di"] is None and "Not a medical device" in device["notice"]
    _, _, shown = door.get("/v1/status", node)
    assert (shown["state"], shown["held"], shown["rate_nL_h"]) == ("standby", None, 0)
    assert door.get("/v1/alarms", node)[2] == {"controller": [], "monitor": []}


def test_SRS_183_the_status_is_what_the_controller_holds(door):
    door.root("program", "--rate", "5 mL/h", "--vtbi", "10 mL", "--drug", "Specimen", "--emergency")
    try:
        _, _, shown = door.get("/v1/status")
        assert shown["state"] == "programmed"
        assert (shown["held"]["drug"], shown["held"]["rate_nL_h"], shown["held"]["vtbi_nL"]) == (
            "Specimen", 5_000_000, 10_000_000)
    finally:
        door.root("stop")


@pytest.mark.parametrize("method, path, status, kind", [
    ("GET", "/v1/nothing", 404, "not-found"), ("GET", "/v2/status", 404, "not-found"),
    ("GET", "/", 404, "not-found"), ("GET", "/v1/../v1/x", 404, "not-found"),
    ("POST", "/v1/status", 405, "method"), ("DELETE", "/v1/events", 405, "method"),
    ("GET", "/v1/session/step-up", 405, "method"), ("GET", "/v1/people/1", 405, "method"),
    ("PUT", "/v1/people/1/code", 405, "method"), ("PUT", "/v1/people/1/more", 404, "not-found"),
    ("PUT", "/v1/proposals/1", 405, "method"), ("GET", "/v1/proposals/1/state", 404, "not-found"),
    ("GET", "/v1/events?follow=perhaps", 400, "request"),
    ("GET", "/v1/events?follow=true&follow=false", 400, "request"),
])
def test_SRS_186_what_there_is_not_is_a_problem(door, method, path, status, kind):
    got, headers, body = door.get(path, method=method)
    assert (got, headers["content-type"]) == (status, "application/problem+json")
    assert (body["type"], body["status"]) == (f"urn:pump:problem:{kind}", status)
    allowed = {"/v1/session/step-up": "POST", "/v1/people/1": "PUT", "/v1/people/1/code": "POST",
               "/v1/proposals/1": "GET, DELETE"}.get(path, "GET")
    assert (headers["allow"] == allowed) if status == 405 else ("allow" not in headers)


def test_SRS_187_events_come_as_they_happen_and_can_be_taken_up(door):
    node = door.node()
    with door.tls(node) as tls:
        events = stream(tls)
        assert next(events) is None
        door.pump.knob("mains.present", 0)
        try:
            seen = []
            for event in events:
                if event:
                    seen.append(event)
                    if event[2]["kind"] == "alarmRaised":
                        break
            assert seen[-1][1] == "pump" and seen[-1][2]["source"] == "control"
            assert door.get("/v1/alarms", node)[2]["controller"] == ["mainsLost"]
        finally:
            door.pump.knob("mains.present", 1)
    time.sleep(0.5)
    life, number = seen[-1][0].split("-")
    before = f"{life}-{int(number) - 1}"
    with door.tls(node) as tls:
        again = list(stream(tls, "/v1/events?follow=false", {"Last-Event-ID": before}))
        assert again[0] is None and again[1] == seen[-1] and len(again) > 2
        assert [int(event[0].split("-")[1]) for event in again[1:]] == list(
            range(int(number), int(number) + len(again) - 1))


def test_SRS_187_SRS_184_a_stream_goes_on_longer_than_a_request_may_take(door):
    """Its own comment of every ten seconds keeps it, and the next request on it has its time from its end."""
    with door.tls(door.node()) as tls:
        # Longer than the stream's own quiet.
        tls.settimeout(20)
        events = stream(tls)
        begun = time.monotonic()
        while time.monotonic() - begun < 18:
            next(events)
        door.pump.knob("mains.present", 0)
        try:
            told = itertools.takewhile(lambda _: time.monotonic() - begun < 45, events)
            assert any(event and event[2]["kind"] == "alarmRaised" for event in told)
        finally:
            door.pump.knob("mains.present", 1)


def test_SRS_187_a_client_of_another_life_is_told_that_it_missed_some(door):
    with door.tls(door.node()) as tls:
        own = next(filter(None, stream(tls, "/v1/events?follow=false", {"Last-Event-ID": "0-7"})))
        assert own == (None, "missed", {"count": None})
    with door.tls(door.node()) as tls:
        *_, last = stream(tls, "/v1/events?follow=false", {"Last-Event-ID": "0-7"})
    life, number = last[0].split("-")
    for other in ("7", "a-b", "-1", f"{life}--1", f"{life}-", f"{life}-x", f"{life}-{int(number) + 1}",
                  f"{life}-99999999999999999999", f"{life}{life}-1", "ä-1", f"{life}-1-1"):
        with door.tls(door.node()) as tls:
            events = list(filter(None, stream(tls, "/v1/events?follow=false", {"Last-Event-ID": other})))
            assert events[0] == (None, "missed", {"count": None}) and events[-1][0] == last[0], other
            assert int(events[1][0].split("-")[1]) == 1, other


def test_SRS_185_a_node_that_asks_too_often_is_told_to_wait_and_another_is_not(door):
    time.sleep(2.5)
    with door.tls(door.node()) as tls:
        answers = [ask(tls, "/v1/device") for _ in range(120)]
        codes = [answer[0] for answer in answers]
        assert codes[:40] == [200] * 40 and set(codes) == {200, 429}
        refused = next(answer for answer in answers if answer[0] == 429)
        assert refused[1]["retry-after"] == "1" and refused[2]["type"] == "urn:pump:problem:rate"
        assert door.get("/v1/device", door.node("other.test"))[0] == 200
    time.sleep(2.5)
    assert door.get("/v1/device")[0] == 200


def answers(door, request):
    """The status of what comes back to raw bytes; 0 when the connection just ends."""
    with door.tls(door.node("other.test")) as tls:
        try:
            tls.sendall(request)
            answer = http.client.HTTPResponse(tls)
            answer.begin()
            return answer.status
        except (http.client.HTTPException, ConnectionError, ssl.SSLError):
            return 0


HEAD = b"GET /v1/device HTTP/1.1\r\nHost: pump.test\r\n"


@pytest.mark.parametrize("name, request_bytes", [
    ("a long header", HEAD + b"X: " + b"a" * 20_000 + b"\r\n\r\n"),
    ("long headers", HEAD + b"".join(b"X%d: %s\r\n" % (n, b"a" * 1_000) for n in range(40)) + b"\r\n"),
    ("many headers", HEAD + b"".join(b"X%d: a\r\n" % n for n in range(200)) + b"\r\n"),
    ("a long line", b"GET /v1/" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: pump.test\r\n\r\n"),
    ("no HTTP", b"\x00\xff" * 2_000),
    ("two lengths", HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na"),
    ("length and chunks", HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
])
def test_SRS_184_what_is_out_of_bounds_is_refused_and_harms_nobody(door, name, request_bytes):
    assert answers(door, request_bytes) in (0, 400, 413, 414, 431), name
    assert door.get("/v1/device")[0] == 200


@pytest.mark.slow
def test_SRS_184_who_sends_slowly_or_nothing_is_sent_away(door):
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", door.port), timeout=30) as silent, \
            door.tls(door.node()) as slow, door.tls(door.node()) as quiet:
        slow.sendall(b"GET /v1/device HTTP/1.1\r\n")
        # No handshake: five seconds.
        assert silent.recv(1) == b"" and 4 < time.monotonic() - begun < 8
        ended = None
        while time.monotonic() - begun < 25:
            try:
                slow.sendall(b"X: a\r\n")
            except (ConnectionError, ssl.SSLError):
                ended = time.monotonic() - begun
                break
            time.sleep(0.5)
        assert ended and 13 < ended < 18, ended
        try:
            assert quiet.recv(1) == b""
        except (ConnectionError, ssl.SSLError):
            pass
        assert 13 < time.monotonic() - begun < 20
    assert door.get("/v1/device")[0] == 200


def test_SYS_082_the_contract_names_every_problem_that_the_code_has():
    source = (ROOT / "Sources/GatewayProcess/Problem.swift").read_text(encoding="utf-8")
    kinds = source.partition("enum Kind")[2].partition("var status")[0]
    names = [line.partition("= ")[2].strip('"') or line.split()[1].strip("`") for line in
             map(str.strip, kinds.splitlines()) if line.startswith("case")]
    assert [f"urn:pump:problem:{name}" for name in names] == (
        CONTRACT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"])
