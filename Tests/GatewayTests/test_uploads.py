# SPDX-License-Identifier: Apache-2.0
"""Bundles that people bring over the network: who may, what is refused before a byte of it came, and what is left."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from desk import Desk
from door import Seat, ask, kind, records, until
from people import PASSWORD, add
from simulated_pump import programs
from updater import Updater
from uploads import PATH, bring, ended, head, standing

JUNK = b"PUMPUPD0 is no bundle" * 100


@pytest.fixture(name="site", scope="module")
def a_site(new_door, tmp_path_factory):
    """A pump with an updater that trusts a root of nobody's, a technician and a nurse."""
    door = new_door()
    door.provision(nodes=("node.test", "other.test"))
    door.root("step-up", typed=[PASSWORD])
    for name, role in (("technician", "service"), ("nurse", "clinician")):
        add(door.root, door.pump, door.folder, name, role)
    door.updater = Updater.provisioned(tmp_path_factory.mktemp("updates") / "device", door.pump.run).start()
    yield door
    door.updater.end()


@pytest.fixture(name="seat")
def a_technician(site):
    """Signed in, with the secret just given again."""
    seat = Seat(site, "node.test")
    seat.sign_in("technician")
    seat.step_up()
    return seat


def refusals(door):
    return [record for record in records(door, "updateRefused")]


def refused_on_record(door, count):
    until(lambda: len(refusals(door)) >= count, f"{count} refusals on record: {refusals(door)}", 20)
    return refusals(door)


def test_SYS_099_SRS_230_SEC_427_a_bundle_is_judged_by_the_updater_and_its_refusal_is_on_record(site, seat):
    before = len(refusals(site))
    status, headers, begun = bring(seat, JUNK, "junk-1")
    assert (status, headers["content-type"]) == (202, "application/json"), begun
    assert begun["length_bytes"] == begun["received_bytes"] == len(JUNK) and begun["state"] in ("verifying", "refused")
    told = ended(seat)
    assert (told["state"], told["reason"], told["version"]) == ("refused", "not-a-bundle", None)
    assert seat("GET", "/v1/update")[2]["intake"] == told
    refused_on_record(site, before + 1)
    # The code and the node in words, the permit's number, and the technician by the pseudonym of one listing.
    log = records(site, None)
    record = [entry for entry in log if entry["event"] == "updateRefused"][-1]
    assert (record["reference"], record["outcome"], record["source"]) == (
        "not-a-bundle from node.test", "refused", "updater")
    asked = [entry for entry in log if entry.get("reference", "").startswith("update upload")][-1]
    assert record["b"] == asked["a"] == told["number"] and record["person"] == asked["person"]
    assert asked["reference"] == "update upload from node.test"
    assert site.updater.spooled() == []
    # The same key is the same upload: nothing comes a second time.
    assert bring(seat, JUNK, "junk-1")[::2] == (200, told)
    assert kind(bring(seat, JUNK + b"1", "junk-1")) == (409, "key-used")
    # For another node the key is its own.
    other = Seat(site, "other.test")
    other.sign_in("technician")
    other.step_up()
    assert bring(other, JUNK, "junk-1")[0] == 202
    assert ended(other)["number"] != told["number"]


@pytest.mark.parametrize("headers, status, problem", [
    ({"Content-Type": "application/json"}, 415, "media"), ({"Content-Type": None}, 415, "media"),
    ({"Content-Type": "multipart/form-data"}, 415, "media"),
    ({"Idempotency-Key": None}, 400, "request"), ({"Idempotency-Key": "k" * 65}, 400, "request"), ({"Idempotency-Key": "a.b"}, 400, "request"),
    ({"Authorization": None}, 401, "not-signed-in"), ({"Authorization": "Bearer " + "0" * 64}, 401, "not-signed-in"),
    ({"Authorization": "Basic eDp5"}, 401, "not-signed-in"),
])
def test_SEC_423_what_is_not_an_upload_is_refused(site, seat, headers, status, problem):
    before = standing(seat)
    assert kind(bring(seat, JUNK, "wrong", **headers)) == (status, problem)
    assert standing(seat) == before and site.updater.spooled() == []


def test_SEC_423_SYS_099_only_a_service_role_after_a_step_up_brings_a_bundle(site):
    before = standing(Seat(site, "node.test"))
    nurse = Seat(site, "node.test")
    nurse.sign_in("nurse")
    assert kind(bring(nurse, JUNK, "nurse")) == (403, "not-permitted")
    nurse.step_up()
    assert kind(bring(nurse, JUNK, "nurse")) == (403, "not-permitted")
    technician = Seat(site, "node.test")
    technician.sign_in("technician")
    assert kind(bring(technician, JUNK, "early")) == (403, "needs-step-up")
    # A session of another node is none.
    technician.step_up()
    elsewhere = Seat(site, "other.test")
    elsewhere.session = technician.session
    assert kind(bring(elsewhere, JUNK, "stolen")) == (401, "not-signed-in")
    assert standing(technician) == before


def raw(seat, request):
    with seat.door.tls(seat.context) as tls:
        tls.sendall(request)
        answer = http.client.HTTPResponse(tls)
        answer.begin()
        return answer.status, answer.headers, json.loads(answer.read())


def test_SEC_423_without_a_length_or_with_too_great_a_one_it_is_refused_before_a_byte_came(site, seat):
    before = standing(seat)
    chunked = head(seat, "chunks", 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\n\r\n"
    assert kind(raw(seat, chunked)) == (411, "no-length")
    # None of the body is sent, and the answer is there.
    assert kind(raw(seat, head(seat, "huge", (256 << 20) + 1))) == (413, "too-large")
    assert kind(raw(seat, head(seat, "huge", 1 << 62))) == (413, "too-large")
    assert standing(seat) == before and site.updater.spooled() == []


def begin(seat, key, length, sent):
    """An upload of which so many bytes were sent."""
    tls = seat.door.tls(seat.context)
    tls.sendall(head(seat, key, length) + b"x" * sent)
    until(lambda: standing(seat)["received_bytes"] == sent and standing(seat)["length_bytes"] == length,
          f"{sent} bytes to arrive")
    return tls


def test_SEC_423_SRS_231_one_comes_at_a_time(site, seat):
    with begin(seat, "first", 1_000_000, 100_000):
        assert standing(seat)["state"] == "receiving" and len(site.updater.spooled()) == 1
        status, headers, body = bring(seat, JUNK, "second")
        assert (status, body["type"], headers["retry-after"]) == (409, "urn:pump:problem:upload-busy", "10")
        until(lambda: ("upload-busy from node.test", True) in [
            (entry["reference"], "person" in entry) for entry in refusals(site)], "the refusal to be on record")
    # The first one's connection is gone.
    assert ended(seat)["reason"] == "interrupted"
    assert bring(seat, JUNK, "second")[0] == 202
    assert ended(seat)["reason"] == "not-a-bundle"


def test_SEC_425_SRS_232_SEC_427_a_half_upload_leaves_nothing_but_its_record(site, seat):
    before = len(refusals(site))
    with begin(seat, "half", 1_000_000, 300_000):
        assert len(site.updater.spooled()) == 1
    told = ended(seat)
    assert (told["state"], told["reason"], told["received_bytes"]) == ("refused", "interrupted", 300_000)
    assert site.updater.spooled() == []
    last = refused_on_record(site, before + 1)[-1]
    assert (last["reference"], last["b"]) == ("interrupted from node.test", told["number"])


def test_SEC_425_SRS_232_a_gateway_that_is_killed_half_way_leaves_nothing(site, seat):
    tls = begin(seat, "killed", 1_000_000, 300_000)
    os.kill(site.pump.pid("pump-gatewayd"), signal.SIGKILL)
    until(lambda: site.updater.spooled() == [], "the half upload to go")
    tls.close()
    until(site.listens, "the gateway to come again", 20)
    told = ended(seat)
    assert (told["state"], told["reason"]) == ("refused", "interrupted")
    assert bring(seat, JUNK, "after")[0] == 202
    assert ended(seat)["reason"] == "not-a-bundle"


def test_SEC_425_SRS_232_SEC_427_an_updater_that_is_killed_half_way_leaves_nothing_but_its_record(site, seat):
    before = len(refusals(site))
    with begin(seat, "dead", 1_000_000, 300_000) as tls:
        number, = site.updater.spooled()
        site.updater.kill()
        try:
            tls.sendall(b"x" * 700_000)
            answer = http.client.HTTPResponse(tls)
            answer.begin()
            assert answer.status == 503 and json.loads(answer.read())["type"] == "urn:pump:problem:no-updater"
        except (ConnectionError, http.client.HTTPException, OSError) as error:
            pytest.fail(f"no answer: {error}")
    assert site.updater.spooled() == [number]
    for path in (PATH, "/v1/update/history", "/v1/configuration", "/v1/drug-library"):
        assert kind(seat("GET", path)) == (503, "no-updater"), path
    assert seat("GET", "/v1/update")[2]["intake"] is None
    assert kind(bring(seat, JUNK, "nobody")) == (503, "no-updater")
    site.updater.start()
    assert site.updater.spooled() == [] and standing(seat)["state"] == "none"
    told = refused_on_record(site, before + 2)
    assert [record["reference"] for record in told[before:]] == ["no-updater from node.test", "interrupted from node.test"]
    assert told[-1]["b"] == int(number)


def test_SEC_425_who_sends_nothing_more_is_ended_in_time(site, seat):
    with begin(seat, "slow", 1_000_000, 1) as tls:
        begun = time.monotonic()
        tls.settimeout(30)
        try:
            assert tls.recv(1) == b""
        except (ConnectionError, OSError):
            pass
        assert 10 < time.monotonic() - begun < 20
    assert ended(seat)["reason"] == "interrupted" and site.updater.spooled() == []


def test_SEC_425_who_sends_all_along_has_longer_than_other_requests(site, seat):
    length = 40
    with begin(seat, "steady", length, 1) as tls:
        begun = time.monotonic()
        for _ in range(length - 1):
            time.sleep(0.45)
            tls.sendall(b"x")
        answer = http.client.HTTPResponse(tls)
        answer.begin()
        assert answer.status == 202 and time.monotonic() - begun > 16
    assert ended(seat)["reason"] == "not-a-bundle"


def test_SEC_427_a_node_that_is_struck_off_half_way_brings_nothing(site):
    context = site.context(*site.authority.issue("node.test"))
    seat = Seat(site, "node.test", context)
    seat.sign_in("technician")
    seat.step_up()
    watcher = Seat(site, "other.test")
    tls = begin(seat, "revoked", 1_000_000, 100_000)
    der = tls.getpeercert(binary_form=True)
    assert der
    site.network("set", "--node", "other.test")
    try:
        until(lambda: not tls.sendall(b"x" * 1_000) and standing(watcher)["state"] == "refused", "the upload to end", 15)
    except (ConnectionError, OSError):
        pass
    assert ended(watcher)["reason"] == "interrupted" and site.updater.spooled() == []
    tls.close()
    site.network("set", "--node", "node.test", "--node", "other.test")
    until(lambda: not site.refuses(site.node("node.test")), "the node to be known again")


def test_SEC_424_the_updater_s_socket_takes_no_upload_without_a_permit_and_no_other_request(site, seat):
    def say(*packets):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
            peer.settimeout(10)
            peer.connect(str(site.pump.run / "intake.sock"))
            for packet in packets:
                peer.send(packet)
            return json.loads(peer.recv(16_384) or b"null")

    before = standing(seat)
    assert say(json.dumps({"v": 1, "do": "upload", "token": "00" * 32}).encode()) == {
        "is": "refused", "reason": "not-permitted"}
    for packet in (b"x", b"{}", b'{"v":1,"do":"install"}', b'{"v":1,"do":"agree"}', b"\xff" * 16_384):
        assert say(packet) == {"is": "refused", "reason": "not-understood"}, packet
    assert standing(seat) == before


def test_SRS_234_SYS_100_the_history_is_shown_and_bounded(site, seat):
    for number in range(2):
        assert bring(seat, JUNK, f"history-{number}")[0] == 202
        ended(seat)
    status, _, body = seat("GET", "/v1/update/history")
    assert status == 200 and body["kind"] == "firmware" and len(body["entries"]) <= 32
    assert body["entries"][-1] == {"code": "not-a-bundle", "outcome": "refused", "version": "-",
                                   "reason": body["entries"][-1]["reason"]}
    # Of refusals the newest eight are kept.
    assert 2 <= len(body["entries"]) <= 8
    for other in ("drug-library", "configuration"):
        assert seat("GET", f"/v1/update/history?kind={other}")[2] == {"entries": [], "kind": other}
    for wrong in ("drugLibrary", "", "firmware&kind=firmware"):
        assert kind(seat("GET", f"/v1/update/history?kind={wrong}")) == (400, "request"), wrong


def test_SRS_235_SYS_101_a_pump_without_library_and_configuration_says_so(site, seat):
    status, _, body = seat("GET", "/v1/configuration")
    assert status == 200 and body["firmware"]["active"]["version"] == "1.0"
    assert (body["configuration"], body["drug_library"], body["site"]) == (None, None, None)
    assert body["firmware"]["candidate"] is None and body["firmware"]["phase"] == "idle"
    assert kind(seat("GET", "/v1/drug-library")) == (404, "no-library")
    assert kind(seat("GET", "/v1/drug-library?from=-1")) == (400, "request")


def test_SYS_099_SRS_242_a_bundle_is_brought_from_a_desk_and_its_refusal_told(site, tmp_path):
    desk = Desk(tmp_path)
    desk("profile", "add", "ward", *desk.options(site.port, site.authority, *site.authority.issue("other.test")))
    desk.environment["PUMPCTL_PROFILE"] = "ward"
    junk = desk.file("junk", JUNK * 100)

    def take(code):
        return desk("update", "take", junk, code=code).stderr

    def signed_in(login):
        # The node's rate may be used up by other tests.
        until(lambda: desk_says(desk, "sign-in", login, typed=[PASSWORD]), f"{login} to be signed in", 30)

    assert "sign-in" in take(4)
    signed_in("nurse")
    assert "may not" in take(1)
    signed_in("technician")
    assert "step-up" in take(4)
    until(lambda: desk_says(desk, "step-up", typed=[PASSWORD]), "the secret to be given again", 30)
    assert take(1).startswith("pumpctl: not-a-bundle: ")
    # What cannot be one is not sent.
    assert "0 bytes" in desk("update", "take", desk.file("empty", b""), code=2).stderr
    for wrong in ((), (junk, junk), (tmp_path,), (tmp_path / "nothing",), (junk, "--kind", "firmware")):
        assert desk("update", "take", *wrong, code=2).stderr, wrong
    time.sleep(2)
    told = desk("update", "status", "--json")
    assert (told["upload"]["state"], told["upload"]["reason"]) == ("refused", "not-a-bundle")
    history = desk("update", "history", "--json")
    assert history[-1]["code"] == "not-a-bundle" and history[-1]["outcome"] == "refused"
    assert "not-a-bundle" in desk("update", "history").stdout
    assert "nothing of this kind" in desk("update", "history", "--kind", "drug-library").stdout
    assert "one of firmware" in desk("update", "history", "--kind", "x", code=2).stderr
    assert desk("update", "configuration", "--json")["firmware"]["active"]["version"] == "1.0"
    assert "no hospital's configuration" in desk("update", "configuration").stdout
    assert desk("update", "library", code=1).stderr
    for verb in ("check", "install", "rollback"):
        assert "at the pump alone" in desk("update", verb, code=1).stderr, verb


def desk_says(desk, *words, typed):
    done = subprocess.run(
        [programs() / "pumpctl", *words], input="".join(f"{line}\n" for line in typed), capture_output=True, text=True,
        timeout=60, check=False, env=desk.environment)
    assert done.returncode == 0 or "too often" in done.stderr, done.stderr
    return done.returncode == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_SRS_236_SYS_101_nothing_writes_a_configuration_but_a_bundle(site, seat, method):
    for path in ("/v1/configuration", "/v1/drug-library", "/v1/update", "/v1/update/history"):
        with site.tls(seat.context) as tls:
            answer = ask(tls, path, {"Content-Type": "application/json",
                                     "Authorization": f"Bearer {seat.session}"}, method, b"{}")
        assert kind(answer) == (405, "method") and answer[1]["allow"] == "GET", (method, path)


def test_SRS_231_the_memory_of_gateway_and_updater_does_not_grow_with_a_bundle(site, seat):
    def memory(pid):
        for line in open(f"/proc/{pid}/status", encoding="ascii"):
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1_024
        raise AssertionError("no VmHWM")

    pids = [site.pump.pid("pump-gatewayd"), site.updater.process.pid]
    assert bring(seat, JUNK, "small")[0] == 202
    ended(seat)
    before = [memory(pid) for pid in pids]
    assert bring(seat, bytes(100 << 20), "large")[0] == 202
    assert ended(seat)["reason"] == "not-a-bundle"
    grown = [after - old for after, old in zip(map(memory, pids), before)]
    print(f"100 MiB: the gateway grew by {grown[0] >> 10} KiB, the updater by {grown[1] >> 10} KiB")
    assert max(grown) < 16 << 20, grown
