# SPDX-License-Identifier: Apache-2.0
"""A security advisory (CSAF 2.0) from the notes of a release.

    python -m release_tools.notes … --json > notes.json
    python -m release_tools.advisory --notes notes.json --before-version 1.0.0 --id RP-2026-001
                                     --date 2026-11-26T08:00:00Z [--previous OLD.json]

The advisory goes to the standard output; its file's name, as CSAF has it, is the id in small letters with
`.json`. With --previous it is the next revision of that advisory. Exit status: 0 it is written; 1 the notes
say nothing that an advisory is for, or the previous one contradicts it; 2 wrong input.
SPECIMEN - not a medical device.
"""

import argparse
import json
import pathlib
import re
import sys
from datetime import datetime

PRODUCT = "ReferencePump"
VENDOR = "ReferencePump project"
NAMESPACE = "https://reference-pump.invalid"
CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]{0,63}")


class WrongInput(Exception):
    """A file or an option is not what it should be."""


class NothingToSay(Exception):
    """There is no advisory to write."""


def note(category, text, title=None):
    return {"category": category, "text": text, **({"title": title} if title else {})}


def vulnerability(name, text, products, remedy=None, threat=None):
    """One weakness; a name that is no CVE number is an id of our own."""
    entry = {"cve": name} if CVE.fullmatch(name) else {
        "ids": [{"system_name": VENDOR, "text": name}]}
    entry["notes"] = [note("description", text or name)]
    entry["product_status"] = products
    if remedy:
        category, details, ids = remedy
        entry["remediations"] = [{"category": category, "details": details, "product_ids": ids}]
    if threat:
        details, ids = threat
        entry["threats"] = [{"category": "impact", "details": details, "product_ids": ids}]
    return entry


# SEC-387: what is fixed, what stays and what never mattered, each with the versions that it is about.
def vulnerabilities(notes, old, new):
    found = []
    for entry in notes["fixed"]:
        found.append(vulnerability(
            entry["vulnerability"], entry["text"], {"known_affected": [old], "fixed": [new]},
            ("vendor_fix", f"Install release {notes['version']}.", [old])))
    for entry in notes["open"]:
        # One that is still looked into has no conclusion to advise on: it stands in a note.
        if entry["status"] == "affected":
            found.append(vulnerability(
                entry["vulnerability"], entry["text"], {"known_affected": [new]},
                ("none_available", entry["text"] or "No release mends it yet.", [new])))
    for entry in notes["notAffected"]:
        found.append(vulnerability(
            entry["vulnerability"], entry["text"], {"known_not_affected": [new]},
            threat=(entry["text"] or "The pump does not use it.", [new])))
    if not found:
        raise NothingToSay("the notes have no conclusion about any weakness")
    return found


def looked_into(notes):
    names = [entry["vulnerability"] for entry in notes["open"] if entry["status"] != "affected"]
    return [note("details", ", ".join(names), "Under investigation")] if names else []


def branch(version):
    name = f"{VENDOR} {PRODUCT} {version}"
    return {"category": "product_version", "name": version,
            "product": {"product_id": f"{PRODUCT}-{version}", "name": name}}


def tracking(identifier, date, version, previous):
    """The history of the advisory; an old revision is never rewritten."""
    history, first = [], date
    if previous is not None:
        held = previous["document"]["tracking"]
        if held["id"] != identifier:
            raise NothingToSay(f"the previous advisory is {held['id']}")
        if held["current_release_date"] >= date:
            raise NothingToSay("the previous advisory is not older than this one")
        history, first = held["revision_history"], held["initial_release_date"]
    number = str(len(history) + 1)
    history = [*history, {"date": date, "number": number, "summary": f"Release {version}"}]
    return {"id": identifier, "status": "final", "version": number, "initial_release_date": first,
            "current_release_date": date, "revision_history": history,
            "generator": {"engine": {"name": "release_tools.advisory"}}}


def advisory(notes, before_version, identifier, date, previous=None):
    if before_version == notes["version"]:
        raise WrongInput("the release before has the same version")
    old, new = branch(before_version), branch(notes["version"])
    return {
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "lang": "en",
            "title": f"{PRODUCT} {notes['version']}: weaknesses fixed and left",
            "distribution": {"tlp": {"label": "WHITE"}},
            "publisher": {"category": "vendor", "name": VENDOR, "namespace": NAMESPACE},
            "notes": [note("legal_disclaimer", "SPECIMEN - not a medical device."),
                      note("summary", notes["udi"] + ".", "Device identifier"),
                      *looked_into(notes)],
            "tracking": tracking(identifier, date, notes["version"], previous)},
        "product_tree": {"branches": [{
            "category": "vendor", "name": VENDOR, "branches": [{
                "category": "product_name", "name": PRODUCT, "branches": [old, new]}]}]},
        "vulnerabilities": vulnerabilities(
            notes, old["product"]["product_id"], new["product"]["product_id"])}


def read(path):
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongInput(f"{path}: {error}") from error


def main(words=None):
    parser = argparse.ArgumentParser(prog="advisory", description=__doc__.splitlines()[0])
    parser.add_argument("--notes", required=True, help="what release_tools.notes --json wrote")
    parser.add_argument("--before-version", required=True)
    parser.add_argument("--id", required=True)
    parser.add_argument("--date", required=True, help="YYYY-MM-DDTHH:MM:SSZ")
    parser.add_argument("--previous", help="the advisory of which this is the next revision")
    options = parser.parse_args(words)
    try:
        if not IDENTIFIER.fullmatch(options.id):
            raise WrongInput("--id: letters, digits and + _ . -")
        try:
            datetime.strptime(options.date, "%Y-%m-%dT%H:%M:%SZ")
        except ValueError as error:
            raise WrongInput(f"--date: {error}") from error
        previous = read(options.previous) if options.previous else None
        try:
            made = advisory(read(options.notes), options.before_version, options.id, options.date, previous)
        except (KeyError, TypeError, AttributeError) as error:
            raise WrongInput(f"not notes, or not an advisory: {error!r}") from error
    except WrongInput as error:
        print(f"advisory: {error}", file=sys.stderr)
        return 2
    except NothingToSay as error:
        print(f"advisory: {error}", file=sys.stderr)
        return 1
    print(json.dumps(made, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
