# SPDX-License-Identifier: Apache-2.0
"""Bundles made by Debian's rauc, read by the device's own reader."""

import hashlib
import json
import os
import random
import shutil
import subprocess

import pytest
from test_corpus import Device, built  # noqa: F401
from test_slots import GOOD, Release, agree, start_pump  # noqa: F401
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


STAND_IN = """#!/bin/sh
# Records what RAUC is asked; the file `booted` is what the boot loader did.
cd "$(dirname "$0")" && echo "$*" >>asked
case "$*" in
"status --output-format=json") printf '{"compatible":"x","booted":"%s","slots":[{"rootfs.0":{}}]}' "$(cat booted)" ;;
"install "*) test ! -e full || { echo "LastError: no space"; exit 1; }; sha256sum "$2" >>installed ;;
"status mark-good"|"status mark-bad") ;;
*) exit 9 ;;
esac
"""


class Board:
    """A board with two partitions, whose RAUC is a stand-in."""

    def __init__(self, folder, keys, start_pump):
        self.folder, self.keys, self.start_pump = folder, keys, start_pump
        self.release = Release()
        self.device = Device(folder, self.release.root, GOOD % b"5.0")
        self.rauc = folder / "rauc"
        self.rauc.write_text(STAND_IN)
        self.rauc.chmod(0o755)
        self.boot("A")
        self.number = 5

    def boot(self, slot):
        (self.folder / "booted").write_text(slot)

    def asked(self):
        path = self.folder / "asked"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line for line in lines if "json" not in line]

    def agreed(self, pump, content):
        """A release that a person at the panel agreed to; returns its version."""
        self.number += 1
        version = f"{self.number}.0"
        assert self.device.take(self.release.bundle(version, self.number, content)) is None
        agree(self.device, pump)
        return version

    def switch(self, pump, *words, rauc=None):
        return self.device.run(
            "rauc-switch", "--run", str(pump.run if pump else self.folder / "nowhere"), "--authorities",
            str(self.keys / "ca.pem"), "--compatible", COMPATIBLE, "--rauc", str(rauc or self.rauc),
            "--healthy-after", "2", "--patience", "8", *words)

    def status(self):
        return self.device.json("status")


@pytest.fixture
def board(tmp_path, folder, start_pump):
    return Board(tmp_path, folder, start_pump)


def test_SRS_196_SRS_197_SEC_389_SYS_098_rauc_writes_what_was_agreed_to_and_the_pump_judges_it(
        board, folder, start_pump):
    bundle, _ = make(folder, size=5_000)
    content = bundle.read_bytes()
    pump = start_pump("none")
    board.agreed(pump, content)
    done = board.switch(pump)
    assert done.returncode == 3 and "restart to try 6.0" in done.stderr, done.stderr
    image = board.device.state / "b" / "image"
    assert board.asked() == [f"install {image}"]
    digest = hashlib.sha256(content).hexdigest()
    assert (board.folder / "installed").read_text().split()[0] == digest
    assert board.status()["phase"] == "trying"
    # The boot loader took the new slot, and the pump is well there.
    board.boot("B")
    done = board.switch(pump, "--boot")
    assert done.returncode == 0 and "confirmed 6.0" in done.stderr, done.stderr
    assert board.asked() == ["status mark-good"]
    assert (board.status()["running"]["version"], board.status()["phase"]) == ("6.0", "idle")
    # At every further start RAUC hears that all is well.
    assert board.switch(pump, "--boot").returncode == 0
    assert board.asked() == ["status mark-good"]

    # The next one never came up: the boot loader went back.
    board.agreed(pump, content)
    assert board.switch(pump).returncode == 3
    done = board.switch(pump, "--boot")
    assert done.returncode == 0 and "returned from 7.0" in done.stderr, done.stderr
    assert (board.status()["running"]["version"], board.status()["phase"]) == ("6.0", "idle")
    assert board.device.json("history")[-1]["outcome"] == "returned"

    # And one in which the pump is not well is given up.
    board.agreed(pump, content)
    assert board.switch(pump).returncode == 3
    board.boot("A")
    board.asked()
    done = board.switch(None, "--boot")
    assert done.returncode == 3 and "restart to return from 8.0" in done.stderr, done.stderr
    assert board.asked() == ["status mark-bad"]
    assert (board.status()["running"]["version"], board.status()["phase"]) == ("6.0", "idle")


def test_SRS_197_a_cut_or_a_failure_in_rauc_s_work_is_a_return(board, folder, start_pump):
    bundle, _ = make(folder, size=5_000)
    pump = start_pump("none")
    # From an earlier switch, which must not be taken for this one.
    (board.device.state / "rauc-from").write_text("B")
    board.agreed(pump, bundle.read_bytes())
    (board.folder / "full").touch()
    done = board.switch(pump)
    assert done.returncode == 1 and done.stderr.splitlines()[-1] == "rauc: LastError: no space", done.stderr
    assert (board.status()["running"]["version"], board.status()["phase"]) == ("5.0", "idle")
    assert (board.device.state / "rauc-from").read_text() == "A"


def test_SEC_389_SEC_318_what_is_no_bundle_of_rauc_never_reaches_it(board, folder, start_pump):
    pump = start_pump("none")
    stranger, _ = make(folder, signer="stranger", size=5_000)
    good, _ = make(folder, size=5_000)
    flipped = bytearray(good.read_bytes())
    flipped[100] ^= 1
    for content, code in [(GOOD % b"6.0", "not-a-bundle"), (stranger.read_bytes(), "too-few-signatures"),
                          (bytes(flipped), "wrong-hash")]:
        board.agreed(pump, content)
        done = board.switch(pump)
        assert done.returncode == 1 and done.stderr.startswith(code), done.stderr
        assert board.asked() == [] and board.status()["phase"] == "idle"
        assert board.device.json("history")[-1] == {
            "version": f"{board.number}.0", "outcome": "discarded", "code": code, "reason": code}


def test_SRS_196_without_rauc_it_is_unsupported_and_the_agreement_stands(board, folder, start_pump):
    bundle, _ = make(folder, size=5_000)
    pump = start_pump("none")
    board.agreed(pump, bundle.read_bytes())
    # Debian's own, on a machine that has no partitions of its own for it.
    for program in ["/nowhere/rauc", shutil.which("rauc")]:
        done = board.switch(pump, rauc=program)
        assert done.returncode == 1, done.stderr
        assert done.stderr.splitlines()[-1].startswith("unsupported: "), done.stderr
        assert board.status()["phase"] == "armed"
    busy = board.switch(None)
    assert busy.returncode == 1 and busy.stderr.startswith("no-answer: ")
