# SPDX-License-Identifier: Apache-2.0
"""The hospital's desk: keys of its people, its configuration, and their approval of a library.

    python -m release_tools.site key           --person a.meier --out a.meier.pem
    python -m release_tools.site configuration --site 'Example hospital' --threshold 2 --out site.json
                                               --person a.meier a.meier.pub --person b.kaya b.kaya.pub
    python -m release_tools.site approve       --key a.meier.pem --approval approval.json --kind drug-library
                                               --version 4.2 --release 7 --content library.json --days 90

Private keys are encrypted with the passphrase in PUMP_SITE_PASSPHRASE. Each person signs with a key of their
own; `approve` adds a signature to the file that the one before made. SPECIMEN - not a medical device.
"""

import argparse
import hashlib
import json
import os
import pathlib
import sys
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner

#: The name of an approval in a bundle.
NAME = "site-approval.json"


class Refused(Exception):
    """Nothing was written; the text says why."""


def configuration(site, threshold, people):
    """The configuration of a site; `people` are pairs of a name and a public key, none for no approval."""
    text = {"format": 1, "site": site}
    if people:
        if threshold < 2 or threshold > len(people):
            raise Refused("a release takes at least two people, and no more than there are keys")
        text["approval"] = {"threshold": threshold, "keys": [
            {"person": person, "keytype": key.keytype, "scheme": key.scheme, "keyval": dict(key.keyval)}
            for person, key in people]}
    return (json.dumps(text, indent=1) + "\n").encode()


def approval(kind, version, release, content, expires):
    """What is signed of a library or a configuration."""
    return {"_type": "site-approval", "kind": kind, "version": version, "releaseCounter": release,
            "sha256": hashlib.sha256(content).hexdigest(),
            "expires": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}


def approve(signed, signers, before=()):
    """An approval with these signatures beside those that it has."""
    message = encode_canonical(signed).encode()
    signatures = list(before)
    for signer in signers:
        signature = signer.sign(message)
        if any(one["keyid"] == signature.keyid for one in signatures):
            raise Refused("this key has approved it before; the second approval is another person's")
        signatures.append({"keyid": signature.keyid, "sig": signature.signature})
    return json.dumps({"signed": signed, "signatures": signatures}).encode()


# Files

def passphrase():
    word = os.environ.get("PUMP_SITE_PASSPHRASE", "").encode()
    if len(word) < 12:
        raise Refused("PUMP_SITE_PASSPHRASE must have at least 12 characters")
    return word


def make_key(path):
    path = pathlib.Path(path)
    key = Ed25519PrivateKey.generate()
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase()))
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(data)
    path.with_suffix(".pub").write_bytes(key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))


def read_signer(path):
    try:
        return CryptoSigner(serialization.load_pem_private_key(pathlib.Path(path).read_bytes(), passphrase()))
    except ValueError as error:
        raise Refused(f"{path} does not open with this passphrase") from error


def read_public(path):
    from securesystemslib.signer import SSlibKey
    return SSlibKey.from_crypto(serialization.load_pem_public_key(pathlib.Path(path).read_bytes()))


def add_approval(options, now):
    path = pathlib.Path(options.approval)
    content = pathlib.Path(options.content).read_bytes()
    signed = approval(options.kind, options.version, options.release, content,
                      now + timedelta(days=options.days))
    before = []
    if path.exists():
        held = json.loads(path.read_bytes())
        # The second person signs what the first one signed, its end included.
        signed["expires"] = held["signed"]["expires"]
        if held["signed"] != signed:
            raise Refused("the approval that is there is for something else")
        before = held["signatures"]
    path.write_bytes(approve(signed, [read_signer(options.key)], before))


def main(words=None):
    parser = argparse.ArgumentParser(prog="site", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    key = commands.add_parser("key")
    key.add_argument("--person", required=True)
    key.add_argument("--out", required=True)
    make = commands.add_parser("configuration")
    make.add_argument("--site", required=True)
    make.add_argument("--threshold", type=int, default=2)
    make.add_argument("--person", nargs=2, action="append", default=[], metavar=("NAME", "KEY"))
    make.add_argument("--out", required=True)
    sign = commands.add_parser("approve")
    sign.add_argument("--key", required=True)
    sign.add_argument("--approval", required=True)
    sign.add_argument("--kind", choices=["drug-library", "configuration"], required=True)
    sign.add_argument("--version", required=True)
    sign.add_argument("--release", type=int, required=True)
    sign.add_argument("--content", required=True)
    sign.add_argument("--days", type=int, default=90)
    options = parser.parse_args(words)
    try:
        if options.command == "key":
            make_key(options.out)
        elif options.command == "configuration":
            pathlib.Path(options.out).write_bytes(configuration(
                options.site, options.threshold,
                [(person, read_public(path)) for person, path in options.person]))
        else:
            add_approval(options, datetime.now(timezone.utc).replace(microsecond=0))
    except Refused as refusal:
        print(f"site: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
