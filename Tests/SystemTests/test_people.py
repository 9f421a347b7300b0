# SPDX-License-Identifier: Apache-2.0
"""People at a running pump: sign-in from end to end, and guesses that reach neither the therapy nor a secret."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from people import PASSWORD, Person, add, commission, news, setup_code
from simulated_pump import brief, programs


def test_SEC_335_SRS_153_a_person_programs_under_their_name_and_nobody_else_does(start_pump, tmp_path):
    pump = start_pump("none")
    visitor = Person(pump, tmp_path, "visitor")
    order = ("program", "--rate", "5 mL/h", "--vtbi", "10 mL")
    # Without people the pump is a bench pump.
    visitor(*order)
    visitor("stop")
    root = commission(pump, tmp_path)
    deadline = time.monotonic() + 5
    while "code" in news(pump):
        assert time.monotonic() < deadline, "the commissioning code stays"
        time.sleep(0.05)
    nurse, auditor = (add(root, pump, tmp_path, name, role) for name, role in [
        ("nurse", "clinician"), ("auditor", "auditor")])
    assert [person["login"] for person in root("people", "list", "--json")] == [
        "root-person", "nurse", "auditor"]
    visitor(*order, code=4)
    auditor.sign_in()
    auditor(*order, code=1)
    assert nurse.sign_in()["role"] == "clinician"
    assert nurse.session.stat().st_mode & 0o777 == 0o600
    assert nurse("whoami", "--json")["person"]["login"] == "nurse"
    assert nurse("people", "list", code=1)
    assert nurse(*order, "--json")["state"] == "programmed"
    visitor("start", code=4)
    assert nurse("start", "--json")["state"] == "awaitingConfirm"
    nurse("confirm", "--port", str(pump.port))
    pump.wait(lambda now: now["state"] == "infusing", 15, "the order to run")
    # Signed off, or never signed in: the infusion goes on, and stopping needs nobody.
    nurse("sign-out")
    nurse("whoami", code=4)
    assert pump.state()["state"] == "infusing"
    visitor("pause")
    visitor("stop")
    # Break-glass works without anybody, within its limits.
    visitor("program", "--rate", "500 mL/h", "--vtbi", "10 mL", "--emergency", code=1)
    visitor(*order, "--emergency")
    log = pump.run / "data" / "audit" / "1"
    deadline = time.monotonic() + 5
    while True:
        shown = subprocess.run(
            [programs() / "pumpctl", "audit", "show", log, "--last", "10000", "--json"],
            capture_output=True, text=True, check=True, timeout=30).stdout
        events = [json.loads(line)["event"] for line in shown.splitlines()]
        wanted = {"personCreated", "loginSucceeded", "logout", "stepUp", "accessDenied", "breakGlass"}
        if wanted <= set(events) or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert wanted <= set(events)
    assert PASSWORD not in shown


def test_SEC_337_people_that_were_taken_away_with_the_file_are_missed(start_pump, tmp_path):
    pump = start_pump("none")
    data = pump.run / "data"

    def shown(event):
        done = subprocess.run(
            [programs() / "pumpctl", "audit", "show", data / "audit" / "1", "--last", "10000", "--json"],
            capture_output=True, text=True, check=True, timeout=30)
        return [record for record in map(json.loads, done.stdout.splitlines()) if record["event"] == event]

    setup_code(pump)
    pid = pump.pid("pump-serviced")
    os.kill(pid, signal.SIGSTOP)
    before = {path: path.read_bytes() for path in data.glob("records.sqlite*")}
    os.kill(pid, signal.SIGCONT)
    commission(pump, tmp_path)
    # Something that makes the log write an anchor.
    pump.knob("mains.present", 0)
    time.sleep(3)
    starts = len(shown("logOpened"))
    pid = pump.pid("pump-serviced")
    os.kill(pid, signal.SIGSTOP)
    for path in data.glob("records.sqlite*"):
        path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while len(shown("logOpened")) == starts or not shown("storeAltered"):
        assert time.monotonic() < deadline, "not missed"
        time.sleep(0.1)
    assert any(record["reference"] == "people: rolledBack" for record in shown("storeAltered"))


def guess(path, seconds, login, counts, most=None):
    """Guesses PINs at a login as fast as the socket answers; counts what was answered."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end and (most is None or sum(counts.values()) < most):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
                peer.settimeout(10)
                peer.connect(str(path))
                while time.monotonic() < end and (most is None or sum(counts.values()) < most):
                    number += 1
                    name = login if login else f"nobody-{threading.get_ident()}-{number}"
                    peer.send(json.dumps({"v": 1, "do": "sign-in", "login": name, "badge": "01",
                                          "secret": f"{number % 1_000_000:06d}"}).encode())
                    answer = json.loads(peer.recv(16_384))
                    counts[answer["reason"]] = counts.get(answer["reason"], 0) + 1
        except OSError:
            time.sleep(0.01)


def test_SEC_013_SRS_157_guesses_change_no_delivery_and_stop_keeps_its_time(pump, tmp_path):
    commission(pump, tmp_path)
    known, unknown = {}, {}
    floods = [threading.Thread(target=guess, args=(pump.run / "people.sock", 6, *what)) for what in
              [("root-person", known), (None, unknown), (None, unknown), (None, unknown)]]
    before = pump.state()
    for flood in floods:
        flood.start()
    try:
        time.sleep(3)
        after = pump.state()
        assert after["state"] == "infusing" and after["motorPowered"], brief(after)
        expected = 5 / 3600 * (after["time"] - before["time"])
        assert after["delivered"] - before["delivered"] == pytest.approx(expected, rel=0.1)
        pump.key("stop", True)
        stopped = pump.wait(lambda now: not now["motorPowered"], 3, "the motor to lose its power")
        pump.key("stop", False)
        assert stopped["time"] - after["time"] < 1.0, brief(stopped)
    finally:
        for flood in floods:
            flood.join()
    # Guesses were made, and few of those at a person's login were looked at.
    assert unknown.get("wrong-secret", 0) > 3
    assert known.get("wait", 0) > 100 and known["wrong-secret"] <= 6, known


def test_SRS_158_guesses_at_one_login_are_looked_at_as_rarely_as_designed(start_pump, tmp_path):
    pump = start_pump("none")
    root = commission(pump, tmp_path)
    add(root, pump, tmp_path, "nurse", "clinician")
    counts, began = {}, time.monotonic()
    guess(pump.run / "people.sock", 60, "nurse", counts, most=20_000)
    check_rate(counts, time.monotonic() - began)


def check_rate(counts, seconds):
    """Three free guesses; then one after 1 s, 2 s, 4 s, … 512 s, and one each 15 minutes."""
    looked_at, wait, at = 3, 1, 0
    while at <= seconds:
        looked_at, at, wait = looked_at + 1, at + wait, min(2 * wait, 900)
    assert set(counts) == {"wait", "wrong-secret"}, counts
    assert 3 <= counts["wrong-secret"] <= looked_at, (counts, seconds)


def stop_at_the_key(pump):
    """Presses STOP in an infusion; the pump's seconds until the motor has no power."""
    before = pump.wait(lambda now: now["state"] == "infusing" and now["motorPowered"], 10, "an infusion")
    pump.key("stop", True)
    after = pump.wait(lambda now: not now["motorPowered"], 3, "the motor to lose its power")
    pump.key("stop", False)
    return after["time"] - before["time"]


def emergency_start_at_the_panel(pump, visitor):
    """Keys a new order in without anybody signed in; the pump's seconds from CONFIRM to the infusion."""
    visitor("stop")
    pump.wait(lambda now: now["state"] == "standby", 5, "standby")
    for key in ("ok", "ok", "ok", "ok"):
        pump.press(key, 0.1)
        time.sleep(0.1)
    pump.wait(lambda now: now["state"] == "programmed", 5, "the order that was keyed in")
    pump.press("start", 0.1)
    before = pump.wait(lambda now: now["state"] == "awaitingConfirm", 5, "the order to be read back")
    pump.key("confirm", True)
    after = pump.wait(lambda now: now["state"] == "infusing", 5, "the emergency order to run")
    pump.key("confirm", False)
    return after["time"] - before["time"]


@pytest.mark.slow
def test_SRS_157_SRS_158_SEC_013_a_million_guesses_at_the_real_socket(pump, tmp_path):
    root = commission(pump, tmp_path)
    add(root, pump, tmp_path, "nurse", "clinician")
    visitor = Person(pump, tmp_path, "visitor")
    quiet = [(stop_at_the_key(pump), emergency_start_at_the_panel(pump, visitor)) for _ in range(3)]
    processes, each = 4, 250_000
    began = time.monotonic()
    guessers = [
        subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).with_name("guess.py"), pump.run / "people.sock",
             "nurse", str(number * each), str(each), "1800"], stdout=subprocess.PIPE, text=True)
        for number in range(processes)]
    flooded = []
    try:
        while all(guesser.poll() is None for guesser in guessers):
            flooded.append((stop_at_the_key(pump), emergency_start_at_the_panel(pump, visitor)))
        counts = {}
        for guesser in guessers:
            answer, _ = guesser.communicate(timeout=1_800)
            assert guesser.returncode == 0
            for reason, count in json.loads(answer).items():
                counts[reason] = counts.get(reason, 0) + count
    finally:
        for guesser in guessers:
            if guesser.poll() is None:
                guesser.kill()
                guesser.wait()
    seconds = time.monotonic() - began
    print(f"a million guesses in {seconds:.0f} s: {counts}; STOP and emergency start, quiet {quiet}, flooded {flooded}")
    assert sum(counts.values()) == processes * each, counts
    check_rate(counts, seconds)
    assert len(flooded) >= 3, "the guesses were over before STOP was tried three times"
    assert max(stop for stop, _ in quiet + flooded) <= 0.3
    assert max(start for _, start in quiet + flooded) <= 3
    # Another person signs in at once.
    root.sign_in()
