# SPDX-License-Identifier: Apache-2.0
"""The units of the device package under systemd itself, in a Debian that is booted for it without a machine."""

import os
import pathlib
import shutil
import subprocess
import time

import pytest

from test_package import built_package, signing_key  # noqa: F401 (fixtures)

HERE = pathlib.Path(__file__).resolve().parent

pytestmark = pytest.mark.slow


def until(condition, what, seconds):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s: {what}"
        time.sleep(0.2)
    return found


class Machine:
    """A Debian root with systemd as its first process, in namespaces of its own."""

    def __init__(self, root):
        self.outer = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--ipc", "--uts", "--net", "--cgroup", "--fork", "--kill-child",
             "sh", HERE / "boot.sh", root],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.first = until(self._first, "the first process", 20)

    def _first(self):
        assert self.outer.poll() is None, "the namespaces cannot be made"
        children = pathlib.Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text(encoding="ascii")
        for pid in children.split():
            if "systemd" in pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="ascii"):
                return int(pid)
        return None

    def run(self, *words):
        return subprocess.run(
            ["nsenter", "--target", str(self.first), "--mount", "--pid", "--ipc", "--uts", "--net", "--root",
             "--wdns=/", *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

    def show(self, unit, key):
        return self.run("systemctl", "show", "--value", "-p", key, unit).stdout.strip()

    def said(self, unit):
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout.splitlines()

    def process(self, unit):
        """The main process of a unit that runs, or 0."""
        return int(self.show(unit, "MainPID") or 0) if self.show(unit, "ActiveState") == "active" else 0

    def end(self):
        self.outer.kill()
        self.outer.wait()


@pytest.fixture(name="machine", scope="module")
def booted(package, tmp_path_factory):
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        pytest.skip("needs root and mmdebstrap: Tools/deps deb-test")
    root = tmp_path_factory.mktemp("machine") / "root"
    depends = subprocess.run(
        ["dpkg-deb", "-f", package, "Depends"], check=True, stdout=subprocess.PIPE, text=True).stdout
    names = [entry.split()[0] for entry in depends.split(",")]
    made = subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join([*names, 'dbus'])}",
         f"--customize-hook=upload {package} /tmp/one.deb", '--customize-hook=chroot "$1" dpkg -i /tmp/one.deb',
         # Nothing of the real machine is a device of this one.
         '--customize-hook=chroot "$1" systemctl mask systemd-udevd.service systemd-udevd-kernel.socket '
         "systemd-udevd-control.socket systemd-udev-trigger.service",
         "bookworm", root],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"mmdebstrap cannot make a Debian here: {made.stderr[-300:]}")
    machine = Machine(root)
    try:
        until(lambda: machine.run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"),
              "systemd to have started", 60)
        yield machine
    finally:
        machine.end()
        # It mounted in a namespace that is gone with it.
        shutil.rmtree(root)


def test_SEC_422_service_and_gateway_run_as_systemd_starts_them(machine):
    started = machine.run("systemctl", "start", "pump-serviced", "pump-gatewayd")
    assert started.returncode == 0, started.stderr
    gateway = until(lambda: machine.process("pump-gatewayd"), "the gateway", 20)
    assert machine.process("pump-serviced")
    # Its own users and no others, and all the same it hears the service: only that knows what the pump is there.
    own = machine.run("readlink", f"/proc/{gateway}/ns/user", "/proc/1/ns/user").stdout.split()
    assert len(set(own)) == 2, own
    mapped = machine.run("cat", f"/proc/{gateway}/uid_map").stdout.split()
    assert "4294967295" not in mapped and len(mapped) <= 6, mapped
    until(lambda: "pump-gatewayd: the pump is on no network" in machine.said("pump-gatewayd"),
          "the service's word", 20)


def test_SEC_422_a_service_that_was_started_again_is_heard_again_in_its_new_folder(machine):
    machine.run("systemctl", "start", "pump-serviced", "pump-gatewayd")
    gateway = until(lambda: machine.process("pump-gatewayd"), "the gateway", 20)

    def hears():
        """Whether somebody is connected to the service's socket for watching, by the kernel's own list."""
        rows = [line.split() for line in machine.run("cat", "/proc/net/unix").stdout.splitlines()[1:]]
        return any(row[5] == "03" and row[-1] == "/run/pump-service/watch.sock" for row in rows)

    def folder():
        return machine.run("stat", "--format", "%i %U %a", "/run/pump-service").stdout.split()

    until(hears, "the gateway to hear the service", 20)
    old = folder()
    assert old[1:] == ["pump-service", "750"]
    # systemd takes the folder away with the service, and makes another.
    assert machine.run("systemctl", "stop", "pump-serviced").returncode == 0
    assert not folder() and not hears()
    assert machine.run("systemctl", "start", "pump-serviced").returncode == 0
    until(hears, "the gateway to hear the service again", 20)
    assert folder()[1:] == old[1:] and machine.process("pump-gatewayd") == gateway


@pytest.mark.parametrize("unit", ["pump-serviced", "pump-gatewayd", "pump-updated"])
def test_RC_050_what_is_killed_or_hangs_is_started_again(machine, unit):
    machine.run("systemctl", "start", unit)
    before = until(lambda: machine.process(unit), unit, 30)
    machine.run("systemctl", "kill", "-s", "KILL", unit)
    second = until(lambda: machine.process(unit) not in (0, before) and machine.process(unit), f"{unit} again", 30)
    # A stopped process says nothing; systemd ends it after the time of its watchdog.
    machine.run("systemctl", "kill", "-s", "STOP", unit)
    until(lambda: machine.process(unit) not in (0, second), f"{unit} after its watchdog", 60)


@pytest.mark.parametrize("unit", ["pump-controld", "pump-safetyd", "pump-paneld"])
def test_RC_052_without_a_board_a_daemon_says_what_is_missing_and_is_tried_again(machine, unit):
    machine.run("systemctl", "start", "--no-block", unit)
    until(lambda: [line for line in machine.said(unit) if "cannot start" in line and "there is no" in line],
          f"{unit} to say what is missing: {machine.said(unit)[-3:]}", 30)
    until(lambda: int(machine.show(unit, "NRestarts") or 0) > 0, f"{unit} to be tried again", 30)
    machine.run("systemctl", "stop", unit)
