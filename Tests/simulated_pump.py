# SPDX-License-Identifier: Apache-2.0
"""Starts `pump-sim up`, asks its bedside interface, and ends everything that it started."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
DAEMONS = ["pump-safetyd", "pump-controld", "pump-serviced", "pump-paneld"]


def programs():
    """The folder of the programs under test."""
    return pathlib.Path(os.environ.get("PUMP_BIN", ROOT / ".build" / "release"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def alive(pid):
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


class SimulatedPump:
    """One pump: the plant, its page, and the daemons as processes of their own."""

    def __init__(self, folder, order, before=None, inside="/dev/shm", options=()):
        self.port = free_port()
        # Not pytest's own folder: the path of a socket may have 107 bytes at most, and the black box lies
        # in memory.
        self.run = pathlib.Path(tempfile.mkdtemp(prefix="pump-", dir=inside))
        if before:
            before(self.run)
        self.log = []
        self.ready = {}
        self.seen = set()
        self._page = threading.Event()
        self._connection = None
        self.process = subprocess.Popen(
            [folder / "pump-sim", "up", "--run", self.run, "--port", str(self.port),
             "--order", order, "--json", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.log.append(line)
            if not line.startswith("{"):
                continue
            entry = json.loads(line)
            if "process" in entry:
                self.ready[entry["process"]] = entry["ready_ms"]
            if "page" in entry:
                self._page.set()

    def wait_until_ready(self, seconds=40):
        deadline = time.monotonic() + seconds
        while not self._page.wait(0.1):
            assert self.process.poll() is None, "pump-sim up ended:\n" + "".join(self.log)
            assert time.monotonic() < deadline, "no page after %d s:\n%s" % (
                seconds, "".join(self.log))

    @property
    def page(self):
        return f"http://127.0.0.1:{self.port}/"

    # What it tells.

    def state(self):
        status, answer = self.ask("GET", "/api/state")
        assert status == 200, answer
        self.seen.update(self._pids(answer).values())
        return answer

    def pid(self, name):
        """The process id of a daemon that runs."""
        return self._pids(self.state())[name]

    @staticmethod
    def _pids(state):
        found = {}
        for process in state["processes"]:
            match = re.fullmatch(r"running, pid (\d+)", process["state"])
            if match:
                found[process["name"]] = int(match[1])
        return found

    def wait(self, condition, seconds, what):
        """Asks as fast as it can until the condition holds; returns the state that held it."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.state()
            if condition(now):
                return now
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}: {brief(now)}"
            time.sleep(0.002)

    def watch(self, seconds):
        """Every state seen in a time, asked every 5 ms."""
        deadline = time.monotonic() + seconds
        states = []
        while time.monotonic() < deadline:
            states.append(self.state())
            time.sleep(0.005)
        return states

    # What is done to it.

    def do(self, what, **order):
        status, answer = self.post("command", {"do": what, **order})
        assert status == 200, answer
        return answer

    def knob(self, name, value):
        status, answer = self.post("knob", {"name": name, "value": value})
        assert status == 200, answer

    def key(self, name, down):
        status, answer = self.post("key", {"key": name, "down": down})
        assert status == 200, answer

    def press(self, name, seconds=0.3):
        self.key(name, True)
        time.sleep(seconds)
        self.key(name, False)

    def signal(self, name, number):
        """Sends a signal to a daemon; returns the state just before."""
        pid = self.pid(name)
        before = self.state()
        os.kill(pid, number)
        return before

    def post(self, path, body, headers=None):
        if headers is None:
            headers = {"X-Bedside": "1"}
        text = body if isinstance(body, str) else json.dumps(body)
        return self.ask("POST", f"/api/{path}", text, headers)

    def ask(self, method, path, body=None, headers=None):
        for again in (True, False):
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                self._connection.request(method, path, body, headers or {})
                answer = self._connection.getresponse()
                return answer.status, json.loads(answer.read())
            except (http.client.HTTPException, ConnectionError):
                self._connection.close()
                self._connection = None
                if not again:
                    raise

    # Its end.

    def stop(self, seconds=10):
        """Ends it as Ctrl-C does and returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    def end(self):
        """Ends whatever is left; nothing here may outlive its test."""
        if self._connection is not None:
            self._connection.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid in self.seen:
            if alive(pid) and str(self.run) in command_line(pid):
                os.kill(pid, signal.SIGKILL)
        self._reader.join(5)
        shutil.rmtree(self.run, ignore_errors=True)


def command_line(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def alarms(state):
    return {alarm["id"] for alarm in state["alarms"]}


def brief(state):
    """A state without its picture."""
    return json.dumps({name: value for name, value in state.items() if name != "display"})
