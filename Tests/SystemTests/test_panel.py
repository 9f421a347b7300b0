# SPDX-License-Identifier: Apache-2.0
"""People at the panel of a running pump: real processes, real keys, the pixels of the display."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

from panel_text import shows
from people import PASSWORD, add, commission, setup_code
from simulated_pump import alarms, brief, programs

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "GatewayTests"))
from authority import Authority, pem  # noqa: E402

PIN = "739154"


def keys(text):
    """The keys for digits: UP as often as each says, and RIGHT."""
    return [key for digit in text for key in ["up"] * int(digit) + ["right"]]


def press(pump, *names):
    """Each key for three looks of the panel, and as long released."""
    for name in names:
        pump.press(name, 0.07)
        time.sleep(0.07)


def sees(pump, text, seconds=10):
    return pump.wait(lambda now: shows(now["display"], text), seconds, f"'{text}' on the display")


def sign_in(pump, badge, pin=PIN):
    sees(pump, "LEFT to sign in")
    press(pump, "left", "ok", *keys(badge), "ok", *keys(pin), "ok")


def listing(pump, wanted, seconds=10):
    """The log as it is shown on a screen, once it has what is wanted."""
    deadline = time.monotonic() + seconds
    while True:
        text = subprocess.run(
            [programs() / "pumpctl", "audit", "show", pump.run / "data" / "audit" / "1", "--last", "10000"],
            capture_output=True, text=True, check=True, timeout=30).stdout
        if wanted in text:
            return text.splitlines()
        assert time.monotonic() < deadline, f"no {wanted} on record:\n" + text[-2_000:]
        time.sleep(0.1)


def named(lines, event):
    return [line for line in lines if f" {event}" in line]


def persons(lines, event):
    """Who is on these records: the log shows a person by a pseudonym, the same in one listing."""
    found = [re.search(r" by (p-[0-9a-f]+)", line) for line in named(lines, event)]
    return [match[1] if match else None for match in found]


def ward(pump, folder):
    """A pump with an administrator, a nurse and a technician, who have badges and PINs."""
    root = commission(pump, folder)
    add(root, pump, folder, "nurse", "clinician", badge="0104", secret=PIN)
    add(root, pump, folder, "technician", "service", badge="21", secret=PIN)
    return root


def test_SYS_090_SEC_012_SRS_151_SRS_200_the_code_stands_on_the_panel_and_in_no_file(start_pump, tmp_path):
    pump = start_pump("none")
    code = setup_code(pump)
    sees(pump, f"Setup code {code}")
    for path in pump.run.rglob("*"):
        if path.is_file() and path.stat().st_size < 10_000_000:
            assert code.encode() not in path.read_bytes(), path
    commission(pump, tmp_path)
    sees(pump, "LEFT to sign in")
    assert not shows(pump.state()["display"], code)


def test_SYS_090_SEC_010_SRS_200_SRS_201_a_nurse_programs_at_the_panel_under_her_name(start_pump, tmp_path):
    pump = start_pump("none")
    ward(pump, tmp_path)
    sign_in(pump, "104")
    sees(pump, "nurse")
    # Beyond what an emergency may: 5 + 100 mL/h.
    press(pump, "ok", "ok", "left", "left", "up", "ok", "ok")
    held = pump.wait(lambda now: now["state"] == "programmed", 10, "the order to be held")
    assert not shows(held["display"], "Not done")
    press(pump, "start")
    asked = pump.wait(lambda now: now["state"] == "awaitingConfirm", 10, "the read-back")
    # Nothing starts by a key of the panel.
    press(pump, "ok", "start", "right", "up")
    later = pump.state()
    assert later["state"] == "awaitingConfirm" and not later["motorPowered"], brief(later)
    pump.press("confirm")
    pump.wait(lambda now: now["state"] == "infusing", 10, "the infusion")
    lines = listing(pump, "confirmed")
    # program and start, and the START in the read-back that the controller refuses.
    nurse = persons(lines, "loginSucceeded")[-1]
    assert persons(lines, "requestReceived") == [nurse] * 3 and nurse, lines
    assert not named(lines, "breakGlass") and not any(PIN in line for line in lines)
    # Signed off, the infusion goes on and PAUSE pauses.
    press(pump, "left", "ok")
    listing(pump, "logout")
    assert pump.state()["state"] == "infusing"
    press(pump, "pause")
    pump.wait(lambda now: now["state"] == "paused", 10, "the pause")
    assert asked["state"] == "awaitingConfirm"


def test_RC_130_SRS_203_SRS_204_SEC_333_without_a_sign_in_an_emergency_runs_and_more_is_refused_on_the_screen(
        start_pump, tmp_path):
    pump = start_pump("none")
    ward(pump, tmp_path)
    sees(pump, "LEFT to sign in")
    press(pump, "ok", "ok")
    sees(pump, "EMERGENCY")
    press(pump, "left", "left", "up", "ok", "ok")
    sees(pump, "100 mL/h, 50 mL")
    assert pump.state()["state"] == "standby"
    assert "beyond-emergency-limits" in named(listing(pump, "requestRefused"), "requestRefused")[-1]
    press(pump, "ok", "ok", "ok", "ok")
    pump.wait(lambda now: now["state"] == "programmed", 10, "the emergency order")
    press(pump, "start")
    pump.wait(lambda now: now["state"] == "awaitingConfirm", 10, "the read-back")
    pump.press("confirm")
    running = pump.wait(lambda now: now["state"] == "infusing" and now["motorPowered"], 10, "the infusion")
    listing(pump, "breakGlass")
    # In the middle of a sign-in the service dies: STOP, silence and pause are there all the same.
    press(pump, "left", "ok", *keys("104"), "ok", *keys("73"))
    pump.signal("pump-serviced", signal.SIGSTOP)
    try:
        pump.key("stop", True)
        stopped = pump.wait(lambda now: not now["motorPowered"], 3, "the motor to lose its power")
        pump.key("stop", False)
        assert stopped["time"] - running["time"] < 60, brief(stopped)
    finally:
        pump.signal("pump-serviced", signal.SIGCONT)


def test_SRS_087_RC_009_SYS_066_an_emergency_therapy_starts_with_the_service_silent(start_pump, tmp_path):
    pump = start_pump("none")
    ward(pump, tmp_path)
    sees(pump, "LEFT to sign in")
    pump.signal("pump-serviced", signal.SIGSTOP)
    try:
        pump.wait(lambda now: "serviceLost" in alarms(now), 15, "the alarm of the lost service")
        sees(pump, "Service lost")
        # Beyond the limits the controller says no: nothing is held.
        press(pump, "ok", "ok", "left", "left", "up", "ok", "ok")
        time.sleep(1)
        assert pump.state()["state"] == "standby"
        press(pump, "ok", "ok")
        sees(pump, "EMERGENCY")
        press(pump, "ok", "ok")
        pump.wait(lambda now: now["state"] == "programmed", 10, "the emergency order")
        press(pump, "start")
        pump.wait(lambda now: now["state"] == "awaitingConfirm", 10, "the read-back")
        time.sleep(0.5)
        assert not pump.state()["motorPowered"]
        pump.press("confirm")
        pump.wait(lambda now: now["state"] == "infusing" and now["motorPowered"], 10, "the infusion")
        pump.key("stop", True)
        pump.wait(lambda now: not now["motorPowered"], 3, "the motor to lose its power")
        pump.key("stop", False)
    finally:
        pump.signal("pump-serviced", signal.SIGCONT)
    # Two programs, the first of them refused, and a start.
    lines = listing(pump, "past the silent service", 20)
    assert " a 3 " in named(lines, "breakGlass")[-1], lines


def test_SRS_202_SEC_013_wrong_pins_wait_and_the_bedside_does_not(start_pump, tmp_path):
    pump = start_pump("none")
    ward(pump, tmp_path)
    sign_in(pump, "104", "111222")
    sees(pump, "Wrong badge or PIN")
    # Keying takes two seconds: the waits of one and two seconds are over before the next PIN is there. What
    # a busy service answers instead is neither a wrong PIN nor a wait.
    for _ in range(7):
        press(pump, *keys("111222"), "ok")
        waits = shows(sees(pump, "Not signed in")["display"], "Wait ")
        if waits:
            break
    assert waits
    press(pump, "pause", "ok", "ok", "ok", "ok")
    pump.wait(lambda now: now["state"] == "programmed", 10, "an order meanwhile")
    lines = listing(pump, "loginFailed")
    # Those that were looked at are all of one badge.
    failed = persons([line for line in lines if "throttled" not in line], "loginFailed")
    assert 3 <= len(failed) <= 6 and set(failed) == {failed[0]} != {None}, lines
    assert not any("111222" in line for line in lines)


def test_SEC_391_no_file_of_the_pump_and_no_core_has_a_pin(start_pump, tmp_path):
    pump = start_pump("none")
    ward(pump, tmp_path)
    sign_in(pump, "104")
    sees(pump, "Signed in")
    for path in list(pump.run.rglob("*")):
        if path.is_file():
            assert PIN.encode() not in path.read_bytes(), path
    # The panel's memory, as a core would have it, a moment after the sign-in.
    pid = pump.pid("pump-paneld")
    os.kill(pid, signal.SIGSTOP)
    try:
        assert not holds(pid, PIN.encode())
        # The search finds what is there.
        assert holds(pid, b"nurse")
    finally:
        os.kill(pid, signal.SIGCONT)


def holds(pid, wanted):
    """Whether the writable memory of a process has these bytes."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            ends, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            first, last = (int(end, 16) for end in ends.split("-"))
            try:
                memory.seek(first)
                if wanted in memory.read(last - first):
                    return True
            except OSError:
                continue
    return False


def propose(pump, root, folder):
    """A program of the hospital proposes an order, by way of the socket of the gateway."""
    authority = Authority()
    root("step-up", typed=[PASSWORD])
    request = root("network", "request", "localhost", "--json")["request"]
    files = {"certificate": authority.answer(request), "authority": pem(authority.certificate),
             "list": authority.list()}
    words = []
    for name, content in files.items():
        path = folder / f"{name}.pem"
        path.write_bytes(content)
        words += [f"--{name}", path]
    root("step-up", typed=[PASSWORD])
    root("network", "set", *words, "--proposer", "ward.test", "--json")
    order = {"drug": "Specimen", "kvo_nL_h": 1_000_000, "occlusion_Pa": 59_995, "rate_nL_h": 150_000_000,
             "syringe_mL": 50, "vtbi_nL": 20_000_000}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.settimeout(10)
        peer.connect(str(pump.run / "network.sock"))
        # What the gateway says of the node's certificate, its SHA-256, matters to a session alone.
        peer.send(json.dumps({"v": 1, "do": "propose", "node": "ward.test", "certificate": "00" * 32, "key": "k",
                              "order": order}).encode())
        return json.loads(peer.recv(16_384))


def test_SYS_092_SYS_084_SRS_206_a_clinician_takes_a_waiting_order_at_the_panel(start_pump, tmp_path):
    pump = start_pump("none")
    root = ward(pump, tmp_path)
    answer = propose(pump, root, tmp_path)
    assert answer["is"] == "proposal", answer
    sees(pump, "Orders wait: 1")
    # Nobody is signed in, and a technician may not program.
    press(pump, "left", "down", "ok")
    sees(pump, "Sign in first")
    sign_in(pump, "21")
    sees(pump, "Signed in")
    press(pump, "left", "down", "ok")
    sees(pump, "Not permitted now")
    press(pump, "left", "ok")
    sign_in(pump, "104")
    sees(pump, "nurse")
    press(pump, "left", "down", "ok")
    sees(pump, "ward.test")
    assert pump.state()["state"] == "standby"
    press(pump, "ok")
    pump.wait(lambda now: now["state"] == "programmed", 10, "the order to be held")
    press(pump, "start")
    asked = pump.wait(lambda now: now["state"] == "awaitingConfirm" and shows(now["display"], "VTBI 20 mL"), 10,
                      "the read-back")
    assert not asked["motorPowered"]
    pump.press("confirm")
    pump.wait(lambda now: now["state"] == "infusing", 10, "the infusion")
    lines = listing(pump, "confirmed")
    node, taken, started = persons(lines, "requestReceived")
    assert taken == started == persons(lines, "loginSucceeded")[-1] != node, lines
