# SPDX-License-Identifier: Apache-2.0
"""Root keys on PKCS#11 tokens, with SoftHSM in the place of three tokens."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from test_corpus import Device, built  # noqa: F401

LABELS = ["root one", "root two", "root three"]
LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
TOOLS = pathlib.Path(__file__).resolve().parents[2] / "Sources/ReleaseTools"


class Desk:
    """The release tools, each command in a process of its own, beside a drawer of tokens."""

    def __init__(self, folder):
        self.folder = folder
        self.drawer = folder / "drawer"
        self.drawer.mkdir()
        (folder / "softhsm.conf").write_text(f"directories.tokendir = {self.drawer}\n")
        self.environment = {
            **os.environ, "PYTHONPATH": str(TOOLS), "SOFTHSM2_CONF": str(folder / "softhsm.conf"),
            "PYKCS11LIB": LIBRARY, "PUMP_RELEASE_PIN": "123456",
            "PUMP_RELEASE_PASSPHRASE": "a passphrase of the test"}
        self.tokens = {label: self.token(label) for label in LABELS}

    def token(self, label):
        before = set(self.drawer.iterdir())
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", "123456", "--so-pin", "12345678"],
            check=True, capture_output=True, env=self.environment)
        return (set(self.drawer.iterdir()) - before).pop()

    def run(self, command, *words, **environment):
        where = ["--repository", str(self.folder / "repository")]
        if command != "bundle":
            where += ["--keys", str(self.folder / "keys")]
        return subprocess.run(
            [sys.executable, "-m", "release_tools.release", command, *where, *words], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, env={**self.environment, **environment})

    def good(self, command, *words):
        done = self.run(command, *words)
        assert done.returncode == 0, done.stderr

    def root(self, version):
        return json.loads((self.folder / f"repository/metadata/{version}.root.json").read_bytes())

    def publish(self, version, number):
        image = self.folder / f"image-{version}"
        image.write_text(f"image {version}")
        self.good("publish", "--image", str(image), "--version", version, "--release", str(number), "--security", "3")

    def bundle(self):
        self.good("bundle", "--out", str(self.folder / "update.bundle"))
        return (self.folder / "update.bundle").read_bytes()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_SEC_421_root_keys_on_tokens_sign_for_a_device(desk):
    desk.good("ceremony", "--tokens", *LABELS)
    assert not list((desk.folder / "keys").glob("root-*.pem"))
    root = desk.root(1)["signed"]
    keys = [root["keys"][keyid] for keyid in root["roles"]["root"]["keyids"]]
    assert len(keys) == 3 and {key["scheme"] for key in keys} == {"ecdsa-sha2-nistp256"}
    desk.publish("6.0", 6)
    pump = Device(desk.folder, (desk.folder / "repository/metadata/1.root.json").read_bytes())
    assert pump.take(desk.bundle()) is None
    # Two of the three tokens are enough for the next root, and the pump follows it.
    shutil.move(desk.tokens["root three"], desk.folder / "safe")
    desk.good("rotate", "--role", "targets")
    assert len(desk.root(2)["signatures"]) == 2
    desk.publish("7.0", 7)
    assert pump.take(desk.bundle()) is None
    assert pump.json("status")["candidate"]["version"] == "7.0"


def test_SEC_421_one_token_alone_signs_nothing(desk):
    desk.good("ceremony", "--tokens", *LABELS)
    for label in LABELS[1:]:
        shutil.move(desk.tokens[label], desk.folder / label)
    done = desk.run("rotate", "--role", "targets")
    assert done.returncode == 1 and "1 keys of root are here; 2 must sign" in done.stderr
    assert not (desk.folder / "repository/metadata/2.root.json").exists()


def test_SEC_421_a_key_does_not_leave_its_token(desk):
    desk.good("ceremony", "--tokens", *LABELS)
    look = (
        "import pkcs11, sys\n"
        "token = pkcs11.lib(sys.argv[1]).get_token(token_label='root one')\n"
        "with token.open(user_pin='123456') as session:\n"
        "    key, = session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY})\n"
        "    assert key[pkcs11.Attribute.SENSITIVE] and not key[pkcs11.Attribute.EXTRACTABLE]\n"
        "    try:\n"
        "        key[pkcs11.Attribute.VALUE]\n"
        "    except pkcs11.exceptions.AttributeSensitive:\n"
        "        print('kept')\n")
    done = subprocess.run(
        [sys.executable, "-c", look, LIBRARY], capture_output=True, text=True, env=desk.environment)
    assert done.stdout == "kept\n", done.stderr


def test_SEC_421_tokens_are_rotated_onto_tokens(desk):
    desk.good("ceremony", "--tokens", *LABELS)
    desk.publish("6.0", 6)
    pump = Device(desk.folder, (desk.folder / "repository/metadata/1.root.json").read_bytes())
    assert pump.take(desk.bundle()) is None
    desk.good("rotate", "--role", "root", "--tokens", *LABELS)
    old, new = (set(desk.root(n)["signed"]["roles"]["root"]["keyids"]) for n in (1, 2))
    assert len(new) == 3 and not old & new
    desk.publish("7.0", 7)
    assert pump.take(desk.bundle()) is None


@pytest.mark.parametrize("labels, environment, said", [
    (LABELS[:2], {}, "give 3 tokens"),
    ([LABELS[0]] * 3, {}, "give 3 tokens"),
    ([*LABELS[:2], "another"], {}, "no token another is joined"),
    (LABELS, {"PUMP_RELEASE_PIN": "654321"}, "does not open with this PIN"),
    (LABELS, {"PUMP_RELEASE_PIN": ""}, "PUMP_RELEASE_PIN"),
    (LABELS, {"PYKCS11LIB": ""}, "PYKCS11LIB"),
    (LABELS, {"PYKCS11LIB": "/dev/null"}, "/dev/null"),
])
def test_SEC_421_a_ceremony_without_its_tokens_is_refused(desk, labels, environment, said):
    done = desk.run("ceremony", "--tokens", *labels, **environment)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
    assert not (desk.folder / "repository/metadata").exists()
    desk.good("ceremony", "--tokens", *LABELS)


def test_SEC_421_only_root_keys_are_made_on_tokens(desk):
    desk.good("ceremony", "--tokens", *LABELS)
    done = desk.run("rotate", "--role", "targets", "--tokens", *LABELS)
    assert done.returncode == 1 and "only root keys" in done.stderr
