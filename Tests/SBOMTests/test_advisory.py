# SPDX-License-Identifier: Apache-2.0
"""Advisories, judged by an independent validator of CSAF 2.0, and the figures of a deployment."""

import hashlib
import json
import subprocess
import sys

import pytest

from simulated_pump import ROOT

sys.path.insert(0, str(ROOT / "Sources" / "ReleaseTools"))
from release_tools import advisory, deployment  # noqa: E402

JUDGE = ROOT / ".build" / "schema-tools" / "bin" / "csaf"
NOTES = {
    "version": "2.0.0", "udi": "UDI-DI as before, another UDI-PI 1 (security patch)",
    "fixed": [{"vulnerability": "CVE-2026-12345", "component": "pkg:deb/debian/openssl", "text": "A flaw."}],
    "open": [{"vulnerability": "CVE-2026-22222", "status": "affected", "text": "Keep the port closed."},
             {"vulnerability": "RP-7", "status": "under_investigation", "text": ""},
             {"vulnerability": "RP-8", "status": "affected", "text": ""}],
    "notAffected": [{"vulnerability": "CVE-2026-33333", "before": "affected", "text": "Not linked."}],
    "added": [], "removed": [], "changed": []}
DATE = "2026-11-26T08:00:00Z"


def make(tmp_path, notes=None, *more, date=DATE, identifier="RP-2026-001"):
    path = tmp_path / "notes.json"
    path.write_text(json.dumps(NOTES if notes is None else notes))
    return advisory.main(["--notes", str(path), "--before-version", "1.0.0", "--id", identifier,
                          "--date", date, *more])


def judge(path):
    if not JUDGE.exists():
        pytest.skip("no schema tools: run `make test-python`")
    return subprocess.run(
        [JUDGE, "validate", "--spec-version", "v20", "--no-network", path], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=60)


def test_SEC_387_an_independent_validator_takes_the_advisory_and_refuses_a_doctored_one(tmp_path, capsys):
    assert make(tmp_path) == 0
    text = capsys.readouterr().out
    path = tmp_path / "rp-2026-001.json"
    path.write_text(text)
    done = judge(path)
    assert done.returncode == 0, done.stdout + done.stderr
    made = json.loads(text)
    for spoil in [lambda m: m["document"].pop("publisher"),
                  lambda m: m["document"]["tracking"].update(version="2"),
                  lambda m: m["vulnerabilities"][0]["product_status"].update(fixed=["nobody"]),
                  lambda m: m["vulnerabilities"][0]["product_status"].update(
                      known_affected=["ReferencePump-2.0.0"])]:
        bad = json.loads(text)
        spoil(bad)
        path.write_text(json.dumps(bad))
        assert judge(path).returncode != 0
    by_name = {entry.get("cve", "RP-8"): entry for entry in made["vulnerabilities"]}
    assert len(by_name) == 4
    assert {"category": "details", "text": "RP-7", "title": "Under investigation"} in made["document"]["notes"]
    assert by_name["CVE-2026-12345"]["product_status"] == {
        "known_affected": ["ReferencePump-1.0.0"], "fixed": ["ReferencePump-2.0.0"]}
    assert by_name["CVE-2026-12345"]["remediations"][0]["category"] == "vendor_fix"
    assert by_name["CVE-2026-22222"]["product_status"] == {"known_affected": ["ReferencePump-2.0.0"]}
    assert by_name["RP-8"]["ids"] == [{"system_name": "ReferencePump project", "text": "RP-8"}]
    assert by_name["CVE-2026-33333"]["product_status"] == {"known_not_affected": ["ReferencePump-2.0.0"]}


def test_SEC_387_a_revision_keeps_the_history_and_goes_on(tmp_path, capsys):
    assert make(tmp_path) == 0
    old = tmp_path / "old.json"
    old.write_text(capsys.readouterr().out)
    more = ["--previous", str(old)]
    assert make(tmp_path, None, *more, date="2026-12-01T08:00:00Z") == 0
    text = capsys.readouterr().out
    tracking = json.loads(text)["document"]["tracking"]
    assert [entry["number"] for entry in tracking["revision_history"]] == ["1", "2"]
    assert (tracking["version"], tracking["initial_release_date"]) == ("2", DATE)
    path = tmp_path / "rp-2026-001.json"
    path.write_text(text)
    done = judge(path)
    assert done.returncode == 0, done.stdout + done.stderr
    # Neither the same day again nor another advisory's history.
    assert make(tmp_path, None, *more) == 1
    assert make(tmp_path, None, *more, date="2026-12-01T08:00:00Z", identifier="RP-2026-002") == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("notes, code", [
    ({**NOTES, "fixed": [], "open": NOTES["open"][1:2], "notAffected": []}, 1), ([], 2), ({"version": "2.0.0"}, 2),
    ({**NOTES, "version": "1.0.0"}, 2), ({**NOTES, "fixed": 7}, 2)])
def test_SEC_387_says_nothing_where_there_is_nothing_to_say(tmp_path, capsys, notes, code):
    assert make(tmp_path, notes) == code
    answer = capsys.readouterr()
    assert answer.out == "" and answer.err.startswith("advisory: ")


@pytest.mark.parametrize("date, identifier", [("tomorrow", "RP-1"), ("2026-11-26", "RP-1"), (DATE, "../x")])
def test_SEC_387_refuses_a_date_or_a_name_that_is_none(tmp_path, capsys, date, identifier):
    assert make(tmp_path, date=date, identifier=identifier) == 2
    assert capsys.readouterr().out == ""


def record(event, payload, day, hour=8):
    return json.dumps({"index": 1, "event": event, "payload": payload, "reference": "2.0.0",
                       "wall": f"2026-11-{day}T{hour:02}:00:00.000Z"})


@pytest.fixture
def fleet(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(b"release 2")
    good, other = hashlib.sha256(b"release 2").hexdigest(), "0" * 64
    logs = tmp_path / "logs"
    logs.mkdir()
    for name, lines in {
        "quick": [record("updateInstalled", good, 26, 9)],
        "slow": [record("updateInstalled", other, 25), record("updateInstalled", good, 28)],
        "middle": [record("updateInstalled", good, 27)],
        "never": [record("updateInstalled", other, 20)],
        "returned": [record("updateInstalled", good, 26), record("updateRolledBack", good, 27)],
        "again": [record("updateRolledBack", good, 26), record("updateInstalled", good, 27)],
        "left": [record("updateInstalled", good, 26), record("updateInstalled", other, 27)],
        "library": [record("updateInstalled", good, 27), record("libraryActivated", other, 28)],
    }.items():
        (logs / f"{name}.jsonl").write_text("\n".join([record("heartbeat", "", 20), *lines]) + "\n")
    return logs, image


def test_SEC_388_counts_pumps_hours_and_names_who_is_left(fleet, capsys):
    logs, image = fleet
    words = ["--logs", str(logs), "--image", str(image), "--released", DATE]
    assert deployment.main([*words, "--now", "2026-11-30T08:00:00Z"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["pumps"], found["deployed"], found["share"]) == (8, 5, 0.625)
    assert (found["medianHours"], found["longestHours"], found["hoursSinceRelease"]) == (24, 48, 96)
    assert found["left"] == {"left": "open", "never": "open", "returned": "returned"}


@pytest.mark.parametrize("spoil", ["empty", "line", "time", "future", "image"])
def test_SEC_388_refuses_what_it_cannot_count(fleet, tmp_path, capsys, spoil):
    logs, image = fleet
    released = "2030-01-01T00:00:00Z" if spoil == "future" else DATE
    if spoil == "empty":
        logs = tmp_path / "none"
        logs.mkdir()
    elif spoil == "line":
        (logs / "quick.jsonl").write_text("[]\n")
    elif spoil == "time":
        (logs / "quick.jsonl").write_text(record("updateInstalled", "", 26).replace("2026-11", "yesterday"))
    elif spoil == "image":
        image = tmp_path / "nothing"
    words = ["--logs", str(logs), "--image", str(image), "--released", released, "--now", DATE]
    assert deployment.main(words) == 2
    assert capsys.readouterr().err.startswith("deployment: ")
