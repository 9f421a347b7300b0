# SPDX-License-Identifier: Apache-2.0
"""A repository in memory, as a manufacturer would publish it or as an attacker would bend it.

Metadata is made and signed by python-tuf and securesystemslib, which share nothing with the device's
verifier. Nothing here refuses to make nonsense: that is the device's task.
"""

import hashlib
import json
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp)
from tuf.api.serialization.json import JSONSerializer

ROLES = ("root", "timestamp", "snapshot", "targets")
HARDWARE = "reference-pump-1"


def seeded_signer(seed):
    """An Ed25519 key that is the same on every run."""
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest()))


def terms(version, release, security=1, hardware=(HARDWARE,), kind="firmware", notes=""):
    """The `custom` field of a target."""
    return {"kind": kind, "version": version, "hardware": list(hardware),
            "releaseCounter": release, "securityVersion": security, "notes": notes}


class Repository:
    """Roles with their keys, and every file that was published."""

    def __init__(self, now=None, seed="repository", keys=None, thresholds=None,
                 consistent=True, lifetime=timedelta(days=30), make_signer=None):
        self.now = now or datetime.now(timezone.utc).replace(microsecond=0)
        self.seed = seed
        self.made = 0
        self.make_signer = make_signer or (lambda: seeded_signer(f"{seed}/{self.made}"))
        self.metadata = {}
        self.content = {}
        self.announce_hashes = False
        expires = self.now + lifetime
        self.signed = {
            "root": Root(expires=expires, consistent_snapshot=consistent),
            "timestamp": Timestamp(expires=expires),
            "snapshot": Snapshot(expires=expires),
            "targets": Targets(expires=expires),
        }
        self.signers = {}
        for role in ROLES:
            count = (keys or {}).get(role, 1)
            self.signers[role] = [self.new_signer() for _ in range(count)]
            self.set_keys(role, self.signers[role], (thresholds or {}).get(role, 1))

    # Keys

    def new_signer(self):
        self.made += 1
        return self.make_signer()

    def set_keys(self, role, signers, threshold=None):
        """Gives a role other keys; the old ones are revoked. Takes effect with the next root."""
        root = self.signed["root"]
        for keyid in list(root.roles[role].keyids):
            root.revoke_key(keyid, role)
        for signer in signers:
            root.add_key(signer.public_key, role)
        if threshold is not None:
            root.roles[role].threshold = threshold
        self.signers[role] = list(signers)

    # Metadata

    def sign(self, role, signers=None):
        """Signs a role as it now is and returns the bytes."""
        metadata = Metadata(self.signed[role])
        for signer in self.signers[role] if signers is None else signers:
            metadata.sign(signer, append=True)
        return metadata.to_bytes(JSONSerializer())

    def publish_root(self, signers=None, bump=True):
        """The next root, signed by its own keys and by those of the one before."""
        root = self.signed["root"]
        before = getattr(self, "root_signers", [])
        if bump and self.metadata:
            root.version += 1
        if signers is None:
            signers = {s.public_key.keyid: s for s in before + self.signers["root"]}.values()
        data = self.sign("root", signers)
        self.root_signers = list(self.signers["root"])
        self.metadata[f"{root.version}.root.json"] = data
        self.metadata["root.json"] = data
        return data

    def announced(self, role, data):
        meta = MetaFile(version=self.signed[role].version)
        if self.announce_hashes:
            meta.length = len(data)
            meta.hashes = {"sha256": hashlib.sha256(data).hexdigest()}
        return meta

    def publish_targets(self, bump=True):
        if bump:
            self.signed["targets"].version += 1
        data = self.sign("targets")
        self.put("targets", data)
        self.signed["snapshot"].meta["targets.json"] = self.announced("targets", data)

    def publish_snapshot(self, bump=True):
        if bump:
            self.signed["snapshot"].version += 1
        data = self.sign("snapshot")
        self.put("snapshot", data)
        self.signed["timestamp"].snapshot_meta = self.announced("snapshot", data)

    def publish_timestamp(self, bump=True):
        if bump:
            self.signed["timestamp"].version += 1
        self.metadata["timestamp.json"] = self.sign("timestamp")

    def put(self, role, data):
        version = self.signed[role].version
        consistent = self.signed["root"].consistent_snapshot is not False
        self.metadata[f"{version}.{role}.json" if consistent else f"{role}.json"] = data

    def publish_first(self):
        """Version 1 of everything."""
        self.publish_root()
        self.publish_targets(bump=False)
        self.publish_snapshot(bump=False)
        self.publish_timestamp(bump=False)
        return self

    def publish(self):
        """The next version of targets, snapshot and timestamp."""
        self.publish_targets()
        self.publish_snapshot()
        self.publish_timestamp()
        return self

    # Targets

    def add_target(self, name, content, custom=None, algorithms=("sha256",)):
        target = TargetFile.from_data(name, content, list(algorithms))
        if custom is not None:
            target.unrecognized_fields["custom"] = custom
        self.signed["targets"].targets[name] = target
        consistent = self.signed["root"].consistent_snapshot is not False
        if consistent:
            folder, _, base = name.rpartition("/")
            for value in target.hashes.values():
                self.content[(folder + "/" if folder else "") + f"{value}.{base}"] = content
        else:
            self.content[name] = content
        return target


def resign(data, signers, change):
    """Metadata with its signed part changed below python-tuf's checks, signed again."""
    node = json.loads(data)
    change(node["signed"])
    message = encode_canonical(node["signed"]).encode()
    node["signatures"] = []
    for signer in signers:
        signature = signer.sign(message)
        node["signatures"].append({"keyid": signature.keyid, "sig": signature.signature})
    return json.dumps(node).encode()
