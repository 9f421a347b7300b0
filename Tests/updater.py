# SPDX-License-Identifier: Apache-2.0
"""A provisioned pump-updated beside a simulated pump: it takes uploads of the gateway, and nothing of it is signed."""

import hashlib
import json
import subprocess
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from simulated_pump import programs


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def first_root():
    """Root metadata of TUF with one key, whose private half is lost with this call: nothing can be released."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    key = {"keytype": "ed25519", "keyval": {"public": public}, "scheme": "ed25519"}
    name = hashlib.sha256(canonical(key)).hexdigest()
    role = {"keyids": [name], "threshold": 1}
    signed = {"_type": "root", "consistent_snapshot": True, "expires": "2100-01-01T00:00:00Z", "keys": {name: key},
              "roles": {each: role for each in ("root", "snapshot", "targets", "timestamp")},
              "spec_version": "1.0.31", "version": 1}
    signature = private.sign(canonical(signed)).hex()
    return json.dumps({"signatures": [{"keyid": name, "sig": signature}], "signed": signed}).encode()


class Updater:
    """`pump-updated attend`, as the unit runs it, for a pump whose sockets are in one folder."""

    def __init__(self, state, sockets, intake=None):
        self.state, self.sockets, self.intake = state, sockets, intake or sockets
        self.process = None

    @classmethod
    def provisioned(cls, folder, sockets, intake=None):
        folder.mkdir()
        (folder / "root.json").write_bytes(first_root())
        (folder / "image").write_bytes(b"the running image")
        own = cls(folder / "state", sockets, intake)
        done = subprocess.run(
            [programs() / "pump-updated", "provision", "--state", own.state, "--root", folder / "root.json", "--image",
             folder / "image", "--version", "1.0"], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return own

    def start(self):
        self.process = subprocess.Popen(
            [programs() / "pump-updated", "attend", "--state", self.state, "--run", self.sockets,
             "--intake", self.intake], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.listens():
            assert time.monotonic() < deadline and self.process.poll() is None, "the updater does not listen"
            time.sleep(0.02)
        return self

    def listens(self):
        return (self.intake / "intake.sock").exists()

    def kill(self):
        self.process.kill()
        self.process.wait(10)
        # A name that a dead process left is taken over by the next one; who waits for it has to see that one's.
        (self.intake / "intake.sock").unlink(missing_ok=True)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def spooled(self):
        """What lies half in the spool."""
        return sorted(path.name for path in (self.state / "spool").iterdir())

    def journal(self):
        return json.loads((self.state / "journal").read_bytes())
