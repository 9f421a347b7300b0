# SPDX-License-Identifier: Apache-2.0
"""`pumpctl ca`: what it makes is judged by openssl, by Python's cryptography, and by a gateway."""

import http.client
import json
import socket
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from door import NAME, ask, until
from people import PASSWORD, commission
from simulated_pump import SimulatedPump, free_port, programs


def ca(*words, code=0):
    done = subprocess.run([programs() / "pumpctl", "ca", *map(str, words)], capture_output=True, text=True, timeout=30,
                          check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout) if "--json" in words and code == 0 else done


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=30, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode == 0, done.stdout + done.stderr


class Folder:
    """An authority with its files."""

    def __init__(self, path):
        self.path, self.out = path / "ca", path
        ca("init", self.path)
        self.own = self.path / "authority.pem"
        self.lists = 0

    def issue(self, name, *words):
        files = (self.out / f"{name}.pem", self.out / f"{name}.key")
        made = ca("issue", self.path, name, "--key", files[1], "--output", files[0], *words, "--json")
        return (*files, made["serial"])

    def list(self, *words):
        self.lists += 1
        path = self.out / f"list-{self.lists}.pem"
        assert ca("crl", self.path, "--output", path, *words, "--json") == {"list": str(path), "number": self.lists}
        return path

    def verifies(self, certificate, purpose="sslclient"):
        return openssl("verify", "-x509_strict", "-crl_check", "-CAfile", self.own, "-CRLfile", self.list(),
                       "-purpose", purpose, certificate)


@pytest.fixture(name="authority")
def new_authority(tmp_path):
    return Folder(tmp_path)


def loaded(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_SRS_191_openssl_takes_what_is_issued_and_not_what_is_revoked(authority):
    node, _, serial = authority.issue("node.test")
    other, _, _ = authority.issue("pump.test", "--use", "pump")
    assert authority.verifies(node) == (True, f"{node}: OK\n")
    assert not authority.verifies(node, "sslserver")[0] and not authority.verifies(other)[0]
    assert authority.verifies(other, "sslserver")[0]
    ca("revoke", authority.path, serial)
    good, said = authority.verifies(node)
    assert not good and "certificate revoked" in said
    assert authority.verifies(other, "sslserver")[0]
    ca("revoke", authority.path, serial, code=1)
    ca("revoke", authority.path, "00" * 16, code=1)
    issued = ca("list", authority.path, "--json")
    assert [(one["name"], one["use"], "revoked" in one) for one in issued] == [
        ("node.test", "node", True), ("pump.test", "pump", False)]


def test_SEC_377_what_it_makes_says_that_it_is_for_teaching_and_gives_no_more_than_it_should(authority):
    own, certificate = loaded(authority.own), loaded(authority.issue("node.test")[0])
    name, = own.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value.startswith("TEACHING ONLY ") and certificate.issuer == own.subject
    limits = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert limits.critical and not limits.value.ca
    assert own.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    use = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert use.digital_signature and not use.key_cert_sign and not use.crl_sign
    assert certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.DNSName) == ["node.test"]
    assert certificate.not_valid_after <= own.not_valid_after and certificate.serial_number > 2 ** 120
    for path in (authority.path, authority.path / "authority.key", authority.out / "node.test.key"):
        assert path.stat().st_mode & 0o077 == 0, path
    key = serialization.load_pem_private_key((authority.out / "node.test.key").read_bytes(), None)
    assert key.public_key().public_numbers() == certificate.public_key().public_numbers()


def request(path, name, key=None, broken=False):
    key = key or ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])).sign(key, hashes.SHA256())
    content = made.public_bytes(serialization.Encoding.DER)
    if broken:
        content = content[:-1] + bytes([content[-1] ^ 1])
    lines = subprocess.run(["openssl", "base64"], input=content, capture_output=True, check=True).stdout
    path.write_bytes(b"-----BEGIN CERTIFICATE REQUEST-----\n" + lines + b"-----END CERTIFICATE REQUEST-----\n")
    return path


def test_SEC_377_a_request_is_answered_for_its_own_key_and_name_alone(authority):
    good = request(authority.out / "good.csr", "pump.test")
    out = authority.out / "answer.pem"
    words = ("issue", authority.path, "pump.test", "--use", "pump", "--output", out, "--request")
    for wrong in (request(authority.out / "name.csr", "other.test"),
                  request(authority.out / "broken.csr", "pump.test", broken=True),
                  request(authority.out / "curve.csr", "pump.test", ec.generate_private_key(ec.SECP384R1())),
                  authority.own):
        ca(*words, wrong, code=1)
    ca(*words, authority.out / "nothing", code=2)
    assert not out.exists() and ca("list", authority.path, "--json") == []
    ca(*words, good)
    assert authority.verifies(out, "sslserver")[0]


@pytest.mark.parametrize("words", [
    ("init", "{ca}"), ("issue", "{ca}", "Node.Test", "--key", "{out}/k", "--output", "{out}/c"),
    ("issue", "{ca}", "*.test", "--key", "{out}/k", "--output", "{out}/c"),
    ("issue", "{ca}", "a.test", "--output", "{out}/c"),
    ("issue", "{ca}", "a.test", "--key", "{out}/k", "--request", "{out}/r", "--output", "{out}/c"),
    ("issue", "{ca}", "a.test", "--key", "{out}/k", "--output", "{out}/c", "--days", "0"),
    ("issue", "{ca}", "a.test", "--key", "{out}/k", "--output", "{out}/c", "--days", "366"),
    ("issue", "{ca}", "a.test", "--key", "{ca}/authority.key", "--output", "{out}/c"),
    ("crl", "{ca}", "--output", "{out}/l", "--days", "367"), ("crl", "{ca}", "--output", "{ca}/authority.pem"),
    ("list", "{out}/none"), ("init", "{out}/new", "--name", "ä"), ("init", "{out}/new", "--days", "4000"),
])
def test_SRS_191_what_cannot_be_meant_is_refused_and_changes_nothing(authority, words):
    before = {path.name: path.read_bytes() for path in authority.path.iterdir()}
    ca(*(word.format(ca=authority.path, out=authority.out) for word in words), code=2)
    assert {path.name: path.read_bytes() for path in authority.path.iterdir()} == before
    assert not (authority.out / "c").exists() and not (authority.out / "k").exists()


def test_SRS_191_a_damaged_folder_is_no_authority(authority):
    ca("init", authority.out / "second")
    for name in ("authority.json", "authority.key"):
        path = authority.path / name
        whole = path.read_bytes()
        for content in (b"", whole[:-40], b"{}", (authority.out / "second" / name).read_bytes()):
            path.write_bytes(content)
            ca("list", authority.path, code=2)
        path.write_bytes(whole)
    record = authority.path / "authority.json"
    whole = record.read_bytes()
    assert whole.count(b'"v":1') == 1
    record.write_bytes(whole.replace(b'"v":1', b'"v":2'))
    ca("list", authority.path, code=2)
    record.write_bytes(whole)
    assert ca("list", authority.path, "--json") == []


def test_SRS_191_days_out_of_range_are_refused_however_far_out(authority):
    for days in (0, 3_651, 2**63 - 1):
        said = ca("issue", authority.path, "n.test", "--key", authority.out / "n.key", "--output",
                  authority.out / "n.pem", "--days", days, code=2)
        assert "days" in said.stderr
        ca("crl", authority.path, "--output", authority.out / "list.pem", "--days", days, code=2)
        ca("init", authority.out / "other", "--days", days, code=2)
    assert ca("list", authority.path, "--json") == [] and not (authority.out / "n.pem").exists()


def test_SRS_191_SEC_041_a_pump_comes_onto_a_network_with_pumpctl_alone(authority, tmp_path):
    port = free_port()
    pump = SimulatedPump(programs(), "none", options=["--gateway", str(port)])
    try:
        pump.wait_until_ready()
        root = commission(pump, tmp_path)
        (tmp_path / "pump.csr").write_text(root("network", "request", NAME, "--json")["request"])
        ca("issue", authority.path, NAME, "--use", "pump", "--request", tmp_path / "pump.csr", "--output",
           tmp_path / "pump.pem")
        root("network", "set", "--certificate", tmp_path / "pump.pem", "--authority", authority.own, "--list",
             authority.list(), "--node", "node.test")
        certificate, key, serial = authority.issue("node.test")
        stranger, other, _ = authority.issue("stranger.test")

        def answered(certificate, key):
            context = ssl.create_default_context(cafile=authority.own)
            context.load_cert_chain(certificate, key)
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=10) as raw, \
                        context.wrap_socket(raw, server_hostname=NAME) as tls:
                    return ask(tls, "/v1/status")[2].get("state")
            except (OSError, http.client.HTTPException):
                return None

        until(lambda: answered(certificate, key) == "standby", "the node to be answered", 15)
        assert answered(stranger, other) is None
        ca("revoke", authority.path, serial)
        root("step-up", typed=[PASSWORD])
        root("network", "set", "--list", authority.list())
        until(lambda: answered(certificate, key) is None, "the revoked node to be refused", 10)
    finally:
        pump.end()
