# SPDX-License-Identifier: Apache-2.0
"""The manufacturer's desk: keys, releases, rotations and bundles.

    python -m release_tools.release ceremony --keys KEYS --repository REPO [--tokens LABEL LABEL LABEL]
    python -m release_tools.release publish  --keys KEYS --repository REPO --image FILE --version 2.0.0
                                             --release 2 --security 1 [--sbom FILE] [--notes TEXT]
                                             [--kind firmware|drug-library|configuration]
    python -m release_tools.release rotate   --keys KEYS --repository REPO --role targets [--tokens LABEL...]
    python -m release_tools.release revoke   --keys KEYS --repository REPO --role targets --keyid ID
    python -m release_tools.release renew    --keys KEYS --repository REPO
    python -m release_tools.release bundle   --repository REPO --out FILE [--from-root N] [--kind KIND]
                                             [--approval FILE]

Private keys are PKCS#8 files, encrypted with the passphrase in PUMP_RELEASE_PASSPHRASE. Root keys belong on
media that are joined for a ceremony only: copy two of the three `root-*.pem` back for `rotate` and `revoke`.
With --tokens they are made on PKCS#11 tokens and never leave them: join two of the three.
SPECIMEN - not a medical device.
"""

import argparse
import hashlib
import os
import pathlib
import sys
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from . import tokens
from .bundle import entries_for, pack
from .repository import HARDWARE, terms

#: Keys made, threshold, and how long a signature holds.
ROLES = {
    "root": (3, 2, timedelta(days=3650)), "targets": (3, 2, timedelta(days=365)),
    "snapshot": (1, 1, timedelta(days=365)), "timestamp": (1, 1, timedelta(days=365))}
#: The name of the target of each kind.
TARGETS = {"firmware": "pump", "drug-library": "drug-library", "configuration": "configuration"}


class Refused(Exception):
    """Nothing was written; the text says why."""


class Desk:
    """A folder of keys and a folder of published files."""

    def __init__(self, repository, keys=None, labels=()):
        self.repository = pathlib.Path(repository)
        self.metadata = self.repository / "metadata"
        self.content = self.repository / "targets"
        self.keys = pathlib.Path(keys) if keys else None
        #: Tokens for the root keys that are made next.
        self.labels = list(labels)
        self.passphrase = os.environ.get("PUMP_RELEASE_PASSPHRASE", "").encode()

    # Keys

    def make_key(self, role):
        if role == "root" and self.labels:
            made = tokens.make(self.labels.pop(0))
            (self.keys / f"{role}-{made.public.keyid[:16]}.token").write_text(made.json(), encoding="utf-8")
            return made.signer()
        if len(self.passphrase) < 12:
            raise Refused("PUMP_RELEASE_PASSPHRASE must have at least 12 characters")
        key = Ed25519PrivateKey.generate()
        signer = CryptoSigner(key)
        path = self.keys / f"{role}-{signer.public_key.keyid[:16]}.pem"
        data = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(self.passphrase))
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
        return signer

    def signers(self, role, root):
        """The keys of the role that are here; at least the threshold, or nothing is signed."""
        found = []
        for path in sorted(self.keys.glob(f"{role}-*.pem")):
            try:
                key = serialization.load_pem_private_key(path.read_bytes(), self.passphrase)
            except ValueError as error:
                raise Refused(f"{path.name} does not open with this passphrase") from error
            signer = CryptoSigner(key)
            if signer.public_key.keyid in root.roles[role].keyids:
                found.append(signer)
        for path in sorted(self.keys.glob(f"{role}-*.token")):
            key = tokens.TokenKey.read(path.read_text(encoding="utf-8"))
            if key.public.keyid in root.roles[role].keyids and tokens.is_joined(key):
                found.append(key.signer())
        if len(found) < root.roles[role].threshold:
            raise Refused(f"{len(found)} keys of {role} are here; "
                          f"{root.roles[role].threshold} must sign")
        return found

    # Metadata

    def latest(self, role):
        if role == "timestamp":
            return Metadata.from_file(str(self.metadata / "timestamp.json"))
        versions = [int(path.name.split(".")[0]) for path in self.metadata.glob(f"*.{role}.json")]
        return Metadata.from_file(str(self.metadata / f"{max(versions)}.{role}.json"))

    def write(self, metadata, signers):
        metadata.signatures.clear()
        for signer in signers:
            metadata.sign(signer, append=True)
        signed = metadata.signed
        name = "timestamp.json" if signed.type == "timestamp" else (
            f"{signed.version}.{signed.type}.json")
        data = metadata.to_bytes(JSONSerializer())
        if len(data) > 65_536:
            raise Refused(f"{name} has more than the 64 KiB that a device takes")
        self.put(self.metadata / name, data)
        return data

    @staticmethod
    def put(path, data):
        aside = path.with_suffix(".new")
        aside.write_bytes(data)
        aside.rename(path)

    def ceremony(self, now):
        if self.metadata.exists():
            raise Refused("the repository exists; a second ceremony would orphan its devices")
        self.want_tokens(ROLES["root"][0])
        self.keys.mkdir(parents=True, exist_ok=True)
        root = Root(expires=now + ROLES["root"][2], consistent_snapshot=True)
        signers = {}
        for role, (count, threshold, _) in ROLES.items():
            signers[role] = [self.make_key(role) for _ in range(count)]
            for signer in signers[role]:
                root.add_key(signer.public_key, role)
            root.roles[role].threshold = threshold
        for folder in (self.metadata, self.content):
            folder.mkdir(parents=True, exist_ok=True)
        self.write(Metadata(root), signers["root"])
        targets = self.write(Metadata(Targets(expires=now + ROLES["targets"][2])),
                             signers["targets"])
        self.announce(Snapshot(), Timestamp(), targets, 1, root, now, first=True)

    def want_tokens(self, count):
        """As many tokens as root keys, each another one, or none."""
        if self.labels and (len(self.labels) != count or len(set(self.labels)) != count):
            raise Refused(f"give {count} tokens, or none for keys in files")
        for label in self.labels:
            tokens.token(label)

    def announce(self, snapshot, timestamp, targets, version, root, now, first=False):
        """Snapshot and timestamp after a change; hashes bind what the versions alone would not."""
        def meta(data, number):
            return MetaFile(version=number, length=len(data),
                            hashes={"sha256": hashlib.sha256(data).hexdigest()})
        if not first:
            snapshot.version += 1
            timestamp.version += 1
        snapshot.expires = now + ROLES["snapshot"][2]
        snapshot.meta["targets.json"] = meta(targets, version)
        data = self.write(Metadata(snapshot), self.signers("snapshot", root))
        timestamp.expires = now + ROLES["timestamp"][2]
        timestamp.snapshot_meta = meta(data, snapshot.version)
        self.write(Metadata(timestamp), self.signers("timestamp", root))

    def publish(self, image, version, release, security, notes, sbom, hardware, now, kind="firmware"):
        root = self.latest("root").signed
        # The keys are looked for before anything is written.
        signers = self.signers("targets", root)
        self.signers("snapshot", root)
        self.signers("timestamp", root)
        targets = self.latest("targets")
        name = TARGETS[kind]
        held = targets.signed.targets.get(name)
        if held is not None:
            before = held.unrecognized_fields["custom"]
            if release <= before["releaseCounter"]:
                raise Refused(f"release must be above {before['releaseCounter']}")
            if security < before["securityVersion"]:
                raise Refused(f"security version is {before['securityVersion']}; it never falls")
        content = pathlib.Path(image).read_bytes()
        target = TargetFile.from_data(name, content, ["sha256"])
        custom = terms(version, release, security, hardware, kind=kind, notes=notes)
        if sbom:
            custom["sbomSHA256"] = hashlib.sha256(pathlib.Path(sbom).read_bytes()).hexdigest()
        target.unrecognized_fields["custom"] = custom
        targets.signed.targets[name] = target
        self.put(self.content / f"{target.hashes['sha256']}.{name}", content)
        self.next_targets(targets, signers, root, now)

    def next_targets(self, targets, signers, root, now):
        targets.signed.version += 1
        targets.signed.expires = now + ROLES["targets"][2]
        data = self.write(targets, signers)
        self.announce(self.latest("snapshot").signed, self.latest("timestamp").signed, data,
                      targets.signed.version, root, now)

    def renew(self, now):
        """New dates for everything but the root."""
        root = self.latest("root").signed
        self.next_targets(self.latest("targets"), self.signers("targets", root), root, now)

    def replace_keys(self, role, keyids, now):
        """The next root, in which new keys stand for these."""
        metadata = self.latest("root")
        root = metadata.signed
        signers = self.signers("root", root)
        if self.labels and role != "root":
            raise Refused("only root keys are made on tokens")
        self.want_tokens(len(keyids))
        for keyid in keyids:
            if keyid not in root.roles[role].keyids:
                raise Refused(f"{keyid} is no key of {role}")
            root.revoke_key(keyid, role)
            new = self.make_key(role)
            root.add_key(new.public_key, role)
            if role == "root":
                signers.append(new)
        root.version += 1
        root.expires = now + ROLES["root"][2]
        self.write(metadata, signers)
        # What the revoked keys signed is no longer trusted: sign it anew.
        self.renew(now)

    def bundle(self, from_root, kind="firmware", approval=None):
        names = {path.name: path.read_bytes() for path in self.metadata.iterdir()}
        name = TARGETS[kind]
        target = self.latest("targets").signed.targets.get(name)
        if target is None:
            raise Refused("nothing was published")
        content = (self.content / f"{target.hashes['sha256']}.{name}").read_bytes()
        return pack(entries_for(names, name, content, from_root, approval))


def main(words=None):
    parser = argparse.ArgumentParser(prog="release", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, keys=True):
        sub = commands.add_parser(name)
        sub.add_argument("--repository", required=True)
        if keys:
            sub.add_argument("--keys", required=True)
        return sub

    labels = {"nargs": "+", "default": [], "metavar": "LABEL", "help": "PKCS#11 tokens for the root keys"}
    command("ceremony").add_argument("--tokens", **labels)
    publish = command("publish")
    publish.add_argument("--image", required=True)
    publish.add_argument("--version", required=True)
    publish.add_argument("--release", type=int, required=True)
    publish.add_argument("--security", type=int, required=True)
    publish.add_argument("--notes", default="")
    publish.add_argument("--sbom")
    publish.add_argument("--kind", choices=TARGETS, default="firmware")
    publish.add_argument("--hardware", nargs="+", default=[HARDWARE])
    command("renew")
    rotate = command("rotate")
    rotate.add_argument("--role", choices=ROLES, required=True)
    rotate.add_argument("--tokens", **labels)
    revoke = command("revoke")
    revoke.add_argument("--role", choices=ROLES, required=True)
    revoke.add_argument("--keyid", required=True)
    bundle = command("bundle", keys=False)
    bundle.add_argument("--out", required=True)
    bundle.add_argument("--from-root", type=int, default=1)
    bundle.add_argument("--kind", choices=TARGETS, default="firmware")
    bundle.add_argument("--approval", type=pathlib.Path, help="the hospital's approval, from release_tools.site")
    options = parser.parse_args(words)

    desk = Desk(options.repository, getattr(options, "keys", None), getattr(options, "tokens", ()))
    now = datetime.now(timezone.utc).replace(microsecond=0)
    try:
        if options.command == "ceremony":
            desk.ceremony(now)
        elif options.command == "publish":
            desk.publish(options.image, options.version, options.release, options.security,
                         options.notes, options.sbom, options.hardware, now, options.kind)
        elif options.command == "renew":
            desk.renew(now)
        elif options.command == "rotate":
            desk.replace_keys(
                options.role, list(desk.latest("root").signed.roles[options.role].keyids), now)
        elif options.command == "revoke":
            desk.replace_keys(options.role, [options.keyid], now)
        else:
            pathlib.Path(options.out).write_bytes(desk.bundle(
                options.from_root, options.kind,
                options.approval.read_bytes() if options.approval else None))
    except (Refused, tokens.NoToken) as refusal:
        print(f"release: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
