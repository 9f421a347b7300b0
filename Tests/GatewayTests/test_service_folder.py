# SPDX-License-Identifier: Apache-2.0
"""A gateway that sees no other users of the machine knows the service by the folder of its sockets."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import pytest

from door import Door, until
from simulated_pump import free_port, programs
from updater import Updater

# Somebody who is not the service's user, and has no account.
GATEWAY_USER = 54_321


@pytest.fixture(name="folder")
def a_folder():
    """A short path: that of a socket may have 107 bytes at most."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="pump-", dir="/dev/shm"))
    yield path
    shutil.rmtree(path)


def connected(sock):
    """Whether somebody is connected to a socket, by the kernel's own list."""
    rows = [line.split() for line in pathlib.Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()]
    return any(row[5] == "03" and row[-1] == str(sock) for row in rows[1:])


def start(*words, **more):
    return subprocess.Popen(
        [programs() / words[0], *words[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, **more)


def in_a_world_of_its_own(*words):
    """Starts the gateway as another user, in a namespace that maps this user alone (user_namespaces(7))."""

    def become():
        os.setgroups([])
        os.setgid(GATEWAY_USER)
        os.setuid(GATEWAY_USER)

    return subprocess.Popen(
        ["unshare", "--user", f"--map-user={GATEWAY_USER}", programs() / "pump-gatewayd", *words,
         "--port", str(free_port())],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=become)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
@pytest.mark.parametrize("option,heard", [("--service-run", True), ("--run", False)])
def test_SEC_422_a_gateway_without_other_users_hears_the_service_by_its_folder_alone(folder, option, heard):
    for name in ("run", "gateway"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    # As on a device: the group may reach the sockets, and cannot write in their folder.
    os.chown(folder / "gateway", -1, GATEWAY_USER)
    (folder / "gateway").chmod(0o2750)
    service = start(
        "pump-serviced", "--run", folder / "run", "--data", folder / "data", "--gateway-run", folder / "gateway",
        "--gateway-user", str(GATEWAY_USER), umask=0o007)
    try:
        sock = folder / "gateway/watch.sock"
        until(sock.exists, "the service's socket", 20)
        assert not (folder / "run/watch.sock").exists() and (folder / "gateway/network.sock").exists()
        gateway = in_a_world_of_its_own(option, folder / "gateway")
        try:
            if heard:
                until(lambda: connected(sock), "the gateway to hear the service", 20)
            seen = []
            for _ in range(20):
                time.sleep(0.1)
                seen.append(connected(sock))
            # Whoever is taken for a stranger is left at once, and asked again.
            assert gateway.poll() is None and (all(seen) if heard else not all(seen))
        finally:
            gateway.kill()
            gateway.wait()
    finally:
        service.terminate()
        service.wait(20)


@pytest.mark.parametrize("rights", [0o770, 0o775, 0o757, 0o777])
def test_SEC_422_a_folder_that_others_may_write_in_vouches_for_nobody(folder, rights):
    folder.chmod(rights)
    assert "others than its owner may write in it" in refusal("--service-run", folder)


def test_SEC_422_what_is_no_folder_vouches_for_nobody(folder):
    assert "there is no such folder" in refusal("--service-run", folder / "none")
    (folder / "file").write_text("")
    assert "there is no such folder" in refusal("--service-run", folder / "file")
    assert "stands in the place of" in refusal("--service-run", folder, "--run", folder)
    assert "stands in the place of" in refusal("--service-run", folder, "--allow-user", "0")


def refusal(*words):
    done = subprocess.run(
        [programs() / "pump-gatewayd", *words], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    return done.stderr


def test_SEC_422_such_a_gateway_serves_nodes_as_any_other(tmp_path, folder):
    door = Door(tmp_path, gateway=False)
    try:
        door.commission()
        door.give_place()
        gateway = start("pump-gatewayd", "--service-run", door.pump.run, "--update-run", folder, "--port",
                        str(door.port))
        updater = Updater.provisioned(tmp_path / "device", door.pump.run, folder)
        try:
            until(door.listens, "the gateway to listen", 20)
            assert door.get("/v1/status")[0] == 200
            # The updater is looked for each time, and known by its folder as well.
            assert door.get("/v1/configuration")[0] == 503
            folder.chmod(0o750)
            updater.start()
            assert door.get("/v1/configuration")[0] == 200
            folder.chmod(0o770)
            assert door.get("/v1/configuration")[0] == 503
            folder.chmod(0o750)
            assert door.get("/v1/configuration")[0] == 200
        finally:
            updater.end()
            gateway.kill()
            gateway.wait()
    finally:
        door.pump.end()
