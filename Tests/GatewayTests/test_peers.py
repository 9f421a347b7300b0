# SPDX-License-Identifier: Apache-2.0
"""Who is let in at the gateway and who is not. Python's ssl and OpenSSL's s_client are the peers."""

import datetime
import signal
import ssl
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from authority import CLIENT, DAY, SERVER, Authority, pem
from door import NAME, ask, stream, until


def good(authority):
    return authority.issue("node.test")


def by_an_intermediate(authority):
    middle, key = authority.issue("middle.test", uses=None, authority=True, keys=("key_cert_sign", "crl_sign"))
    leaf, own = authority.issue("node.test", signer=key, issuer=middle.subject)
    return leaf, own, (middle,)


BAD = {
    "self-signed": lambda a: Authority("node.test").issue("node.test"),
    "another authority of the same name": lambda a: Authority().issue("node.test"),
    "signed by nobody known": lambda a: a.issue("node.test", signer=ec.generate_private_key(ec.SECP256R1())),
    "issued by an intermediate": by_an_intermediate,
    "another name": lambda a: a.issue("nobody.test"),
    "a wildcard": lambda a: a.issue("*.test"),
    "the name in the subject alone": lambda a: a.issue("", subject="node.test"),
    "expired": lambda a: a.issue("node.test", start=-2 * DAY, end=-DAY),
    "not yet valid": lambda a: a.issue("node.test", start=DAY),
    "a server's": lambda a: a.issue("node.test", uses=(SERVER,)),
    "for no use": lambda a: a.issue("node.test", uses=None),
    "for no signature": lambda a: a.issue("node.test", keys=("key_agreement",)),
    "an authority's": lambda a: a.issue("node.test", authority=True),
    "the authority itself": lambda a: (a.certificate, a.key),
}


@pytest.mark.parametrize("what", BAD)
def test_SEC_041_a_bad_peer_is_refused_before_any_byte_of_http(door, what):
    assert door.refuses(door.context(*BAD[what](door.authority)))


def test_SEC_040_SEC_041_nobody_comes_in_without_certificate_or_with_an_older_protocol(door):
    assert not door.refuses(door.node())
    assert door.refuses(door.context())
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_1):
        assert door.refuses(door.context(*good(door.authority), version=version))


def test_SEC_041_a_revoked_peer_is_refused(door):
    certificate, key = good(door.authority)
    context = door.context(certificate, key)
    assert not door.refuses(context)
    door.revoke(certificate)
    until(lambda: door.refuses(context), "the revoked node to be refused")
    assert not door.refuses(door.node())


def s_client(door, certificate, *options):
    """What OpenSSL's client says about a connection on which it asks for a route."""
    door.context(*certificate)
    identity = door.folder / f"client-{certificate[0].serial_number}.pem"
    own = [] if "-sess_in" in options and "-without" in options else ["-cert", identity, "-key", identity]
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{door.port}", "-tls1_3", "-ign_eof", *own,
         *(option for option in options if option != "-without")],
        input="GET /v1/device HTTP/1.1\r\nHost: pump.test\r\nConnection: close\r\n\r\n",
        capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def test_SEC_041_a_ticket_resumes_no_session(door, tmp_path):
    certificate, ticket = good(door.authority), tmp_path / "ticket"
    said = s_client(door, certificate, "-sess_out", ticket)
    assert "HTTP/1.1 200 OK" in said and ticket.exists(), said
    said = s_client(door, certificate, "-sess_in", ticket)
    assert "New, TLSv1.3" in said and "Reused" not in said and "HTTP/1.1 200 OK" in said, said
    said = s_client(door, certificate, "-sess_in", ticket, "-without")
    assert "Reused" not in said and "HTTP/1.1" not in said and "certificate required" in said, said
    door.revoke(certificate[0])
    until(lambda: door.refuses(door.context(*certificate)), "the revocation")
    said = s_client(door, certificate, "-sess_in", ticket)
    assert "Reused" not in said and "HTTP/1.1" not in said, said


def test_SEC_368_a_node_that_is_revoked_while_connected_gets_no_further_answer(door):
    certificate, key = good(door.authority)
    with door.tls(door.context(certificate, key)) as tls, door.tls(door.context(certificate, key)) as other:
        assert ask(tls, "/v1/status")[0] == 200
        events = stream(other)
        assert next(events) is None
        door.revoke(certificate)
        until(lambda: ask(tls, "/v1/status")[0] == 403, "the connected node to be refused")
        status, headers, body = ask(tls, "/v1/status")
        assert (status, headers["content-type"]) == (403, "application/problem+json")
        assert body["type"] == "urn:pump:problem:certificate"
        # The stream that was open ends too; what came before it ended is events.
        assert list(events) is not None


def test_SEC_368_a_node_that_is_struck_off_while_connected_gets_no_further_answer(door):
    with door.tls(door.node("other.test")) as tls:
        assert ask(tls, "/v1/status")[0] == 200
        door.set("--node", "node.test")
        until(lambda: ask(tls, "/v1/status")[0] == 403, "the connected node to be refused")
    door.set("--node", "node.test", "--node", "other.test", "--proposer", "tool.test")
    until(lambda: not door.refuses(door.node("other.test")), "the node to be known again")


def test_SEC_376_SEC_368_a_verdict_on_a_certificate_ends_with_its_second(door):
    certificate, key = door.authority.issue("node.test", end=DAY * 8 / 86_400)
    end = certificate.not_valid_after.replace(tzinfo=datetime.timezone.utc).timestamp()
    within, after = [], []
    with door.tls(door.context(certificate, key)) as tls:
        # Some fifteen requests in each second, until it has been over for two.
        while (began := time.time()) < end + 3:
            status = ask(tls, "/v1/device")[0]
            if time.time() < end:
                within.append(status)
            # The second that it ends in is its last.
            elif began >= end + 1:
                after.append(status)
            time.sleep(0.06)
    assert len(within) >= 10 and set(within) == {200}
    assert len(after) >= 10 and set(after) == {403}


def test_SEC_369_an_older_list_is_not_taken_and_one_that_is_too_old_lets_nobody_in(door):
    older = door.authority.list(number=0)
    said = door.set(list=older, code=1)
    assert "older" in said.stderr
    stranger = Authority()
    stranger.number = door.authority.number + 1
    assert "revocationList" in door.set(list=stranger.list(), code=1).stderr
    assert "revocationList" in door.set(list=door.authority.list(end=-DAY / 2), code=1).stderr
    assert not door.refuses(door.node())
    soon = door.authority.list(end=DAY * 3 / 86_400)
    door.set(list=soon)
    until(lambda: door.refuses(door.node()), "the list to be too old", 10)
    door.set(list=door.authority.list())
    until(lambda: not door.refuses(door.node()), "the new list")


def test_SEC_373_RC_129_without_a_service_nothing_old_is_shown_and_nobody_is_let_in_and_the_pump_goes_on(door):
    node = door.node()
    with door.tls(node) as tls:
        assert ask(tls, "/v1/status")[0] == 200
        door.pump.signal("pump-serviced", signal.SIGSTOP)
        try:
            until(lambda: ask(tls, "/v1/status")[0] == 503, "the pump to be called silent")
            assert ask(tls, "/v1/alarms")[2]["type"] == "urn:pump:problem:pump-silent"
            lines = ask(tls, "/v1/metrics")[2].decode().splitlines()
            assert "pump_up 0" in lines and not [line for line in lines if line.startswith("pump_delivered")]
            until(lambda: door.refuses(node), "new connections to be refused", 15)
            until(lambda: ask(tls, "/v1/status")[0] == 403, "the connection to be refused", 10)
            assert door.pump.state()["state"] == "standby"
        finally:
            door.pump.signal("pump-serviced", signal.SIGCONT)
    until(lambda: not door.refuses(node), "the service again", 10)


@pytest.mark.parametrize("wrong, word", [
    ({"uses": (CLIENT,)}, "usage"),
    ({"start": -2 * DAY, "end": -DAY}, "expired"),
    ({"digest": hashes.SHA1}, "certificate"),
    ({"signer": ec.generate_private_key(ec.SECP256R1())}, "issuer"),
])
def test_SRS_180_a_certificate_that_is_not_good_is_not_taken(door, wrong, word):
    request = x509.load_pem_x509_csr(door.network("request", NAME)["request"].encode())
    certificate, _ = door.authority.issue(
        NAME, **{"uses": (SERVER,), "public": request.public_key(), **wrong})
    assert word in door.set(certificate=pem(certificate), code=1).stderr
    assert not door.refuses(door.node())
