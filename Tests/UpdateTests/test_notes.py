# SPDX-License-Identifier: Apache-2.0
"""Release notes from two bills of materials, and the question whether the device is still the same."""

import json

import pytest
from release_tools import notes

OPENSSL, SQLITE = "pkg:deb/debian/openssl", "pkg:deb/debian/sqlite3"


@pytest.fixture
def build(tmp_path):
    """A function that writes what `make sbom` writes."""

    def write(name, components, statements=()):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "sbom.cdx.json").write_text(json.dumps({"components": [
            {"name": purl, "purl": f"{purl}@{version}?arch=amd64", "version": version}
            for purl, version in components.items()] + [
                {"type": "application", "name": "pump-controld", "version": "0.1.0"}]}))
        (folder / "vex.openvex.json").write_text(json.dumps({"statements": [
            {"vulnerability": {"name": cve}, "status": status, "action_statement": f"about {cve}",
             "products": [{"@id": program, "subcomponents": [{"identifiers": {"purl": purl}}]}
                          for program in ("pump-controld", "pump-safetyd")]}
            for cve, status, purl in statements]}))
        return folder

    return write


def run(before, after, *more, changes=("security",), udi=("1", "1")):
    words = ["--version", "2.0.0", "--before", str(before), "--after", str(after),
             "--udi-before", udi[0], "--udi-after", udi[1], *more]
    for change in changes:
        words += ["--change", change]
    return notes.main(words)


def test_SEC_420_says_what_is_fixed_what_stays_and_what_changed(build, capsys):
    before = build("old", {OPENSSL: "3.0.1", SQLITE: "3.40"},
                   [("CVE-1", "affected", OPENSSL), ("CVE-2", "under_investigation", SQLITE),
                    ("CVE-3", "fixed", OPENSSL)])
    after = build("new", {OPENSSL: "3.0.2", "pkg:deb/debian/zlib": "1.3"},
                  [("CVE-1", "fixed", OPENSSL), ("CVE-2", "not_affected", SQLITE),
                   ("CVE-3", "fixed", OPENSSL), ("CVE-4", "affected", OPENSSL)])
    assert run(before, after, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["fixed"] == [{"vulnerability": "CVE-1", "component": OPENSSL, "text": "about CVE-1"}]
    assert found["open"] == [{"vulnerability": "CVE-4", "status": "affected", "text": "about CVE-4"}]
    assert found["notAffected"] == [
        {"vulnerability": "CVE-2", "before": "under_investigation", "text": "about CVE-2"}]
    assert found["changed"] == [{"component": OPENSSL, "from": "3.0.1", "to": "3.0.2"}]
    assert found["added"] == [{"component": "pkg:deb/debian/zlib", "version": "1.3"}]
    assert found["removed"] == [{"component": SQLITE, "version": "3.40"}]
    assert run(before, after) == 0
    text = capsys.readouterr().out
    assert text.startswith("# Release 2.0.0\n\nSPECIMEN") and f"- CVE-1 ({OPENSSL}): about CVE-1\n" in text


@pytest.mark.parametrize("old, new, said", [
    ([("CVE-1", "affected", OPENSSL)], [], "nothing is said any more of CVE-1"),
    ([("CVE-1", "fixed", OPENSSL)], [("CVE-1", "affected", OPENSSL)], "affected again"),
    ([("CVE-1", "affected", OPENSSL)], [("CVE-1", "fixed", OPENSSL)], "is 3.0.1 in both releases"),
])
def test_SEC_420_refuses_what_the_two_releases_contradict(build, capsys, old, new, said):
    before = build("old", {OPENSSL: "3.0.1"}, old)
    after = build("new", {OPENSSL: "3.0.1"}, new)
    assert run(before, after) == 1
    answer = capsys.readouterr()
    assert said in answer.err and answer.out == ""


@pytest.mark.parametrize("change", sorted(notes.NEW_DEVICE))
def test_SEC_420_a_grave_change_needs_another_identifier(build, capsys, change):
    before, after = build("old", {}), build("new", {})
    assert run(before, after, changes=["correction", change]) == 1
    assert "a new UDI-DI is needed" in capsys.readouterr().err
    assert run(before, after, changes=["correction", change], udi=("1", "2")) == 0
    assert "New UDI-DI 2" in capsys.readouterr().out


@pytest.mark.parametrize("change", sorted(notes.SAME_DEVICE))
def test_SEC_420_a_small_change_keeps_the_identifier(build, capsys, change):
    before, after = build("old", {}), build("new", {})
    assert run(before, after, changes=[change], udi=("1", "2")) == 1
    assert "stays 1" in capsys.readouterr().err
    assert run(before, after, changes=[change]) == 0
    assert "another UDI-PI" in capsys.readouterr().out


@pytest.mark.parametrize("name, text", [
    ("sbom.cdx.json", "{"), ("sbom.cdx.json", "[]"), ("sbom.cdx.json", '{"components": [7]}'),
    ("vex.openvex.json", '{"statements": 3}'), ("vex.openvex.json", '{"statements": [7]}'),
    ("vex.openvex.json", '{"statements": [{"vulnerability": {"name": "CVE-1"}, "status": "well"}]}'),
])
def test_refuses_files_that_are_none(build, capsys, name, text):
    before, after = build("old", {}), build("new", {})
    (after / name).write_text(text)
    assert run(before, after) == 2
    answer = capsys.readouterr()
    assert answer.err.startswith("notes: ") and answer.out == ""


def test_refuses_to_guess_what_changed(build, capsys):
    assert run(build("old", {}), build("new", {}), changes=()) == 2
    assert "--change" in capsys.readouterr().err


def test_refuses_a_folder_that_is_not_there(build, tmp_path):
    assert run(build("old", {}), tmp_path / "none") == 2
