# SPDX-License-Identifier: Apache-2.0
"""Bundles made by Debian's rauc, read by the device's own reader."""

import hashlib
import json
import os
import random
import shutil
import subprocess

import pytest
from test_corpus import built  # noqa: F401
from tuf_server import programs

COMPATIBLE = "reference-pump-1"


def call(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=120,
                          check=True, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if shutil.which("rauc") is None:
        pytest.skip("rauc is not installed: Tools/deps update")
    folder = tmp_path_factory.mktemp("rauc")
    for name in ("ca", "stranger"):
        call("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "30", "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key",
             "-out", folder / f"{name}.pem")
    return folder


def make(folder, form="verity", size=900_000, signer="ca", seed=1):
    content = folder / "content"
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir()
    image = random.Random(seed).randbytes(size)
    (content / "rootfs.img").write_bytes(image)
    (content / "manifest.raucm").write_text(
        f"[update]\ncompatible={COMPATIBLE}\nversion=2.0\n\n[bundle]\nformat={form}\n\n"
        "[image.rootfs]\nfilename=rootfs.img\n", encoding="ascii")
    out = folder / f"{form}-{size}-{signer}.raucb"
    if not out.exists():
        call("rauc", "bundle", "--cert", folder / f"{signer}.pem", "--key",
             folder / f"{signer}.key", "--keyring", folder / f"{signer}.pem", content, out)
    return out, image


def check(folder, bundle, compatible=COMPATIBLE):
    return subprocess.run(
        [str(programs() / "pump-updated"), "rauc-check", "--authorities", str(folder / "ca.pem"),
         "--compatible", compatible, str(bundle)], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("size", [5_000, 9_000, 520_000, 900_000, 70_000_000])
def test_SEC_318_a_bundle_of_rauc_is_read_with_equal_hashes(folder, size):
    bundle, image = make(folder, size=size)
    done = check(folder, bundle)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["version"] == "2.0"
    assert found["images"] == [{"name": "rootfs", "file": "rootfs.img", "length": size,
                                "sha256": hashlib.sha256(image).hexdigest()}]
    # The payload is the squashfs that another program reads the image from.
    squashfs = folder / "payload"
    squashfs.write_bytes(bundle.read_bytes()[:found["payload"]])
    assert call("unsquashfs", "-cat", squashfs, "rootfs.img").stdout == image


def test_SEC_318_the_format_plain_is_refused(folder):
    bundle, _ = make(folder, form="plain")
    done = check(folder, bundle)
    # Its signature carries no manifest, so that nothing of it is trusted.
    assert done.returncode == 1 and done.stderr.startswith("too-few-signatures: "), done.stderr


def test_SEC_318_another_signer_and_another_system_are_refused(folder):
    bundle, _ = make(folder, signer="stranger")
    assert check(folder, bundle).stderr.startswith("too-few-signatures: ")
    bundle, _ = make(folder)
    assert check(folder, bundle, "other").stderr.startswith("wrong-hardware: ")


def test_SEC_318_a_flipped_byte_of_data_tree_manifest_or_length_is_refused(folder, tmp_path):
    bundle, _ = make(folder)
    good = bundle.read_bytes()
    payload = json.loads(check(folder, bundle).stdout)["payload"]
    signature = len(good) - 8 - int.from_bytes(good[-8:], "big")
    draw = random.Random(7)
    manifest = good.index(b"[update]", signature)
    places = ([draw.randrange(payload) for _ in range(60)]
              + [draw.randrange(payload, signature) for _ in range(60)]
              + [manifest + draw.randrange(300) for _ in range(40)]
              + list(range(len(good) - 8, len(good))))
    changed = tmp_path / "changed.raucb"
    for place in places:
        changed.write_bytes(
            good[:place] + bytes([good[place] ^ 1 << draw.randrange(8)]) + good[place + 1:])
        assert check(folder, changed).returncode == 1, f"byte {place} of {len(good)}"
    for cut in (0, 7, 8, 4_096, len(good) - 1):
        changed.write_bytes(good[:cut])
        assert check(folder, changed).returncode == 1
    for extra in (b"\0", os.urandom(4_096)):
        changed.write_bytes(good + extra)
        assert check(folder, changed).returncode == 1


def test_SEC_318_no_flipped_byte_of_the_signature_changes_what_is_read(folder, tmp_path):
    bundle, _ = make(folder)
    good = bundle.read_bytes()
    signature = len(good) - 8 - int.from_bytes(good[-8:], "big")
    read = check(folder, bundle).stdout
    changed = tmp_path / "changed.raucb"
    for place in range(signature, len(good) - 8, 5):
        changed.write_bytes(good[:place] + bytes([good[place] ^ 0x01]) + good[place + 1:])
        done = check(folder, changed)
        assert done.returncode == 1 or done.stdout == read
