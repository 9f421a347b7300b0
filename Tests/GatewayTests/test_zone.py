# SPDX-License-Identifier: Apache-2.0
"""The gateway as a zone: what it opens, what it holds, what it can have signed, and that it may die."""

import json
import os
import signal
import socket
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

import probes
from door import NAME, ask, records, until
from people import Person, add


def test_SEC_003_SRS_182_nothing_listens_before_the_pump_is_on_a_network_nor_after_it_left(new_door):
    door = new_door()
    time.sleep(2)
    # The updater's own socket belongs to a process that is no part of this pump; test_uploads has it.
    rows = [row for row in probes.table("sockets") if row["process"] != "pump-updated"]
    local = probes.keys([row for row in rows if row["process"] != "pump-gatewayd"], "process", "address", "kind")
    assert not door.listens()
    probes.check(probes.seen_sockets(door.pump), local)
    door.provision()
    # The matrix, whole.
    probes.check(probes.seen_sockets(door.pump), probes.keys(rows, "process", "address", "kind"))
    always = {row["process"] for row in probes.table("processes") if row["runs"] == "always"}
    assert {row[0] for row in probes.seen_processes(door.pump)} == always | {"pump-gatewayd"}
    door.network("leave")
    until(lambda: not door.listens(), "the gateway to let go of its port")
    # It is started again, as a service manager does, and waits.
    time.sleep(6)
    assert not door.listens() and door.network("show")["nodes"] == []


def opened(pid):
    found = set()
    for entry in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.add(os.readlink(f"/proc/{pid}/fd/{entry}"))
        except OSError:
            pass
    return found


def test_SEC_044_SRS_179_the_gateway_holds_no_file_and_no_key(door):
    with door.tls(door.node()) as tls:
        assert ask(tls, "/v1/status")[0] == 200
        pid = door.pump.pid("pump-gatewayd")
        files = {name for name in opened(pid) if name.startswith("/") and not name.startswith(("/dev/", "/memfd"))}
        assert not files, files
        assert {"anon_inode", "socket", "pipe", "/dev/null"} >= {
            name.partition(":")[0] for name in opened(pid)}, opened(pid)
    # The files below the sockets' folder are the service's, and none is a key in the clear.
    text = b"".join(path.read_bytes() for path in (door.pump.run / "data").rglob("*") if path.is_file())
    assert b"PRIVATE KEY" not in text


class Line:
    """A raw conversation at the service's socket for the gateway."""

    def __init__(self, run):
        self.peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.peer.settimeout(10)
        self.peer.connect(str(run / "network.sock"))

    def ask(self, **request):
        self.peer.send(json.dumps({"v": 1, **request}).encode())
        return json.loads(self.peer.recv(16_384))


HEAD = b" " * 64 + b"TLS 1.3, server CertificateVerify\0"


def test_SEC_370_SRS_179_the_key_signs_handshakes_of_the_server_and_nothing_else(door):
    line = Line(door.pump.run)
    certificate = x509.load_pem_x509_certificate(line.ask(do="standing")["certificate"].encode())
    for size in (32, 48):
        content = HEAD + bytes(range(size))
        signature = bytes.fromhex(line.ask(do="sign", content=content.hex())["signature"])
        certificate.public_key().verify(signature, content, ec.ECDSA(hashes.SHA256()))
    csr = x509.load_pem_x509_csr(door.network("request", NAME)["request"].encode())
    for content in (b"", b"a", HEAD, HEAD + bytes(31), HEAD + bytes(33), HEAD + bytes(64), bytes(130),
                    HEAD.replace(b"server", b"client") + bytes(32), HEAD[1:] + bytes(32),
                    csr.tbs_certrequest_bytes[:256]):
        assert line.ask(do="sign", content=content.hex())["reason"] == "not-permitted", content
    for wrong in ({"do": "sign"}, {"do": "sign", "content": "0"}, {"do": "sign", "content": "zz"},
                  {"do": "sign", "content": "00" * 257}, {"do": "start"}, {"do": "standing", "more": 1}):
        assert line.ask(**wrong)["reason"] == "not-understood", wrong
    line.peer.close()


def test_SRS_178_only_an_administrator_who_stepped_up_changes_the_network(door, tmp_path):
    visitor = Person(door.pump, tmp_path, "visitor")
    door.step_up()
    nurse = add(door.root, door.pump, tmp_path, "nurse", "clinician")
    for words in (("request", NAME), ("set", "--node", "evil.test"), ("show",), ("leave",)):
        visitor("network", *words, code=4)
    nurse.sign_in()
    nurse("network", "set", "--node", "evil.test", code=1)
    door.root("sign-out")
    door.root.sign_in()
    door.root("network", "set", "--node", "evil.test", code=4)
    assert [node["name"] for node in door.network("show")["nodes"]] == [
        "node.test", "other.test", "tool.test"]


def test_SRS_180_a_new_key_takes_over_without_an_end_of_anything(door):
    def shown():
        with door.tls(door.node()) as tls:
            return tls.getpeercert(True)
    before = shown()
    with door.tls(door.node()) as tls:
        assert ask(tls, "/v1/status")[0] == 200
        request = door.network("request", NAME)["request"]
        own = x509.load_der_x509_certificate(before).public_key().public_numbers()
        assert x509.load_pem_x509_csr(request.encode()).public_key().public_numbers() != own
        assert shown() == before
        door.set(certificate=door.authority.answer(request))

        def is_new():
            try:
                return shown() != before
            # Until the gateway has heard of it, the service signs by the new key already.
            except ssl.SSLError:
                return False
        until(is_new, "the new certificate")
        # The connection that was there goes on.
        assert ask(tls, "/v1/status")[0] == 200


@pytest.fixture(name="infusing", scope="module")
def infusing_door(new_door):
    """A pump that was given a place on the network while it infuses."""
    door = new_door("demo")
    door.pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
    door.provision()
    return door


def check_delivery(door, before, after):
    expected = 5 / 3600 * (after["time"] - before["time"])
    assert after["state"] == "infusing" and after["motorPowered"]
    assert after["delivered"] - before["delivered"] == pytest.approx(expected, rel=0.1)


def test_SYS_083_SRS_188_the_gateway_is_killed_again_and_again_and_the_infusion_goes_on(infusing):
    door, pump = infusing, infusing.pump
    node = door.node()
    assert door.get("/v1/status", node)[2]["state"] == "infusing"
    before = pump.state()
    for _ in range(2):
        pump.signal("pump-gatewayd", signal.SIGKILL)
        until(lambda: not door.listens(), "the gateway to be gone")
        check_delivery(door, before, pump.wait(lambda now: now["time"] - before["time"] > 2, 10, "two seconds"))
        until(door.listens, "the gateway to be there again", 15)
    after = pump.state()
    check_delivery(door, before, after)
    assert not after["alarms"], after["alarms"]
    assert door.get("/v1/status", node)[2]["state"] == "infusing"
    # The fault shows, at the pump and on its record.
    def told():
        # A zero is left out of a record.
        return [record.get("a", 0) for record in records(door, "peerChanged") if record["source"] == "service"]
    until(lambda: told()[-1:] == [1] and 0 in told(), "the gateway's end and return on the record", 10)



def test_SYS_083_floods_at_the_door_change_no_delivery_and_stop_keeps_its_time(infusing):
    door, pump = infusing, infusing.pump
    before = pump.state()
    crowd = []
    end = time.monotonic() + 6
    refused = 0
    while time.monotonic() < end:
        try:
            peer = socket.create_connection(("127.0.0.1", door.port), timeout=1)
            peer.setblocking(False)
            peer.send(b"\x16\x03\x01\xff\xff" + os.urandom(64) if len(crowd) % 2 else b"GET / HTTP/1.1\r\n")
            crowd.append(peer)
        except OSError:
            refused += 1
            time.sleep(0.01)
        if len(crowd) > 400:
            crowd.pop(0).close()
    assert len(crowd) + refused > 200
    after = pump.state()
    check_delivery(door, before, after)
    pump.key("stop", True)
    stopped = pump.wait(lambda now: not now["motorPowered"], 3, "the motor to lose its power")
    pump.key("stop", False)
    assert stopped["time"] - after["time"] < 1.0
    for peer in crowd:
        peer.close()
    # Whoever belongs here is let in again when the crowd is gone.
    until(lambda: not door.refuses(door.node()), "a node to be let in", 15)
