# SPDX-License-Identifier: Apache-2.0
"""The manufacturer's desk from the ceremony to a device that takes its bundles."""

import json

import pytest
from release_tools import release
from test_corpus import Device, built  # noqa: F401


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("PUMP_RELEASE_PASSPHRASE", "a passphrase of the test")

    def run(command, *words):
        where = ["--repository", str(tmp_path / "repository")]
        if command != "bundle":
            where += ["--keys", str(tmp_path / "keys")]
        return release.main([command, *where, *words])

    run.folder = tmp_path
    assert run("ceremony") == 0
    return run


def publish(desk, version, number, security=3, content=None):
    image = desk.folder / f"image-{version}"
    image.write_bytes(content or f"image {version}".encode())
    return desk("publish", "--image", str(image), "--version", version, "--release", str(number),
                "--security", str(security), "--notes", "Quieter.")


def bundle(desk, from_root=1):
    path = desk.folder / "update.bundle"
    assert desk("bundle", "--out", str(path), "--from-root", str(from_root)) == 0
    return path.read_bytes()


def device(desk):
    return Device(desk.folder, (desk.folder / "repository/metadata/1.root.json").read_bytes())


def test_a_release_reaches_a_device(desk):
    assert publish(desk, "6.0", 6) == 0
    pump = device(desk)
    assert pump.take(bundle(desk)) is None
    assert pump.json("status")["candidate"]["notes"] == "Quieter."


def test_root_is_two_of_three_and_keys_are_encrypted(desk):
    root = json.loads((desk.folder / "repository/metadata/1.root.json").read_bytes())["signed"]
    assert len(root["roles"]["root"]["keyids"]) == 3 and root["roles"]["root"]["threshold"] == 2
    for path in (desk.folder / "keys").iterdir():
        assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp"])
def test_SEC_304_a_rotation_reaches_a_device(desk, role):
    assert publish(desk, "6.0", 6) == 0
    pump = device(desk)
    assert pump.take(bundle(desk)) is None
    assert desk("rotate", "--role", role) == 0
    assert publish(desk, "7.0", 7) == 0
    assert pump.take(bundle(desk)) is None
    assert pump.json("status")["candidate"]["version"] == "7.0"


def test_SEC_300_a_revoked_key_signs_nothing_more(desk):
    assert publish(desk, "6.0", 6) == 0
    root = json.loads((desk.folder / "repository/metadata/1.root.json").read_bytes())["signed"]
    keyid = root["roles"]["targets"]["keyids"][0]
    old = bundle(desk)
    assert desk("revoke", "--role", "targets", "--keyid", keyid) == 0
    new = json.loads((desk.folder / "repository/metadata/2.root.json").read_bytes())["signed"]
    assert keyid not in new["roles"]["targets"]["keyids"]
    pump = device(desk)
    assert pump.take(bundle(desk)) is None
    assert pump.take(old) in ("rollback", "too-few-signatures")


def test_one_root_key_alone_signs_nothing(desk, capsys):
    for path in sorted((desk.folder / "keys").glob("root-*.pem"))[1:]:
        path.unlink()
    assert desk("rotate", "--role", "targets") == 1
    assert "1 keys of root are here; 2 must sign" in capsys.readouterr().err
    assert not (desk.folder / "repository/metadata/2.root.json").exists()


def test_counters_never_fall_at_the_desk(desk, capsys):
    assert publish(desk, "6.0", 6) == 0
    assert publish(desk, "6.1", 6) == 1
    assert publish(desk, "6.1", 7, security=2) == 1
    assert "it never falls" in capsys.readouterr().err


def test_a_second_ceremony_is_refused(desk):
    assert desk("ceremony") == 1


def test_a_wrong_passphrase_opens_no_key(desk, monkeypatch, capsys):
    monkeypatch.setenv("PUMP_RELEASE_PASSPHRASE", "another passphrase")
    assert publish(desk, "6.0", 6) == 1
    assert "does not open" in capsys.readouterr().err
