# SPDX-License-Identifier: Apache-2.0
"""Brings bundles to a pump through its gateway."""

import time

from door import ask, until

PATH = "/v1/update/intake"


def bring(seat, bundle, key, **headers):
    """Uploads a bundle; a header that is None is left out. Asks until the node's rate lets it."""
    given = {"Content-Type": "application/octet-stream", "Idempotency-Key": key,
             "Authorization": f"Bearer {seat.session}" if seat.session else None, **headers}
    given = {name: value for name, value in given.items() if value is not None}
    while True:
        with seat.door.tls(seat.context) as tls:
            answer = ask(tls, PATH, given, "POST", bundle)
        if answer[0] != 429:
            return answer
        time.sleep(1)


def head(seat, key, length):
    """The head of an upload, whose body the caller sends or not."""
    return (f"POST {PATH} HTTP/1.1\r\nHost: pump.test\r\nContent-Type: application/octet-stream\r\n"
            f"Content-Length: {length}\r\nIdempotency-Key: {key}\r\nAuthorization: Bearer {seat.session}\r\n\r\n"
            ).encode()


def standing(seat):
    status, _, body = seat("GET", PATH)
    assert status == 200, body
    return body


def ended(seat, seconds=20):
    """How the upload that is there ended."""
    until(lambda: standing(seat)["state"] in ("taken", "refused"), "the upload to end", seconds)
    return standing(seat)
