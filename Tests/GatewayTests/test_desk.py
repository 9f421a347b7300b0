# SPDX-License-Identifier: Apache-2.0
"""pumpctl at a desk: every use case of the interface to networks, over a profile and against the real gateway."""

import base64
import hashlib
import json
import os
import pty
import selectors
import subprocess
import sys
import time

import pytest

from authority import pem
from desk import Desk
from door import until
from people import PASSWORD, add
from probes import family
from simulated_pump import ROOT, programs

ORDER = ("--rate", "5 mL/h", "--vtbi", "10 mL", "--drug", "Specimen")


@pytest.fixture(scope="module")
def desk(door, tmp_path_factory):
    """A desk with a profile of the pump as a node that may propose; its person is the administrator."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    options = desk.options(door.port, door.authority, *door.authority.issue("tool.test"))
    told = desk("profile", "add", "ward", *options, "--json")
    assert told["server"] == "localhost" and told["session"] is False
    return desk


def ask(desk, *words, **more):
    """Asks again while the node's rate is used up by other tests."""
    for _ in range(20):
        done = subprocess.run(
            [programs() / "pumpctl", *map(str, words), "--profile", "ward"], capture_output=True, text=True,
            timeout=90, check=False, env=desk.environment,
            input="".join(f"{line}\n" for line in more.get("typed", ())))
        if "asks too often" not in done.stderr:
            break
        time.sleep(1)
    assert done.returncode == more.get("code", 0), f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout) if "--json" in words and done.returncode == 0 else done


def lines(desk, *words):
    """Lines of JSON."""
    done = subprocess.run(
        [programs() / "pumpctl", *map(str, words), "--profile", "ward", "--json"], capture_output=True, text=True,
        check=True, env=desk.environment, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def sign_in(desk, login="root-person"):
    ask(desk, "sign-in", login, typed=[PASSWORD])
    ask(desk, "step-up", typed=[PASSWORD])


def test_SYS_102_RC_150_a_pump_on_a_network_is_seen_under_the_name_it_was_asked_by(desk, door):
    here = door.root("status", "--json")
    there = ask(desk, "status", "--json")
    assert there.pop("profile") == "ward"
    here.pop("prescription", None)
    moving = {"pressure", "delivered", "timeRemaining"}
    assert {k: v for k, v in there.items() if k not in moving} == {k: v for k, v in here.items() if k not in moving}
    assert ask(desk, "status").stdout.splitlines()[:2] == [
        "SIMULATED PUMP - never for a patient", "pump        ward"]
    assert ask(desk, "alarms", "--json") == door.root("alarms", "--json")
    device = ask(desk, "device", "--json")
    assert (device["profile"], device["name"], device["simulated"]) == ("ward", "ReferencePump", True)
    assert ask(desk, "metrics").stdout.endswith("# EOF\n")
    assert ask(desk, "update", "status", "--json")["profile"] == "ward"
    # The environment names a profile as well, and nothing else does: without it this machine's pump is meant.
    assert desk("alarms", "--json", PUMPCTL_PROFILE="ward") == []
    assert "cannot reach the pump" in desk("alarms", code=3).stderr
    assert desk("alarms", code=2, PUMPCTL_PROFILE="other").stderr.startswith("pumpctl: 'other': there is no such")


def test_RC_152_SRS_241_what_moves_a_therapy_is_refused_before_anything_is_asked(desk):
    # Nobody listens there: a refusal of pumpctl's own needs no pump.
    for words in (("start",), ("confirm",), ("pause",), ("stop",), ("silence",), ("clear",), ("cancel",),
                  ("program", *ORDER), ("start", "--emergency"), ("proposals", "take", "1"),
                  ("proposals", "drop", "1"), ("commission", "ada"), ("people", "set-secret", "ada"),
                  ("network", "show"), ("network", "leave"), ("network", "request", "a.test"),
                  ("network", "set", "--node", "a.test"), ("update", "install"),
                  ("update", "rollback"), ("update", "check", "x")):
        words = (words[0], "--profile", "ward", *words[1:]) if words[0] == "update" else (*words, "--profile", "ward")
        done = desk(*words, code=1)
        assert done.stderr.startswith("pumpctl: not over a network (profile ward): "), done.stderr
        assert "pump" in done.stderr and done.stdout == ""
    assert "STOP at the pump" in desk("stop", code=1, PUMPCTL_PROFILE="ward").stderr


def test_SYS_103_people_sign_in_and_are_managed_from_a_desk(desk, door):
    assert "people list" not in ask(desk, "whoami", code=4).stderr
    ask(desk, "sign-in", "root-person", typed=["a wrong password"], code=1)
    ask(desk, "sign-in", "root-person", "--badge", "01", typed=["1"], code=2)
    time.sleep(2)
    assert ask(desk, "sign-in", "root-person", "--json", typed=[PASSWORD])["role"] == "administrator"
    session = desk.folder / "session-ward"
    assert session.stat().st_mode & 0o777 == 0o600
    assert ask(desk, "whoami", "--json") == {
        "person": {"active": True, "login": "root-person", "number": 1, "role": "administrator"}, "steppedUp": False}
    assert "step-up --profile ward" in ask(desk, "people", "list", code=4).stderr
    before = session.read_text()
    ask(desk, "step-up", typed=[PASSWORD])
    assert session.read_text() != before
    made = ask(desk, "people", "add", "desk-nurse", "clinician", "--json")
    assert ask(desk, "people", "add", "desk-nurse", "clinician", code=1).stderr == (
        "pumpctl: another person has this login\n")
    assert ask(desk, "people", "add", "x", "king", code=2)
    assert ask(desk, "people", "reset", made["person"], "--json")["person"] == made["person"]
    ask(desk, "people", "set", made["person"], "auditor", "--inactive")
    listed = ask(desk, "people", "list", "--json")
    assert {"active": False, "login": "desk-nurse", "number": made["person"], "role": "auditor"} in listed
    table = ask(desk, "people", "list").stdout.splitlines()
    assert table[0].split() == ["NUMBER", "LOGIN", "ROLE", "ACTIVE"] and len(table) == len(listed) + 1
    assert table[0].index("ROLE") == table[1].index("administrator")
    ask(desk, "people", "set", "1", "auditor", code=1)
    ask(desk, "people", "reset", "999", code=1)
    ask(desk, "sign-out")
    assert not session.exists()
    ask(desk, "whoami", code=4)


def test_SEC_439_a_session_is_sent_to_no_other_pump_than_its_own(desk, door):
    sign_in(desk)
    book = json.loads(desk.profiles().read_text())
    other = Desk(desk.folder / "other")
    other.environment["PUMP_SESSION"] = desk.environment["PUMP_SESSION"]
    # The same name for another address: the session that is kept does not count there.
    other("profile", "add", "ward2", *other.options(door.port, door.authority, *door.authority.issue("tool.test")))
    text = other.profiles().read_text().replace("ward2", "ward").replace("127.0.0.1", "localhost")
    other.profiles().write_text(text)
    assert "nobody is signed in" in other("whoami", "--profile", "ward", code=4).stderr
    assert ask(desk, "whoami", "--json")["person"]["login"] == "root-person"
    assert len(book["profiles"]) == 1
    # A profile that is added anew begins without a session, and one that is removed takes it along.
    assert desk("profile", "show", "ward", "--json")["session"] is True
    options = desk.options(door.port, door.authority, *door.authority.issue("tool.test"))
    assert "remove it first" in desk("profile", "add", "ward", *options, code=2).stderr
    desk("profile", "remove", "ward")
    assert not (desk.folder / "session-ward").exists()
    desk("profile", "add", "ward", *options)


def test_RC_151_SRS_244_a_proposed_order_is_shown_as_the_pump_holds_it(desk, door):
    told = ask(desk, "propose", *ORDER, "--key", "desk-1", "--json")
    assert told["key"] == "desk-1" and told["profile"] == "ward"
    proposal = told["proposal"]
    assert (proposal["rate"], proposal["vtbi"], proposal["drug"], proposal["from"]) == (
        5_000_000, 10_000_000, "Specimen", "tool.test")
    # The same key and order is the same proposal; another order under it is refused.
    assert ask(desk, "propose", *ORDER, "--key", "desk-1", "--json")["proposal"]["number"] == proposal["number"]
    assert ask(desk, "propose", "--rate", "6 mL/h", "--vtbi", "10 mL", "--key", "desk-1", code=1).stderr == (
        "pumpctl: another order was proposed with this key\n")
    assert "not taken" in ask(desk, "propose", "--rate", "5000 mL/h", "--vtbi", "10 mL", code=1).stderr
    ask(desk, "propose", "--rate", "5", "--vtbi", "10 mL", code=2)
    listed = ask(desk, "proposals", "list", "--json")
    assert [entry["number"] for entry in listed] == [proposal["number"]]
    assert "5.000 mL/h" in ask(desk, "proposals", "list").stdout
    # It moved nothing.
    assert ask(desk, "status", "--json")["state"] == "standby"
    door.root.sign_in()
    nurse = add(door.step_up() or door.root, door.pump, door.folder, "desk-taker", "clinician")
    nurse.sign_in()
    nurse("proposals", "drop", str(proposal["number"]))
    assert ask(desk, "proposals", "list").stdout == "no order waits\n"
    assert "proposals show" in ask(desk, "propose", *ORDER, "--key", "desk-1", code=1).stderr
    assert ask(desk, "proposals", "show", proposal["number"], "--json")["state"] == "dropped"


def test_SRS_247_SRS_248_a_desk_sees_what_became_of_an_order_and_takes_it_back(desk, door):
    for words in (("show", "1"), ("withdraw", "1")):
        assert desk("proposals", *words, code=2).stderr == (
            "pumpctl: this asks a pump on a network: give --profile NAME; see 'pumpctl profile'\n")
    told = ask(desk, "propose", *ORDER, "--key", "desk-2", "--json")["proposal"]
    number = told["number"]
    shown = ask(desk, "proposals", "show", number, "--json")
    assert 0 < shown["proposal"].pop("secondsLeft") <= told.pop("secondsLeft")
    assert shown == {"profile": "ward", "state": "waits", "proposal": told}
    text = ask(desk, "proposals", "show", number).stdout
    assert "5.000 mL/h" in text and "ward: waits " in text
    assert ask(desk, "proposals", "withdraw", number, "--json") == {"done": True}
    assert ask(desk, "proposals", "show", number, "--json")["state"] == "withdrawn"
    assert ask(desk, "proposals", "show", number).stdout.endswith("ward: was withdrawn\n")
    assert "waits no more" in ask(desk, "proposals", "withdraw", number, code=1).stderr
    assert ask(desk, "proposals", "list").stdout == "no order waits\n"
    for words in (("show", "999"), ("withdraw", "999"), ("show", "0")):
        assert "proposed no such order" in ask(desk, "proposals", *words, code=1).stderr
    # In a person's name it is theirs: with nobody signed in the way to it is told.
    nurse = add(door.step_up() or door.root, door.pump, door.folder, "desk-giver", "clinician")
    ask(desk, "sign-in", "desk-giver", typed=[PASSWORD])
    number = ask(desk, "propose", *ORDER, "--key", "desk-3", "--json")["proposal"]["number"]
    ask(desk, "sign-out")
    assert "sign-in --profile ward" in ask(desk, "proposals", "withdraw", number, code=4).stderr
    sign_in(desk)
    assert "may not" in ask(desk, "proposals", "withdraw", number, code=1).stderr
    ask(desk, "sign-in", "desk-giver", typed=[PASSWORD])
    assert ask(desk, "proposals", "withdraw", number).stdout == "withdrawn\n"
    ask(desk, "sign-out")
    # One that the controller refused is told with why.
    number = ask(desk, "propose", *ORDER, "--key", "desk-4", "--json")["proposal"]["number"]
    nurse.sign_in()
    nurse("program", "--rate", "5 mL/h", "--vtbi", "10 mL", "--drug", "Other")
    nurse("start")
    try:
        nurse("proposals", "take", str(number), code=1)
        until(lambda: ask(desk, "proposals", "show", number, "--json")["state"] == "refused", "the refusal")
        assert ask(desk, "proposals", "show", number).stdout.endswith(
            "ward: was taken, and the controller refused it (alreadyStarting)\n")
        assert ask(desk, "proposals", "show", number, "--json")["reason"] == "alreadyStarting"
    finally:
        nurse("stop")


def signing_key(records):
    """The key that signs checkpoints now, as C2SP signed-note spells one."""
    name = records[0]["reference"]
    key = b"\x01" + bytes.fromhex([
        record["payload"] for record in records if record["event"] in ("logCreated", "keyChanged")][-1])
    number = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{number}+{base64.b64encode(key).decode()}"


def test_SYS_104_an_auditor_takes_the_log_away_and_both_verifiers_judge_it(desk, door, tmp_path):
    door.step_up()
    add(door.root, door.pump, door.folder, "desk-auditor", "auditor")
    sign_in(desk, "desk-auditor")
    first_key = subprocess.run([programs() / "pumpctl", "audit", "key", door.pump.run / "data" / "audit" / "1"],
                               capture_output=True, text=True, check=True).stdout.strip()
    assert len(ask(desk, "audit", "records", "--most", "3").stdout.splitlines()) == 3
    records = lines(desk, "audit", "records", "--most", "10000")
    assert [record["index"] for record in records] == list(range(len(records)))
    # The last one may be the log's own, which is nobody's.
    assert records[0]["event"] == "logCreated" and any({"person", "session"} <= set(record) for record in records)
    key, seen, proof = signing_key(records), tmp_path / "seen", tmp_path / "proof"
    first = ask(desk, "audit", "checkpoint", "--key", key, "--remember", seen, "--json")
    assert first["verified"] is True and first["size"] > 0
    wrong = signing_key([dict(records[0], payload="00" * 32)])
    assert "none of these keys" in ask(desk, "audit", "checkpoint", "--key", wrong, code=1).stderr
    assert ask(desk, "audit", "proof", "0", "-o", proof, "--key", key, "--json")["verified"] is True
    assert "does not hold" in ask(
        desk, "audit", "proof", "0", "-o", tmp_path / "none", "--key", wrong, code=1).stderr
    ask(desk, "audit", "proof", "99999999", "-o", tmp_path / "none", code=1)
    assert not (tmp_path / "none").exists()
    sign_in(desk, "desk-auditor")
    folder = tmp_path / "log"
    taken = ask(desk, "audit", "download", folder, "--key", first_key, "--json")
    assert taken["good"] is True and taken["records"] >= first["size"]
    # A mains alarm covers what is before it. The log goes on from what was seen, not from what nobody signed.
    door.pump.wait(lambda now: not now["alarms"], 10, "no alarm")
    door.pump.knob("mains.present", 0)
    door.pump.wait(lambda now: now["alarms"], 10, "the alarm")
    door.pump.knob("mains.present", 1)
    until(lambda: ask(desk, "audit", "checkpoint", "--json")["size"] > first["size"], "a newer checkpoint", 20)
    told = ask(desk, "audit", "consistency", "--remembered", seen, "--key", key, "--key", first_key, "--json")
    assert told["from"] == first["size"] < told["size"] and told["consistent"] is True
    seen.write_text(seen.read_text().replace(f"\n{first['size']}\n", f"\n{first['size'] + 1}\n"))
    assert "none of these keys" in ask(
        desk, "audit", "consistency", "--remembered", seen, "--key", key, "--key", first_key, code=1).stderr
    judged = subprocess.run([sys.executable, ROOT / "Tools/verify-audit", folder, "--key", first_key],
                            capture_output=True, text=True, timeout=60, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "is not empty" in ask(desk, "audit", "download", folder, code=2).stderr
    ask(desk, "sign-out")


def lines_of(process, count, seconds=20):
    """So many lines of a process that goes on."""
    found, deadline = [], time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(found) < count:
            assert time.monotonic() < deadline, (found, process.poll())
            if selector.select(0.2):
                found.append(json.loads(process.stdout.readline()))
    return found


def test_RC_153_SRS_245_events_are_followed_and_taken_up_where_they_were(desk, door):
    door.root("program", *ORDER, "--emergency")
    door.root("stop")
    seen = lines(desk, "events", "--last", "1000")
    assert len(seen) > 2 and {"at", "id", "kind", "source"} <= set(seen[-1])
    # After an id there is what came after it, no less and no more.
    assert lines(desk, "events", "--after", seen[-3]["id"])[:2] == seen[-2:]
    follower = desk.start("events", "--profile", "ward", "--json", "--follow", "--last", "1")
    local = subprocess.Popen(
        [programs() / "pumpctl", "events", "--json", "--follow", "--last", "1"], stdout=subprocess.PIPE, text=True,
        env=dict(os.environ, PUMP_RUN=str(door.pump.run)))
    try:
        lines_of(follower, 1)
        lines_of(local, 1)
        time.sleep(1)
        door.root("program", *ORDER, "--emergency")
        fresh = lines_of(follower, 1)[0]
        assert fresh["id"] > seen[-1]["id"] or len(fresh["id"]) > len(seen[-1]["id"])
        assert lines_of(local, 1)[0]["kind"] == fresh["kind"]
        # The gateway goes and comes: the stream is taken up, and what was missed is told.
        gateway, = [pid for pid, name in family(door.pump).items() if name == "pump-gatewayd"]
        os.kill(gateway, 9)
        while "missed" not in (told := lines_of(follower, 1, 40)[0]):
            assert told["id"].split("-")[0] == fresh["id"].split("-")[0]
        assert told["missed"] is None
    finally:
        for process in (follower, local):
            process.kill()
            process.wait()
    door.root("stop")


def test_SEC_440_a_password_is_read_without_an_echo_and_stands_on_no_command_line(desk, door):
    main, side = pty.openpty()
    process = subprocess.Popen(
        [programs() / "pumpctl", "sign-in", "root-person", "--profile", "ward"], stdin=side, stdout=side,
        stderr=side, env=desk.environment, start_new_session=True)
    os.close(side)
    said = b""
    try:
        deadline = time.monotonic() + 20
        while b"Password: " not in said and time.monotonic() < deadline:
            said += os.read(main, 4096)
        words = open(f"/proc/{process.pid}/cmdline", "rb").read()
        time.sleep(0.5)
        os.write(main, PASSWORD.encode() + b"\n")
        while b"signed in at ward" not in said and time.monotonic() < deadline:
            said += os.read(main, 4096)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(main)
    assert b"signed in at ward" in said
    assert PASSWORD.encode() not in said and PASSWORD.encode() not in words
    ask(desk, "sign-out")


def test_SRS_242_a_node_without_the_right_and_one_that_was_struck_off_are_told(desk, door):
    visitor = Desk(desk.folder / "visitor")
    visitor("profile", "add", "ward", *visitor.options(
        door.port, door.authority, *door.authority.issue("node.test")))
    assert "may not" in ask(visitor, "propose", *ORDER, code=1).stderr
    certificate, key = door.authority.issue("stranger.test")
    stranger = Desk(desk.folder / "stranger")
    stranger("profile", "add", "ward", *stranger.options(door.port, door.authority, certificate, key))
    done = subprocess.run([programs() / "pumpctl", "status", "--profile", "ward"], capture_output=True, text=True,
                          env=stranger.environment, check=False, timeout=60)
    assert done.returncode in (1, 3) and "certificate" in done.stderr
    assert pem(certificate).decode() not in done.stderr


def test_SRS_238_SEC_434_the_file_of_profiles_is_its_users_alone_and_read_strictly(desk, door, tmp_path):
    here = Desk(tmp_path / "here")
    certificate, key = door.authority.issue("tool.test")
    options = here.options(door.port, door.authority, certificate, key)
    here("profile", "add", "b-pump", *options)
    here("profile", "add", "a-pump", *options)
    assert here.profiles().stat().st_mode & 0o777 == 0o600
    assert here.profiles().parent.stat().st_mode & 0o777 == 0o700
    assert [entry["name"] for entry in here("profile", "list", "--json")] == ["a-pump", "b-pump"]
    assert here("profile", "list").stdout.splitlines()[0].split() == ["NAME", "ADDRESS", "PUMP", "SESSION"]
    for wrong, said in [
            (("--url", "http://127.0.0.1:1"), "like https"), (("--url", "https://a.test"), "with its port"),
            (("--url", "https://u@a.test:1"), "like https"), (("--server", "A.test"), "lower-case"),
            (("--key", str(tmp_path / "none")), "cannot be read"),
            (("--certificate", options[options.index("--authority") + 1]), "not the key of the certificate")]:
        words = [*options]
        words[words.index(wrong[0]) + 1] = wrong[1]
        assert said in here("profile", "add", "c-pump", *words, code=2).stderr
    assert "a letter first" in here("profile", "add", "-".join("ab") + "/", *options, code=2).stderr
    (here.folder / "key.pem").chmod(0o640)
    assert "chmod 600" in here("status", "--profile", "a-pump", code=2).stderr
    (here.folder / "key.pem").chmod(0o600)
    (here.folder / "authority.pem").chmod(0o666)
    assert "chmod go-w" in here("status", "--profile", "a-pump", code=2).stderr
    (here.folder / "authority.pem").chmod(0o644)
    here.profiles().chmod(0o644)
    assert "chmod 600" in here("profile", "list", code=2).stderr
    here.profiles().chmod(0o600)
    good = here.profiles().read_bytes()
    for bad in (b"", b"{}", b"[" * 100, good + b"x", good.replace(b'"v":1', b'"v":2'), b"\xff" * 10,
                good.replace(b"a-pump", b"b-pump"), good.replace(b'"server"', b'"more"'), b" " * 300_000):
        here.profiles().write_bytes(bad)
        assert here("profile", "list", code=2).stderr.startswith("pumpctl: ")
