# SPDX-License-Identifier: Apache-2.0
"""People at a pump, each with pumpctl and a session of their own."""

import json
import os
import socket
import subprocess
import time

from simulated_pump import programs

PASSWORD = "correct horse battery"


class Person:
    """Somebody at a terminal, with a session file of their own."""

    def __init__(self, pump, folder, name):
        self.pump, self.name, self.session = pump, name, folder / f"{name}.session"

    def __call__(self, *words, typed=(), code=0):
        environment = dict(os.environ, PUMP_RUN=str(self.pump.run), PUMP_SESSION=str(self.session))
        done = subprocess.run(
            [programs() / "pumpctl", *words], input="".join(f"{line}\n" for line in typed),
            capture_output=True, text=True, timeout=60, check=False, env=environment)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout) if "--json" in words and code == 0 else done

    def sign_in(self):
        return self("sign-in", self.name, "--json", typed=[PASSWORD])


def news(pump):
    """What the service tells the panel's user, who in the simulator is everybody's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.settimeout(10)
        peer.connect(str(pump.run / "people.sock"))
        peer.send(b'{"v":1,"do":"panel"}')
        return json.loads(peer.recv(16_384))


def is_ready(pump):
    """Whether the service knows the pump's people."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
            peer.settimeout(10)
            peer.connect(str(pump.run / "people.sock"))
            peer.send(b'{"v":1,"do":"setup"}')
            return json.loads(peer.recv(16_384))["ready"]
    except OSError:
        return False


def setup_code(pump):
    """The one-time code, as the panel gets it."""
    deadline = time.monotonic() + 10
    while "code" not in (told := news(pump)):
        assert time.monotonic() < deadline, f"no commissioning code: {told}"
        time.sleep(0.05)
    return told["code"]


def commission(pump, folder):
    """The first administrator, with a session that was just stepped up."""
    root = Person(pump, folder, "root-person")
    assert root("commission", "root-person", "--json", typed=[setup_code(pump), PASSWORD]) == {"person": 1}
    root.sign_in()
    root("step-up", typed=[PASSWORD])
    return root


def add(root, pump, folder, name, role, badge=None, secret=PASSWORD):
    code = root("people", "add", name, role, "--json")["code"]
    person = Person(pump, folder, name)
    person("people", "set-secret", name, *(("--badge", badge) if badge else ()), typed=[code, secret])
    return person
