# SPDX-License-Identifier: Apache-2.0
"""A drug library and a configuration from the hospital's desk to the pump's panel."""

import json
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
from release_tools import release as release_desk
from release_tools import site
from release_tools.bundle import entries_for, pack
from release_tools.repository import Repository, seeded_signer, terms
from test_corpus import Device, built  # noqa: F401
from test_slots import (  # noqa: F401
    GOOD, agree, attend, audit, events, install, key_in, keys, sees, sign_in, start_pump, wait_for_event)
from tuf_server import programs
from people import add, commission

NOW = datetime.now(timezone.utc).replace(microsecond=0)
LATER = NOW + timedelta(days=30)


def library(name="Example hospital", rate=(100, 500, 20_000, 50_000)):
    return json.dumps({"format": 1, "name": name, "careAreas": [{"name": "ICU", "drugs": [
        {"drug": "Noradrenaline", "rateMicrolitresPerHour": list(rate)}]}]}).encode()


class Publisher:
    """A manufacturer whose targets two people sign, and a hospital with three people."""

    def __init__(self, threshold=2):
        self.repository = Repository(
            keys={"targets": 3}, thresholds={"targets": threshold}).publish_first()
        self.root = self.repository.metadata["1.root.json"]
        self.people = [(person, seeded_signer(person)) for person in ("a.meier", "b.kaya", "c.roy")]

    def configuration(self, threshold=2, people=None, name="Example hospital"):
        return site.configuration(
            name, threshold, [(person, signer.public_key) for person, signer in people or self.people])

    def approval(self, kind, version, release, content, people=(0, 1), expires=LATER):
        signed = site.approval(kind, version, release, content, expires)
        return site.approve(signed, [self.people[index][1] for index in people])

    def bundle(self, kind, version, release, content, approval=None, security=1, hardware=None):
        custom = terms(version, release, security, kind=kind)
        if hardware:
            custom["hardware"] = [hardware]
        self.repository.add_target(kind, content, custom)
        self.repository.publish()
        return pack(entries_for(self.repository.metadata, kind, content, approval=approval))


@pytest.fixture
def publisher():
    return Publisher()


@pytest.fixture
def device(tmp_path, publisher):
    return Device(tmp_path, publisher.root, GOOD % b"5.0")


def activate(device, pump):
    """A person at the panel agrees, and the updater that asked has switched."""
    return agree(device, pump)


def test_SEC_380_SYS_097_SRS_194_a_library_is_taken_in_agreed_to_and_shown(
        tmp_path, publisher, device, start_pump):
    pump = start_pump("none")
    assert "drugLibrary" not in device.json("status")
    assert device.run("library").stderr.startswith("no-library: ")
    content = library()
    assert device.take(publisher.bundle("drug-library", "4.2", 7, content)) is None
    status = device.json("status")
    # Taken in and not yet active; the firmware is as it was.
    assert status["drugLibrary"]["phase"] == "staged" and "active" not in status["drugLibrary"]
    assert status["phase"] == "idle" and status["running"]["version"] == "5.0"
    assert "active      4.2" in activate(device, pump)
    held = device.json("status")["drugLibrary"]
    assert (held["phase"], held["active"]["version"]) == ("idle", "4.2")
    shown = json.loads(subprocess.run(
        [programs() / "pumpctl", "update", "library", "--state", device.state, "--json"],
        capture_output=True, text=True, check=True, timeout=60).stdout)
    assert shown["sha256"] == held["sha256"] and shown["name"] == "Example hospital"
    assert shown["careAreas"][0]["drugs"] == [
        {"drug": "Noradrenaline", "rateMicrolitresPerHour": [100, 500, 20_000, 50_000]}]
    assert "Noradrenaline: µL/h 500 to 20000" in device.run("library").stdout
    history = json.loads(device.run("history", "--kind", "drug-library", "--json").stdout)
    assert [entry["outcome"] for entry in history] == ["installed", "confirmed"]


def test_SRS_195_SYS_097_the_audit_log_has_version_and_digest(tmp_path, publisher, device, start_pump, attend):
    pump = start_pump("none")
    content = library()
    assert device.take(publisher.bundle("drug-library", "4.2", 7, content)) is None
    activate(device, pump)
    attend(device, pump)
    wait_for_event(pump, "libraryActivated")
    found = {record["event"]: record for record in audit(pump)}
    digest = device.json("status")["drugLibrary"]["sha256"]
    for event in ("libraryInstalled", "libraryActivated"):
        record = found[event]
        assert record["reference"] == "4.2" and record["a"] == int(digest[:8], 16), record
        assert record["payload"] == digest, record
    assert device.take(publisher.bundle("configuration", "1.0", 1, publisher.configuration())) is None
    wait_for_event(pump, "updateStaged")
    assert events(pump).count("libraryActivated") == 1


@pytest.mark.parametrize("case", [
    "hardware", "order", "size", "form", "one-signer", "old", "insecure", "kind", "damaged"])
def test_SEC_036_SEC_380_SEC_381_SEC_383_a_library_that_may_not_be_active_is_refused(tmp_path, case, publisher):
    if case == "one-signer":
        publisher = Publisher(threshold=1)
    device = Device(tmp_path, publisher.root, GOOD % b"5.0")
    content, wanted, words = library(), None, {}
    if case == "hardware":
        words, wanted = {"hardware": "another-pump"}, "wrong-hardware"
    elif case == "order":
        content, wanted = library(rate=(500, 100, 20_000, 50_000)), "bad-content"
    elif case == "size":
        content, wanted = library() + b" " * 262_144, "too-large"
    elif case == "form":
        content, wanted = b"#!/bin/sh\n", "bad-content"
    elif case == "one-signer":
        wanted = "too-few-signatures"
    bundle = publisher.bundle("drug-library", "4.2", 7, content, **words)
    if case in ("old", "insecure"):
        assert device.take(bundle) is None
        pump_state = device.run("rollback", "--kind", "drug-library")
        assert pump_state.returncode == 0
        folder = device.state / "drug-library"
        if case == "old":
            text = (folder / "journal").read_text().replace('"releaseCounter":0', '"releaseCounter":8')
            (folder / "journal").write_text(text)
            bundle, wanted = publisher.bundle("drug-library", "4.3", 7, content), "old-release"
        else:
            (folder / "floor").write_text("2")
            bundle, wanted = publisher.bundle("drug-library", "4.3", 8, content), "insecure-version"
    elif case == "kind":
        bundle = publisher.bundle("recipe", "4.3", 8, content)
        wanted = "bad-terms"
    elif case == "damaged":
        bundle = bundle[:-1] + b" "
        wanted = "wrong-hash"
    assert device.take(bundle) == wanted
    assert device.json("history")[-1]["reason"] == wanted
    status = device.json("status")
    assert status["running"]["version"] == "5.0" and status["phase"] == "idle"
    held = status.get("drugLibrary", {})
    assert "candidate" not in held and ("active" not in held or case == "old")


def test_SEC_036_SEC_384_SEC_383_RC_133_a_site_with_approvers_takes_nothing_without_them(
        tmp_path, publisher, device, start_pump):
    pump = start_pump("none")
    # Before there is a configuration nobody's approval is asked for, and an approval does no harm.
    assert device.take(publisher.bundle("configuration", "1.0", 1, publisher.configuration())) is None
    activate(device, pump)
    status = device.json("status")["configuration"]
    assert (status["phase"], status["active"]["version"]) == ("idle", "1.0")
    content = library()
    kind = "drug-library"

    def offered(approval, version="4.2", release=7):
        return device.take(publisher.bundle(kind, version, release, content, approval))

    good = publisher.approval(kind, "4.2", 7, content)
    other = json.loads(good)
    doubled = json.loads(good)
    doubled["signatures"][1] = doubled["signatures"][0]
    other["signed"]["version"] = "4.3"
    stranger = site.approve(site.approval(kind, "4.2", 7, content, LATER),
                            [publisher.people[0][1], seeded_signer("mallory")])
    for approval in [
            None, b"", b"{}", publisher.approval(kind, "4.2", 7, content, people=(0,)),
            publisher.approval(kind, "4.2", 7, content, people=()), json.dumps(doubled).encode(), stranger,
            json.dumps(other).encode(), publisher.approval(kind, "4.2", 8, content),
            publisher.approval("configuration", "4.2", 7, content),
            publisher.approval(kind, "4.2", 7, library("another")),
            publisher.approval(kind, "4.2", 7, content, expires=NOW - timedelta(seconds=1))]:
        assert offered(approval) == "not-approved", approval
    assert device.json("status").get("drugLibrary", {}).get("candidate") is None
    # Two of the three, and no two in particular; more than needed does no harm.
    for people in [(0, 1), (2, 0), (0, 1, 2)]:
        assert offered(publisher.approval(kind, "4.2", 7, content, people)) is None
    shown = device.bundle.write_bytes(
        publisher.bundle(kind, "4.2", 7, content, publisher.approval(kind, "4.2", 7, content, (2, 1))))
    assert shown and "approved    b.kaya, c.roy" in device.run("check", str(device.bundle)).stdout
    # Neither can the approvers be taken away without their approval.
    freed = site.configuration("Example hospital", 2, [])
    assert device.take(publisher.bundle("configuration", "1.1", 2, freed)) == "not-approved"
    approved = publisher.approval("configuration", "1.1", 2, freed)
    assert device.take(publisher.bundle("configuration", "1.1", 2, freed, approved)) is None
    # Firmware is the manufacturer's alone.
    publisher.repository.add_target("pump", GOOD % b"6.0", terms("6.0", 6, 3))
    publisher.repository.publish()
    assert device.take(pack(entries_for(publisher.repository.metadata, "pump", GOOD % b"6.0"))) is None


@pytest.mark.parametrize("text", [
    {"threshold": 1}, {"threshold": 4}, {"keys": []}, {"extra": 1}, {"twice": True}, {"spelt": True}])
def test_SEC_383_a_configuration_whose_approval_is_not_two_people_s_is_refused(tmp_path, publisher, device, text):
    node = json.loads(publisher.configuration())
    held = node["approval"]
    if "twice" in text:
        held["keys"][1] = dict(held["keys"][0], person="b.kaya")
    elif "spelt" in text:
        # One key in two spellings is one person.
        key = held["keys"][0]
        public = key["keyval"]["public"].upper()
        held["keys"] = [key, dict(key, person="b.kaya", keyval={"public": public})]
    else:
        held.update(text)
    content = json.dumps(node).encode()
    assert device.take(publisher.bundle("configuration", "1.0", 1, content)) == "bad-content"


def test_SEC_382_RC_134_a_library_is_not_activated_during_an_infusion(tmp_path, publisher, device, start_pump):
    pump = start_pump("demo")
    pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
    before = pump.state()
    assert device.take(publisher.bundle("drug-library", "4.2", 7, library())) is None
    done = install(device, pump.run)
    assert done.returncode == 1 and done.stderr.startswith("therapy: "), done.stderr
    held = device.json("status")["drugLibrary"]
    assert held["phase"] == "staged" and "active" not in held
    after = pump.state()
    assert after["state"] == "infusing" and after["delivered"] > before["delivered"]


def test_SEC_382_SEC_393_a_pharmacist_activates_a_library_at_the_panel_and_a_nurse_does_not(
        tmp_path, publisher, device, start_pump, attend):
    pin = "739154"
    pump = start_pump("none")
    root = commission(pump, tmp_path)
    add(root, pump, tmp_path, "nurse", "clinician", badge="14", secret=pin)
    add(root, pump, tmp_path, "apothecary", "pharmacist", badge="21", secret=pin)
    sign_in(pump, "14", pin)
    assert device.take(publisher.bundle("drug-library", "4.2", 7, library())) is None
    attend(device, pump)
    sees(pump, "Drug library waits")
    key_in(pump, "start", "ok")
    sees(pump, "Not permitted now")
    key_in(pump, "left", "left", "ok")
    sees(pump, "Signed off")
    sees(pump, "LEFT to sign in")
    key_in(pump, "left", "ok", *keys("21"), "ok", *keys(pin), "ok")
    sees(pump, "Signed in")
    assert device.take(publisher.bundle("drug-library", "4.3", 8, library("Another"))) is None
    sees(pump, "4.3")
    key_in(pump, "start")
    sees(pump, "At once")
    key_in(pump, "ok")
    sees(pump, "PIN again")
    key_in(pump, *keys(pin), "ok")
    sees(pump, "Drug library waits")
    key_in(pump, "start", "ok")
    wait_for_event(pump, "libraryActivated")
    assert device.json("status")["drugLibrary"]["active"]["version"] == "4.3"
    agreed, = [record for record in audit(pump) if record.get("reference") == "update agreed"]
    # 2 is the pharmacist's role.
    assert agreed["role"] == 2


def test_SEC_384_the_desks_make_what_a_pump_takes(tmp_path, monkeypatch):
    monkeypatch.setenv("PUMP_RELEASE_PASSPHRASE", "a passphrase of the test")
    monkeypatch.setenv("PUMP_SITE_PASSPHRASE", "another passphrase of the test")
    where = ["--repository", str(tmp_path / "repository")]
    signing = [*where, "--keys", str(tmp_path / "keys")]
    assert release_desk.main(["ceremony", *signing]) == 0
    for person in ("a.meier", "b.kaya"):
        assert site.main(["key", "--person", person, "--out", str(tmp_path / f"{person}.pem")]) == 0
    file = tmp_path / "library.json"
    file.write_bytes(library())
    approval = tmp_path / "approval.json"
    words = ["--approval", str(approval), "--kind", "drug-library", "--version", "4.2", "--release", "7",
             "--content", str(file)]
    assert site.main(["approve", "--key", str(tmp_path / "a.meier.pem"), *words]) == 0
    # The same person is not two, and the second signs what the first one did.
    assert site.main(["approve", "--key", str(tmp_path / "a.meier.pem"), *words]) == 1
    assert site.main(["approve", "--key", str(tmp_path / "b.kaya.pem"), *words]) == 0
    assert len(json.loads(approval.read_bytes())["signatures"]) == 2
    people = [word for person in ("a.meier", "b.kaya")
              for word in ("--person", person, str(tmp_path / f"{person}.pub"))]
    made = tmp_path / "site.json"
    assert site.main(["configuration", "--site", "Example", "--threshold", "1", *people, "--out",
                      str(made)]) == 1
    assert site.main(["configuration", "--site", "Example", *people, "--out", str(made)]) == 0
    assert release_desk.main(["publish", *signing, "--kind", "drug-library", "--image", str(file),
                              "--version", "4.2", "--release", "7", "--security", "1"]) == 0
    out = tmp_path / "library.bundle"
    assert release_desk.main(["bundle", *where, "--kind", "drug-library", "--approval", str(approval),
                              "--out", str(out)]) == 0
    device = Device(tmp_path, (tmp_path / "repository/metadata/1.root.json").read_bytes())
    # A configuration of the desk's making, active as after an agreement at the panel.
    assert device.take(out.read_bytes()) is None
    assert device.json("status")["drugLibrary"]["candidate"]["version"] == "4.2"
