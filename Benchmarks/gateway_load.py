#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the gateway's interface and a bare route for the same bytes, in turns, and prints what each took.

    gateway_load.py --bin DIR [--connections N] [--turns N] [--seconds S]

A pump in standby, `gateway-probe api` with its checks at each request and without its rate for each node, and
`gateway-probe bare`: one route of Hummingbird over TLS 1.3 with certificates of both sides. Each connection is a
process of its own that asks again as soon as it was answered. One line of JSON: requests a second, latencies in
microseconds as the clients see them, and the microseconds of processor time that the server took for a request.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
REQUEST = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
WAYS = ("bare", "api")


def ask(tls):
    """The body of one answer, which has to be a good one."""
    tls.sendall(REQUEST)
    data = tls.recv(65_536)
    while b"\r\n\r\n" not in data:
        data += more(tls)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise OSError(f"answered {head[:40]!r}")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += more(tls)
    return body


def more(tls):
    data = tls.recv(65_536)
    if not data:
        raise OSError("the connection ended")
    return data


def connect(port, folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(folder / "authority.pem")
    context.load_cert_chain(folder / "node.pem")
    raw = socket.create_connection(("127.0.0.1", port), timeout=10)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(raw, server_hostname="localhost")


def client(ports, folder, seconds, line):
    """Takes the name of a way, asks there for the time, and gives the latencies in nanoseconds."""
    tls = {way: connect(ports[way], folder) for way in WAYS}
    line.send(None)
    while way := line.recv():
        latencies = []
        end = time.perf_counter_ns() + int(seconds * 1e9)
        now = time.perf_counter_ns()
        while now < end:
            ask(tls[way])
            latencies.append(time.perf_counter_ns() - now)
            now = time.perf_counter_ns()
        # The other way's turn is longer than a gateway waits for a request.
        ask(tls[WAYS[1 - WAYS.index(way)]])
        line.send(latencies)


def processor_time(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(ports, servers, folder, options):
    lines, clients = [], []
    for _ in range(options.connections):
        line, other = multiprocessing.Pipe()
        clients.append(multiprocessing.Process(
            target=client, args=(ports, folder, options.seconds, other), daemon=True))
        clients[-1].start()
        lines.append(line)
    latencies = {way: [] for way in WAYS}
    spent, took = dict.fromkeys(WAYS, 0.0), dict.fromkeys(WAYS, 0.0)
    for line in lines:
        line.recv()
    for _ in range(options.turns):
        for way in WAYS:
            before, began = processor_time(servers[way].pid), time.perf_counter()
            for line in lines:
                line.send(way)
            for line in lines:
                latencies[way] += line.recv()
            took[way] += time.perf_counter() - began
            spent[way] += processor_time(servers[way].pid) - before
    for line, process in zip(lines, clients):
        line.send(None)
        process.join(10)
    return {way: figures(sorted(latencies[way]), took[way], spent[way]) for way in WAYS}


def figures(latencies, took, spent):
    count = len(latencies)
    return {"requests": count, "per_second": count / took, "p50_us": latencies[count // 2] / 1e3,
            "p99_us": latencies[count * 99 // 100] / 1e3, "processor_us": spent * 1e6 / count}


def provisioned(folder):
    """A pump with a place on the network and nobody that listens there, and the files of a node."""
    from authority import key_pem, pem  # pylint: disable=import-outside-toplevel
    from door import Door  # pylint: disable=import-outside-toplevel

    door = Door(folder, gateway=False)
    door.commission()
    door.give_place()
    certificate, key = door.authority.issue("node.test")
    (folder / "node.pem").write_bytes(pem(certificate) + key_pem(key))
    (folder / "authority.pem").write_bytes(pem(door.authority.certificate))
    own, key = door.authority.server("localhost")
    (folder / "bare.pem").write_bytes(pem(own))
    (folder / "bare.key").write_bytes(key_pem(key))
    return door


def main():
    parser = argparse.ArgumentParser(description="Measures the gateway beside a bare route.")
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the release programs")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    os.environ["PUMP_BIN"] = str(options.bin.resolve())
    sys.path[:0] = [str(ROOT / "Tests"), str(ROOT / "Tests/GatewayTests")]
    from simulated_pump import free_port  # pylint: disable=import-outside-toplevel

    servers, door = {}, None
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        try:
            door = provisioned(folder)
            ports = {way: free_port() for way in WAYS}
            probe = options.bin.resolve() / "gateway-probe"
            quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            servers["api"] = subprocess.Popen(
                [probe, "api", "--run", door.pump.run, "--port", str(ports["api"])], **quiet)
            wait(ports["api"])
            with connect(ports["api"], folder) as tls:
                (folder / "body").write_bytes(ask(tls))
            servers["bare"] = subprocess.Popen(
                [probe, "bare", str(ports["bare"]), *(folder / name for name in (
                    "bare.pem", "bare.key", "authority.pem", "body"))], **quiet)
            wait(ports["bare"])
            print(json.dumps(measure(ports, servers, folder, options)))
        finally:
            for server in servers.values():
                server.send_signal(signal.SIGTERM)
                server.wait(10)
            if door:
                door.pump.end()


def wait(port):
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    main()
