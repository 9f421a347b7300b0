# SPDX-License-Identifier: Apache-2.0
"""What pumpctl makes of servers that are no pump: each a clear error, and nothing is told to them."""

import os
import pty
import re
import socket
import ssl
import subprocess
import threading
import time

import pytest

from authority import CLIENT, DAY, SERVER, Authority, key_pem, pem
from desk import Desk
from simulated_pump import free_port, programs

STATUS = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s'
PROBLEM = b'{"detail":"no","status":%d,"title":"x","type":"urn:pump:problem:%s"}'


class Server:
    """Answers each connection with bytes, or with what a function does to it; keeps what was asked."""

    def __init__(self, folder, answer, authority, name="localhost", raw=False, version=ssl.TLSVersion.TLSv1_3,
                 **certificate):
        self.asked, self.answer, self.raw = [], answer, raw
        pair = authority.issue(name, **{"uses": (SERVER,), **certificate})
        self.certificate = pair[0]
        path = folder / "server.pem"
        path.write_bytes(pem(pair[0]) + key_pem(pair[1]))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(path)
        self.context.minimum_version = self.context.maximum_version = version
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_verify_locations(cadata=pem(authority.certificate).decode())
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            try:
                with peer if self.raw else self.context.wrap_socket(peer, server_side=True) as tls:
                    if not self.raw:
                        self.asked.append(tls.recv(65_536))
                    if callable(self.answer):
                        self.answer(tls)
                    else:
                        tls.sendall(self.answer)
                        if not self.raw:
                            tls.unwrap()
            except OSError:
                pass

    def end(self):
        self.socket.close()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "desk")


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def meet(desk, authority, tmp_path):
    """Asks a server that answers so; gives what pumpctl said, and the server."""
    servers = []

    def meet(answer, words=("status",), code=3, typed=(), by=None, add=None, **server):
        servers.append(Server(tmp_path, answer, by or authority, **server))
        if desk.profiles().exists():
            desk.profiles().unlink()
        options = desk.options(servers[-1].port, authority, *authority.issue("desk.test"), **(add or {}))
        desk("profile", "add", "ward", *options)
        start = time.monotonic()
        done = desk(*words, "--profile", "ward", code=code, typed=typed)
        assert code == 0 or (done.stderr.startswith("pumpctl: ") and done.stderr.count("\n") == 1), done.stderr
        assert time.monotonic() - start < 40
        return done, servers[-1]

    yield meet
    for server in servers:
        server.end()


def json(body, kind=b"application/json"):
    return (STATUS % (len(body), body)).replace(b"application/json", kind)


GOOD = json(b'{"controller":[],"monitor":[]}')


def test_SRS_238_SRS_242_a_server_that_answers_as_the_contract_has_it_is_understood(meet):
    done, server = meet(GOOD, ("alarms",), code=0)
    assert done.stdout == "no alarms\n"
    assert server.asked[0].startswith(b"GET /v1/alarms HTTP/1.1\r\nHost: localhost\r\n")
    done, _ = meet(json(b'{"controller":["occlusion"],"monitor":null}'), ("alarms",), code=0)
    assert done.stdout == "occlusion\n"


@pytest.mark.parametrize("what, server, said", [
    ("another authority", {"by": Authority("Other")}, "not of the authority"),
    ("another name", {"name": "other.test"}, "does not name localhost"),
    ("a name in the subject alone", {"name": "", "subject": "localhost"}, "does not name localhost"),
    ("a wildcard", {"name": "*.localhost"}, "does not name localhost"),
    ("expired", {"start": -2 * DAY, "end": -DAY}, "has expired"),
    ("not yet valid", {"start": DAY}, "not yet valid"),
    ("a client's", {"uses": (CLIENT,)}, "for another use"),
    ("TLS 1.2", {"version": ssl.TLSVersion.TLSv1_2}, "does not speak TLS 1.3"),
])
def test_SEC_432_SEC_433_who_does_not_prove_to_be_the_pump_is_told_nothing(meet, what, server, said):
    done, server = meet(GOOD, ("sign-in", "ada"), typed=["correct horse battery"], **server)
    assert said in done.stderr, what
    assert server.asked == []


def test_SEC_432_a_revoked_pump_is_refused_when_the_profile_has_a_list(meet, authority, desk):
    done, server = meet(GOOD, ("alarms",), code=0)
    authority.revoked.append(server.certificate)
    path = desk.file("list.pem", authority.list(), 0o644)
    text = desk.profiles().read_text().replace('"name":"ward"', f'"list":"{path}","name":"ward"')
    assert text.count("list") == 2
    desk.profiles().write_text(text)
    assert "was revoked" in desk("alarms", "--profile", "ward", code=3).stderr
    old = authority.list(start=-2 * DAY, end=-DAY)
    desk.file("list.pem", old, 0o644)
    assert "too old" in desk("alarms", "--profile", "ward", code=3).stderr


@pytest.mark.parametrize("bytes, said", [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "speaks no TLS"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "speaks no TLS"),
    (bytes(range(256)) * 8, "speaks no TLS"),
    (b"\x15\x03\x03\x00\x02\x02\x31", "does not take this certificate"),
    (b"", "the connection ended"),
])
def test_SEC_435_what_is_no_tls_is_told(meet, bytes, said):
    done, _ = meet(bytes, raw=True, code=1 if "certificate" in said else 3)
    assert said in done.stderr


def endless(kind):
    def answer(tls):
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            tls.sendall(b"8000\r\n" + kind * 0x8000 + b"\r\n")
    return answer


def drips(tls):
    for byte in GOOD[:40]:
        tls.sendall(bytes([byte]))
        time.sleep(0.01)


def heads(tls):
    tls.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        tls.sendall(b"X-A: " + b"a" * 1000 + b"\r\n")


@pytest.mark.parametrize("answer, said", [
    (b"", "in the middle of the answer"),
    (b"\x00\xff" * 5_000, "no answer of HTTP/1.1"),
    (b"SSH-2.0\r\n\r\n", "no answer of HTTP/1.1"),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "no answer of HTTP/1.1"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}", "the length of the body"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "the length of the body"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "the length of the body"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", "the length of the body"),
    (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "in the middle of the answer"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "size of a chunk"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "size of a chunk"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", "longer than any"),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD, "no answer of HTTP/1.1"),
    (GOOD[:-4], "in the middle of the answer"),
    (GOOD + b"more", "something follows"),
    (endless(b" "), "longer than any"),
    (heads, "longer than any"),
    (drips, "in the middle of the answer"),
])
def test_SEC_435_what_is_no_answer_of_http_is_told_and_never_kept_without_a_bound(meet, answer, said):
    done, _ = meet(answer, ("alarms",))
    assert said in done.stderr


@pytest.mark.parametrize("answer, said", [
    (b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "not followed"),
    (b"HTTP/1.1 308 Permanent Redirect\r\nLocation: /v1/alarms\r\nContent-Length: 0\r\n\r\n", "not followed"),
    (json(b"<html>", b"text/html"), "another kind of content"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "another kind of content"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", "none of the contract"),
    (b"HTTP/1.1 500 X\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nwhy", "says not why"),
    (b"HTTP/1.1 500 X\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}", "cannot be read"),
])
def test_SEC_438_what_is_no_answer_of_a_pump_is_told_and_followed_nowhere(meet, answer, said):
    done, server = meet(answer, ("alarms",))
    assert said in done.stderr
    assert len(server.asked) == 1


@pytest.mark.parametrize("body, said", [
    (b"", "cannot be read"),
    (b"[]", "expected an object"),
    (b'{"controller":[],"monitor":[],"more":1}', "unknown key"),
    (b'{"controller":[]}', "is missing"),
    (b'{"controller":[],"controller":[],"monitor":[]}', "stands twice"),
    (b'{"controller":["\\u001b[2J"],"monitor":[]}', "the id of an alarm"),
    (b'{"controller":[' + b'"a",' * 300 + b'"a"],"monitor":[]}', "at most 256"),
    (b"[" * 5_000, "levels deep"),
    (b'{"controller":[1.5],"monitor":[]}', "not a whole number"),
    (b"\xff\xfe", "cannot be read"),
])
def test_SRS_240_an_answer_that_is_not_as_the_contract_has_it_shows_nothing(meet, body, said):
    done, _ = meet(json(body), ("alarms",))
    assert said in done.stderr and done.stdout == ""


def test_SEC_436_no_text_of_a_pump_reaches_a_terminal_as_a_command(meet):
    device = (b'{"api":"1","name":"pump\\u001b]0;x\\u0007","notice":"n","simulated":true,'
              b'"udi_di":null,"udi_pi":null}')
    done, _ = meet(json(device), ("device",))
    assert "control characters" in done.stderr and "\x1b" not in done.stderr
    done, _ = meet(json(b"a 1\n\x1b[2J\n", b"application/openmetrics-text"), ("metrics",))
    assert "plain text" in done.stderr and done.stdout == ""
    detail = b'{"detail":"\\u009b2J","status":400,"title":"x","type":"urn:pump:problem:request"}'
    done, _ = meet(b"HTTP/1.1 400 X\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n%s"
                   % (len(detail), detail), ("alarms",))
    assert "control characters" in done.stderr and "\x9b" not in done.stderr


@pytest.mark.parametrize("status, problem, code", [
    (403, b"certificate", 1), (429, b"rate", 1), (429, b"wait", 1), (404, b"not-found", 1), (405, b"method", 1),
    (400, b"request", 2), (415, b"media", 2), (413, b"too-large", 2), (403, b"not-permitted", 1),
    (401, b"not-signed-in", 4), (403, b"needs-step-up", 4), (401, b"wrong-secret", 1), (404, b"nobody", 1),
    (404, b"no-record", 1), (409, b"login-taken", 1), (409, b"last-administrator", 1), (409, b"not-an-order", 1),
    (409, b"key-used", 1), (503, b"busy", 1), (503, b"pump-silent", 3), (500, b"internal", 3),
])
def test_SRS_242_each_problem_of_the_contract_has_its_words_and_its_exit_code(meet, status, problem, code):
    body = PROBLEM % (status, problem)
    answer = (b"HTTP/1.1 %d X\r\nContent-Type: application/problem+json\r\nRetry-After: 7\r\n"
              b"Content-Length: %d\r\n\r\n%s") % (status, len(body), body)
    done, _ = meet(answer, ("alarms",), code=code)
    if problem in (b"rate", b"wait", b"busy"):
        assert "ask again in 7 s" in done.stderr


def test_SEC_439_an_order_without_an_answer_is_in_doubt_and_has_a_key_to_ask_again_with(meet):
    done, server = meet(b"", ("propose", "--rate", "5 mL/h", "--vtbi", "10 mL"))
    assert "it is not known whether the pump did it" in done.stderr
    key = re.search(r"--key ([0-9a-f]{32}),", done.stderr)[1]
    assert f"Idempotency-Key: {key}\r\n".encode() in server.asked[0]
    # It was asked once: what changes something is not sent anew by itself.
    assert len(server.asked) == 1


def silent(tls):
    tls.recv(1)


def test_SRS_243_a_server_that_says_nothing_is_given_up_and_a_terminal_shows_that_it_is_waited_for(meet, desk):
    start = time.monotonic()
    done, server = meet(silent, ("alarms",))
    assert "takes too long" in done.stderr and 20 < time.monotonic() - start < 35
    main, side = pty.openpty()
    process = subprocess.Popen([programs() / "pumpctl", "alarms", "--profile", "ward"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=side, env=desk.environment)
    os.close(side)
    said, start = b"", time.monotonic()
    try:
        while b"waiting for ward, 4 s" not in said and time.monotonic() < start + 10:
            said += os.read(main, 4096)
    finally:
        process.kill()
        process.wait()
        os.close(main)
    assert b"waiting for ward, 2 s" in said and b"waiting for ward, 4 s" in said
    assert len(server.asked) == 2


def test_SEC_435_a_host_that_nobody_listens_at_is_told(desk, authority):
    port = free_port()
    desk("profile", "add", "ward", *desk.options(port, authority, *authority.issue("desk.test")))
    assert "nobody answers" in desk("status", "--profile", "ward", code=3).stderr


def entry(count):
    data = b'{"a":0,"at_ns":1,"b":0,"kind":"k","source":"control","subject":0}'
    return b"id: abc-%d\nevent: pump\ndata: %s\n\n" % (count, data)


@pytest.mark.parametrize("stream", [
    b"event: pump\ndata: {}\n\n", b"id: abc-1\nevent: pump\ndata: {}\n\n", b"\x00\n\n", b"data\n\n",
    b"id: abc-1\nid: abc-2\n\n", b"event: missed\ndata: {\"count\":0}\n\n", b"a" * 9_000,
    b"id: \x1b[2J\nevent: pump\ndata: {}\n\n",
])
def test_SRS_245_a_stream_that_is_none_ends_and_is_not_asked_for_again(meet, stream):
    answer = json(entry(1) + stream, b"text/event-stream")
    done, server = meet(answer, ("events", "--follow", "--json"))
    assert "cannot be read" in done.stderr
    assert len(server.asked) == 1
