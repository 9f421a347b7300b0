# SPDX-License-Identifier: Apache-2.0
"""Guesses PINs at one login: guess.py SOCKET LOGIN FIRST COUNT SECONDS.

Two connections with 16 requests on the way on each, so that the socket is never idle. It guesses COUNT PINs
from FIRST on, for SECONDS at most, and prints how often each answer came as one line of JSON.
"""

import json
import socket
import sys
import time

CONNECTIONS, WINDOW = 2, 16


def guesses(login, first, count):
    """The requests, as bytes; only the six digits differ."""
    head = json.dumps({"v": 1, "do": "sign-in", "login": login, "badge": "01"})[:-1] + ', "secret": "'
    for number in range(first, first + count):
        yield (head + f'{number % 1_000_000:06d}"}}').encode()


def connect(path):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    peer.settimeout(30)
    peer.connect(path)
    return peer


def main(path, login, first, count, seconds):
    end, raw = time.monotonic() + float(seconds), {}
    waiting = guesses(login, int(first), int(count))
    peers, on_the_way = [connect(path) for _ in range(CONNECTIONS)], [0] * CONNECTIONS
    for index in range(CONNECTIONS):
        for _, request in zip(range(WINDOW), waiting):
            peers[index].send(request)
            on_the_way[index] += 1
    while any(on_the_way):
        for index in range(CONNECTIONS):
            if not on_the_way[index]:
                continue
            answer = peers[index].recv(16_384)
            if not answer:
                sys.exit("the service closed a connection that kept its window")
            reason = json.loads(answer)["reason"]
            raw[reason] = raw.get(reason, 0) + 1
            request = next(waiting, None) if time.monotonic() < end else None
            if request is None:
                on_the_way[index] -= 1
            else:
                peers[index].send(request)
    print(json.dumps(raw))


if __name__ == "__main__":
    main(*sys.argv[1:])
