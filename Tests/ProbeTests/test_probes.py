# SPDX-License-Identifier: Apache-2.0
"""What a running pump shows to the outside, held against the tables of Docs/Interfaces.

Each probe collects what is really there as rows; what stands in no row of its table is undocumented, and
a row that nothing answers to is stale. Both fail.
"""

import csv
import re
import subprocess

import pytest

from probes import (
    KINDS, check, compare, connections, family, inodes, keys, seen_processes, seen_sockets, table)
from simulated_pump import DAEMONS, ROOT, programs

UNITS = ROOT / "Hardware" / "Deploy" / "systemd"


@pytest.fixture
def idle(start_pump):
    """A pump that runs and delivers nothing: what it shows to the outside is the same."""
    return start_pump("none")


# What runs.


def test_SEC_050_SYS_070_each_process_that_runs_is_documented(idle):
    documented = [row for row in table("processes") if row["runs"] == "always"]
    seen = seen_processes(idle)
    check(seen, keys(documented, "process"))
    assert len(seen) == len(set(seen)), f"twice: {seen}"


def test_SEC_050_SYS_070_each_daemon_has_the_user_that_is_documented():
    seen = []
    for unit in UNITS.glob("pump-*.service"):
        text = unit.read_text(encoding="utf-8")
        program = re.search(r"^ExecStart=/usr/bin/(\S+)", text, re.MULTILINE)[1]
        seen.append((program, re.search(r"^User=(\S+)", text, re.MULTILINE)[1]))
    check(seen, keys([row for row in table("processes") if row["device_user"]],
                     "process", "device_user"))


# What listens.


def documented_sockets():
    """Those of the processes that always run."""
    runs = {row["process"] for row in table("processes") if row["runs"] == "always"}
    rows = [row for row in table("sockets") if row["process"] in runs]
    return keys(rows, "process", "address", "kind")


def test_SEC_050_SYS_070_each_socket_that_listens_is_documented(idle):
    check(seen_sockets(idle), documented_sockets())


def test_SEC_050_no_process_speaks_to_anything_beyond_this_computer(idle):
    known = connections()
    far = {(name, known[inode]) for pid, name in family(idle).items() for inode in inodes(pid)
           if inode in known}
    # The test itself talks to the bedside page; that nothing is found at all would mean a blind probe.
    assert far == {("pump-sim", "127.0.0.1")}


def test_SEC_003_nothing_on_a_device_listens_on_a_network(idle):
    on_network = {row[0] for row in seen_sockets(idle) if row[2] not in KINDS.values()}
    assert on_network <= {"pump-sim"}


# What can be set.


def help_of(program, words):
    done = subprocess.run(
        [programs() / program, *words, "--help"], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=True, timeout=30,
    )
    return done.stdout


def options_of(program, words=()):
    """Each option of a program and its commands, as `(program and command, option)`."""
    text = help_of(program, words)
    name = " ".join((program, *words))
    usage = text.partition("DISCUSSION")[0] if "USAGE:" not in text else text
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", usage)) - {"--help", "--version"}
    found = {(name, option) for option in options}
    _, _, commands = text.partition("SUBCOMMANDS:")
    for command in re.findall(r"^  ([a-z][a-z-]*)(?=\s|$)", commands, re.MULTILINE):
        found |= options_of(program, (*words, command))
    return found


KEY_READ = re.compile(r'(?:getenv\(|environment\[)"([A-Z][A-Z_]+)"')
KEY_SET = re.compile(r"^#?([A-Z][A-Z_]+)=", re.MULTILINE)


def environment_keys():
    """Each environment key that the code reads, and each key of the device's configuration file."""
    found = set()
    for folder in ("Sources", "Hardware", "Simulator"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".swift", ".c", ".h"):
                found |= {("environment", key) for key in KEY_READ.findall(path.read_text("utf-8"))}
    for path in (ROOT / "Hardware" / "Deploy").glob("*.default"):
        found |= {(path.name, key) for key in KEY_SET.findall(path.read_text("utf-8"))}
    return found


def programs_with_options():
    return [row["process"] for row in table("processes")]


def test_SYS_070_each_option_is_documented():
    seen = environment_keys()
    for program in programs_with_options():
        seen |= options_of(program)
    check(seen, keys(table("options"), "program", "option"))
    assert not [row for row in table("options") if not row["meaning"]]


# Alarms and roles.


def printed(name):
    done = subprocess.run(
        [programs() / "pump-sim", "interfaces", name], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=True, timeout=30,
    )
    return list(csv.DictReader(done.stdout.splitlines()))


@pytest.mark.parametrize("name", ["alarms", "roles"])
def test_the_tables_of_alarms_and_roles_are_those_of_the_code(name):
    rows = printed(name)
    check([tuple(row.values()) for row in rows], [tuple(row.values()) for row in table(name)])


def test_the_instructions_explain_each_alarm():
    text = (ROOT / "Docs" / "IFU" / "instructions.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| ([^|]+) \| (HIGH|MEDIUM|LOW) \| (yes|no) \|", text, re.MULTILINE)
    check([(row["text"], row["priority"].upper(), row["stops"]) for row in printed("alarms")], explained)


def test_each_alarm_that_a_running_pump_raises_is_documented(idle):
    known = {row["id"] for row in table("alarms")}
    idle.knob("mains.present", 0)
    now = idle.wait(lambda state: state["alarms"], 10, "an alarm")
    assert {alarm["id"] for alarm in now["alarms"]} <= known


# The probes themselves: each sees what a doctored table leaves out.


@pytest.mark.parametrize("probe, name, columns", [
    (seen_processes, "processes", ("process",)),
    (seen_sockets, "sockets", ("process", "address", "kind")),
])
def test_a_doctored_table_is_found_out(idle, probe, name, columns):
    rows = keys(table(name), *columns)
    hidden = next(row for row in rows if row[0] == "pump-controld")
    undocumented, _ = compare(probe(idle), [row for row in rows if row != hidden])
    assert undocumented == [hidden]


@pytest.mark.parametrize("name", ["alarms", "roles"])
def test_a_doctored_table_of_the_code_is_found_out(name):
    rows = [tuple(row.values()) for row in printed(name)]
    assert compare(rows, rows[1:]) == ([rows[0]], [])
    assert compare(rows, [*rows, ("new",)]) == ([], [("new",)])


def test_an_option_that_nobody_wrote_down_is_found_out():
    seen = options_of("pump-controld")
    rows = [row for row in keys(table("options"), "program", "option") if row[0] == "pump-controld"]
    assert compare(seen, [row for row in rows if row[1] != "--board"])[0] == [("pump-controld", "--board")]


def test_the_table_of_processes_lists_the_daemons():
    assert set(DAEMONS) <= {row["process"] for row in table("processes")}
