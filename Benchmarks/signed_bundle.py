# SPDX-License-Identifier: Apache-2.0
"""A bundle of any size, signed with openssl's command alone, to measure `pump-updated take` with."""

import hashlib
import json
import pathlib
import subprocess

EXPIRES = "2099-01-01T00:00:00Z"
# What stands before the 32 bytes of an Ed25519 public key in DER (RFC 8410).
DER_PREFIX = 12


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Signer:
    """One key for every role."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.pem = self.folder / "key.pem"
        self.openssl("genpkey", "-algorithm", "ed25519", "-out", self.pem)
        der = self.openssl("pkey", "-in", self.pem, "-pubout", "-outform", "DER")
        self.key = {"keytype": "ed25519", "scheme": "ed25519",
                    "keyval": {"public": der[DER_PREFIX:].hex()}}
        self.keyid = hashlib.sha256(canonical(self.key)).hexdigest()

    @staticmethod
    def openssl(*words):
        return subprocess.run(["openssl", *map(str, words)], check=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    def sign(self, kind, fields):
        signed = {"_type": kind, "spec_version": "1.0.31", "version": 1, "expires": EXPIRES,
                  **fields}
        message = self.folder / "message"
        message.write_bytes(canonical(signed))
        signature = self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.pem, "-in", message)
        return canonical({"signed": signed,
                          "signatures": [{"keyid": self.keyid, "sig": signature.hex()}]})


def write(folder, image):
    """Writes `root.json` and `update.bundle` beside the image's file and returns their paths."""
    folder = pathlib.Path(folder)
    signer = Signer(folder)
    role = {"keyids": [signer.keyid], "threshold": 1}
    root = folder / "root.json"
    root.write_bytes(signer.sign("root", {
        "consistent_snapshot": True, "keys": {signer.keyid: signer.key},
        "roles": {name: role for name in ("root", "timestamp", "snapshot", "targets")}}))
    digest, length = hashlib.sha256(), 0
    with image.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
            length += len(part)
    custom = {"kind": "firmware", "version": "2.0", "hardware": ["reference-pump-1"],
              "releaseCounter": 1, "securityVersion": 0}
    entries = [
        ("timestamp.json", signer.sign("timestamp", {"meta": {"snapshot.json": {"version": 1}}})),
        ("1.snapshot.json", signer.sign("snapshot", {"meta": {"targets.json": {"version": 1}}})),
        ("1.targets.json", signer.sign("targets", {"targets": {"pump": {
            "length": length, "hashes": {"sha256": digest.hexdigest()}, "custom": custom}}}))]
    bundle = folder / "update.bundle"
    with bundle.open("wb") as out, image.open("rb") as file:
        out.write(b"PUMPUPD1" + (len(entries) + 1).to_bytes(4, "big"))
        for name, size in [(n, len(c)) for n, c in entries] + [("pump", length)]:
            out.write(bytes([len(name)]) + name.encode() + size.to_bytes(8, "big"))
        for _, content in entries:
            out.write(content)
        while part := file.read(1 << 20):
            out.write(part)
    return root, bundle
