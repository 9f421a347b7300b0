# SPDX-License-Identifier: Apache-2.0
"""Crowds at the gateway's door, each a function that goes on until it is told to stop and says what it did.

They are clients of our own: the usual load generators (wrk, h2load) have no certificate of their own to show, and
without one nobody gets past the handshake."""

import os
import random
import selectors
import socket
import ssl
import time

STATUS = b"GET /v1/status HTTP/1.1\r\nHost: pump.test\r\n\r\n"


def node(port, context):
    raw = socket.create_connection(("127.0.0.1", port), timeout=10)
    try:
        return context.wrap_socket(raw, server_hostname="localhost")
    except BaseException:
        raw.close()
        raise


def requests(stop, port, context):
    """A node that asks as fast as it is answered, and comes again when it is sent away."""
    done = {"answered": 0, "told to wait": 0, "broken": 0}
    while not stop.is_set():
        try:
            with node(port, context) as tls:
                while not stop.is_set():
                    tls.sendall(STATUS)
                    head = tls.recv(65_536)
                    if not head:
                        break
                    done["answered" if head.startswith(b"HTTP/1.1 200") else "told to wait"] += 1
        except (OSError, ssl.SSLError):
            done["broken"] += 1
            time.sleep(0.01)
    return done


def slow(stop, port, context):
    """Strangers that send a handshake byte by byte, and nodes that do so with a request."""
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600)
    request = STATUS[:-2] + b"X: a\r\n" * 1_000
    crowd, done = [], {"bytes": 0, "sent away": 0}
    while not stop.is_set():
        try:
            if len(crowd) < 300:
                known = len(crowd) % 20 == 0
                peer = node(port, context) if known else socket.create_connection(("127.0.0.1", port), timeout=5)
                peer.setblocking(False)
                crowd.append((peer, iter(request if known else hello)))
        except (OSError, ssl.SSLError):
            done["sent away"] += 1
        for place in reversed(range(len(crowd))):
            peer, rest = crowd[place]
            try:
                peer.send(bytes([next(rest)]))
                done["bytes"] += 1
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            except (OSError, StopIteration, ssl.SSLError):
                done["sent away"] += 1
                peer.close()
                crowd.pop(place)
        time.sleep(0.02)
    for peer, _ in crowd:
        peer.close()
    return done


def garbage(draw):
    """Bytes that are nearly something."""
    kind = draw.randrange(5)
    if kind == 0:
        return os.urandom(draw.randrange(1, 2_000))
    if kind == 1:
        return b"\x16\x03\x01\xff\xff" + os.urandom(500)
    if kind == 2:
        return STATUS
    if kind == 3:
        return b"\x15\x03\x03\x00\x02\x02\x28" * 20
    return b"\x16\x03\x03\x00\x7a\x01\x00\x00\x76\x03\x03" + os.urandom(111)


def malformed(stop, port, context, seed):
    """Garbage instead of a handshake, and of a node instead of a request."""
    draw, done = random.Random(seed), {"of strangers": 0, "of a node": 0, "broken": 0}
    while not stop.is_set():
        try:
            if draw.randrange(10):
                with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
                    peer.sendall(garbage(draw))
                    done["of strangers"] += 1
            else:
                with node(port, context) as tls:
                    tls.sendall(draw.choice([
                        b"GET / HTTP/9.9\r\n\r\n", os.urandom(500), b"POST /v1/proposals HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                        b"GET /v1/status HTTP/1.1\r\n" + b"A: b\r\n" * 100 + b"\r\n"]))
                    tls.recv(1)
                    done["of a node"] += 1
        except (OSError, ssl.SSLError):
            done["broken"] += 1
    return done


def arrive(port, count):
    """Opens so many connections at once and keeps them; gives those that stand and how many were refused at once."""
    selector, crowd, refused = selectors.DefaultSelector(), [], 0
    for _ in range(count):
        peer = socket.socket()
        peer.setblocking(False)
        code = peer.connect_ex(("127.0.0.1", port))
        if code not in (0, 115):
            refused += 1
            peer.close()
            continue
        crowd.append(peer)
    selector.close()
    return crowd, refused


def ended(crowd):
    """How many of these connections the other side has ended."""
    gone = 0
    for peer in crowd:
        try:
            gone += peer.recv(1) == b""
        except BlockingIOError:
            pass
        except OSError:
            gone += 1
    return gone


def ten_thousand(stop, port, count=10_000):
    """So many connections at once, again and again."""
    done = {"opened": 0, "ended": 0, "at once": 0}
    while not stop.is_set():
        crowd, _ = arrive(port, count)
        deadline = time.monotonic() + 15
        while (gone := ended(crowd)) < len(crowd) and time.monotonic() < deadline and not stop.is_set():
            time.sleep(0.2)
        done["opened"] += len(crowd)
        done["ended"] += gone
        done["at once"] = max(done["at once"], len(crowd))
        for peer in crowd:
            peer.close()
    return done
