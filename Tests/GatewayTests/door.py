# SPDX-License-Identifier: Apache-2.0
"""A simulated pump with a gateway, an administrator, an authority, and clients of every kind."""

import http.client
import json
import socket
import ssl
import subprocess
import time

from authority import Authority, key_pem, pem
from people import PASSWORD, commission
from simulated_pump import SimulatedPump, free_port, programs

# A name that every machine resolves.
NAME = "localhost"
# The gateway asks the service each second what holds.
SOON = 5


def until(condition, what, seconds=SOON):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s: {what}"
        time.sleep(0.05)


class Door:
    """The pump, what it is on the network, and who is at its door."""

    def __init__(self, folder, order="none", gateway=True):
        self.folder, self.port = folder, free_port()
        self.pump = SimulatedPump(programs(), order, options=["--gateway", str(self.port)] if gateway else [])
        self.authority = Authority()

    def commission(self):
        self.pump.wait_until_ready()
        self.root = commission(self.pump, self.folder)

    # What an administrator does.

    def step_up(self):
        """The administrator, signed in and just asked again: other tests may have taken longer than a session lasts."""
        self.root.sign_in()
        self.root("step-up", typed=[PASSWORD])

    def network(self, *words, code=0):
        self.step_up()
        return self.root("network", *words, "--json", code=code)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def set(self, *words, certificate=None, authority=None, list=None, code=0):
        options = [*words]
        for name, content in (("certificate", certificate), ("authority", authority), ("list", list)):
            if content is not None:
                options += [f"--{name}", self.file(f"{name}.pem", content)]
        return self.network("set", *options, code=code)

    def give_place(self, nodes=("node.test", "other.test"), proposers=()):
        """A place on the network, whether or not anybody listens there."""
        request = self.network("request", NAME)["request"]
        words = [word for node in nodes for word in ("--node", node)]
        words += [word for node in proposers for word in ("--proposer", node)]
        self.set(*words, certificate=self.authority.answer(request),
                 authority=pem(self.authority.certificate), list=self.authority.list())

    def provision(self, nodes=("node.test", "other.test"), proposers=()):
        self.give_place(nodes, proposers)
        until(self.listens, "the gateway to listen", 10)

    def revoke(self, certificate):
        self.authority.revoked.append(certificate)
        self.set(list=self.authority.list())

    # What clients do.

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def context(self, certificate=None, key=None, chain=(), version=ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = context.maximum_version = version
        context.load_verify_locations(cadata=pem(self.authority.certificate).decode())
        if certificate is not None:
            content = b"".join(map(pem, (certificate, *chain))) + key_pem(key)
            context.load_cert_chain(self.file(f"client-{certificate.serial_number}.pem", content))
        return context

    def node(self, name="node.test"):
        """A context with a good certificate."""
        return self.context(*self.authority.issue(name))

    def tls(self, context, session=None):
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        try:
            return context.wrap_socket(raw, server_hostname=NAME, session=session)
        except BaseException:
            raw.close()
            raise

    def get(self, path, context=None, **more):
        with self.tls(context or self.node()) as tls:
            return ask(tls, path, **more)

    def refuses(self, context):
        """Whether the connection ends before a byte of HTTP comes back, though a request was sent."""
        try:
            with self.tls(context) as tls:
                tls.sendall(b"GET /v1/status HTTP/1.1\r\nHost: pump.test\r\n\r\n")
                return tls.recv(1) == b""
        except (ssl.SSLError, ConnectionError):
            return True


def ask(tls, path, headers=None, method="GET", body=None):
    """Status, headers and body of the answer; JSON is read."""
    lines = [f"{method} {path} HTTP/1.1", "Host: pump.test"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    tls.sendall("\r\n".join([*lines, "", ""]).encode() + (body or b""))
    answer = http.client.HTTPResponse(tls, method=method)
    answer.begin()
    content = answer.read()
    if "json" in answer.headers.get("content-type", ""):
        content = json.loads(content)
    return answer.status, answer.headers, content


def stream(tls, path="/v1/events", headers=None):
    """The events of a stream: id, name and data of each; a comment gives None."""
    lines = [f"GET {path} HTTP/1.1", "Host: pump.test"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    tls.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = http.client.HTTPResponse(tls)
    answer.begin()
    assert answer.status == 200 and answer.headers["content-type"] == "text/event-stream"
    fields = {}
    for line in answer:
        line = line.decode().rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            yield (fields.get("id"), fields["event"], json.loads(fields["data"])) if "event" in fields else None
            fields = {}


class Seat:
    """A person at a node: its certificate, and a session when they are signed in."""

    def __init__(self, door, node, context=None):
        self.door, self.context, self.session = door, context or door.node(node), None

    def __call__(self, method, path, body=None, **headers):
        """Asks until the node's rate lets it."""
        if self.session:
            headers["Authorization"] = f"Bearer {self.session}"
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        while True:
            answer = self.door.get(path, self.context, method=method, body=body, headers=headers)
            if answer[0] != 429 or answer[2]["type"] != "urn:pump:problem:rate":
                return answer
            time.sleep(int(answer[1]["retry-after"]))

    def sign_in(self, login, password=PASSWORD):
        self.session = None
        return self.take(self("POST", "/v1/session", {"login": login, "secret": password}), 201)

    def step_up(self, password=PASSWORD):
        return self.take(self("POST", "/v1/session/step-up", {"secret": password}), 200)

    def take(self, answer, code):
        status, _, body = answer
        assert status == code, answer
        self.session = body["session"]
        return body["person"]

    def propose(self, order, key):
        return self("POST", "/v1/proposals", order, **{"Idempotency-Key": key})


def kind(answer):
    """Status and problem of an answer."""
    status, _, body = answer
    return status, body["type"].rpartition(":")[2]


def records(door, event):
    """The records of an event on the pump's audit log; without one, of all."""
    done = subprocess.run(
        [programs() / "pumpctl", "audit", "show", door.pump.run / "data/audit/1", "--last", "10000", "--json"],
        capture_output=True, text=True, check=True, timeout=30)
    return [record for record in map(json.loads, done.stdout.splitlines()) if event in (None, record["event"])]
