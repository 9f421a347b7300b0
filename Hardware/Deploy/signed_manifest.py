# SPDX-License-Identifier: Apache-2.0
"""The signed list of a device's files that pump-verify checks at start (decision 0029).

Run by itself it lists and signs a folder: signed_manifest.py --key PRIVATE.pem --version V ROOT FILE…; paths are
relative to ROOT. It writes `manifest` and `manifest.pub` into the folder --out.
"""

import argparse
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile


# What pump-verify takes as the name of a file or folder.
NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")


def listed(root, paths, version):
    """The list without its signature; `paths` maps the path on the device to the file that holds its bytes."""
    lines = ["pump-manifest 1", f"version {version}"]
    for path in sorted(paths, key=lambda path: path.encode()):
        if not all(NAME.fullmatch(part) for part in path.split("/")):
            raise ValueError(f"pump-verify reads no file of this name: {path}")
        content = (root / paths[path]).read_bytes()
        lines.append(f"file {len(content)} {hashlib.sha256(content).hexdigest()} {path}")
    return "\n".join(lines) + "\n"


def sign(text, key):
    """The list with its signature, by OpenSSL's own program and an Ed25519 key in PEM."""
    with tempfile.NamedTemporaryFile() as message:
        message.write(text.encode())
        message.flush()
        signature = subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message.name],
            check=True, stdout=subprocess.PIPE).stdout
    if len(signature) != 64:
        raise ValueError("not an Ed25519 key")
    return f"{text}signature {signature.hex()}\n"


def public(key):
    """The public key as pump-verify reads it."""
    der = subprocess.run(
        ["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True,
        stdout=subprocess.PIPE).stdout
    return der[-32:].hex() + "\n"


def main():
    parser = argparse.ArgumentParser(description="Signs a list of files.")
    parser.add_argument("--key", required=True, help="an Ed25519 key in PEM")
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    text = listed(arguments.root, {path: path for path in arguments.files}, arguments.version)
    (arguments.out / "manifest").write_text(sign(text, arguments.key), encoding="ascii")
    (arguments.out / "manifest.pub").write_text(public(arguments.key), encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
