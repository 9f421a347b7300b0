# SPDX-License-Identifier: Apache-2.0
"""Release notes from two bills of materials: what changed, which weaknesses a release fixes, which stay.

    python -m release_tools.notes --version 2.0.0 --before OLD --after NEW --change KIND [--change KIND]
                                  --udi-before DI --udi-after DI [--json]

OLD and NEW are folders that `make sbom` filled: `sbom.cdx.json` and `vex.openvex.json`. The notes go to the
standard output, as Markdown or as JSON. Exit status: 0 the notes are written; 1 the two releases, or the
device's identifier, contradict what is said of them; 2 wrong input. Nothing is written then.
SPECIMEN - not a medical device.
"""

import argparse
import json
import pathlib
import sys
from typing import NamedTuple

#: Changes after which a device is another one (MDR Annex VI Part C 6.5.2), and those after which only its
#: version is another (6.5.3, 6.5.4).
NEW_DEVICE = {
    "performance": "original performance", "safety": "safety",
    "intended-use": "intended use", "data": "interpretation of data", "algorithm": "new or modified algorithms",
    "database": "database structures", "platform": "operating platform", "architecture": "architecture",
    "interface": "new user interfaces", "channel": "new channels for interoperability"}
SAME_DEVICE = {
    "correction": "correction of errors", "usability": "usability enhancement, not for safety",
    "security": "security patch", "efficiency": "operating efficiency"}

OPEN = ("affected", "under_investigation")
STATUSES = ("not_affected", "fixed", *OPEN)


class WrongInput(Exception):
    """A file or an option is not what it should be."""


class Contradiction(Exception):
    """What is said of the release does not hold."""


class Build(NamedTuple):
    """What one build is made of, and what is known of its weaknesses."""

    components: dict
    statements: dict

    @classmethod
    def read(cls, folder):
        bill = read(pathlib.Path(folder) / "sbom.cdx.json")
        exchange = read(pathlib.Path(folder) / "vex.openvex.json")
        try:
            components = {}
            for part in bill["components"]:
                # The pump's own programs have none; what they are is the release.
                if "purl" not in part:
                    continue
                components[part["purl"].split("@")[0].split("?")[0]] = part.get("version", "")
            statements = {}
            for entry in exchange["statements"]:
                name, status = entry["vulnerability"]["name"], entry["status"]
                if status not in STATUSES:
                    raise WrongInput(f"{folder}: {name} has the status {status}")
                if name in statements:
                    raise WrongInput(f"{folder}: {name} stands there twice")
                parts = sorted({
                    sub["identifiers"]["purl"].split("@")[0].split("?")[0]
                    for product in entry["products"] for sub in product.get("subcomponents", [])})
                text = next((entry[key] for key in (
                    "action_statement", "impact_statement", "status_notes", "justification")
                    if entry.get(key)), "")
                statements[name] = (status, parts, text)
        except (AttributeError, KeyError, TypeError) as error:
            raise WrongInput(f"{folder}: not the files of `make sbom`: {error!r}") from error
        return cls(components, statements)


def read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongInput(f"{path}: {error}") from error


# SEC-420: a release says what it fixes, and nothing is dropped in silence.
def weaknesses(before, after):
    """What the release fixes, what stays open in it, and what was never in it; each with its text."""
    fixed, still, spared = {}, {}, {}
    for name, (status, parts, text) in after.statements.items():
        was = before.statements.get(name, (None, [], ""))[0]
        if status in OPEN:
            if was == "fixed":
                raise Contradiction(f"{name} was fixed before and is {status} again")
            still[name] = (status, text)
        elif status == "fixed":
            if was == "fixed":
                continue
            for part in parts:
                version = before.components.get(part)
                if version is not None and version == after.components.get(part):
                    raise Contradiction(f"{name} is said to be fixed, and {part} is {version} in both releases")
            fixed[name] = (", ".join(parts), text)
        elif was in OPEN:
            spared[name] = (was, text)
    lost = [name for name, (status, _, _) in before.statements.items()
            if status in OPEN and name not in after.statements]
    if lost:
        raise Contradiction(f"nothing is said any more of {', '.join(sorted(lost))}")
    return fixed, still, spared


def identifier(changes, before, after):
    """Why the device keeps its UDI-DI, or has to have another."""
    if not changes:
        raise WrongInput("say with --change what the release changes")
    grave = [change for change in changes if change in NEW_DEVICE]
    reasons = ", ".join((NEW_DEVICE | SAME_DEVICE)[change] for change in (grave or changes))
    if grave and before == after:
        raise Contradiction(f"{reasons}: a new UDI-DI is needed, and {after} is the old one")
    if not grave and before != after:
        raise Contradiction(f"{reasons}: the UDI-DI stays {before}, and {after} was given")
    return f"{'New UDI-DI' if grave else 'UDI-DI as before, another UDI-PI'} {after} ({reasons})"


def notes(version, before, after, changes, udi_before, udi_after):
    fixed, still, spared = weaknesses(before, after)
    old, new = before.components, after.components
    return {
        "version": version,
        "udi": identifier(changes, udi_before, udi_after),
        "fixed": [{"vulnerability": n, "component": c, "text": t} for n, (c, t) in sorted(fixed.items())],
        "open": [{"vulnerability": n, "status": s, "text": t} for n, (s, t) in sorted(still.items())],
        "notAffected": [{"vulnerability": n, "before": s, "text": t} for n, (s, t) in sorted(spared.items())],
        "added": [{"component": c, "version": new[c]} for c in sorted(new.keys() - old.keys())],
        "removed": [{"component": c, "version": old[c]} for c in sorted(old.keys() - new.keys())],
        "changed": [{"component": c, "from": old[c], "to": new[c]}
                    for c in sorted(old.keys() & new.keys()) if old[c] != new[c]],
    }


def markdown(content):
    lines = [f"# Release {content['version']}", "", "SPECIMEN – not a medical device.", "", content["udi"] + "."]
    for key, title, words in (
        ("fixed", "Weaknesses fixed", "{vulnerability} ({component}): {text}"),
        ("open", "Weaknesses that stay", "{vulnerability}, {status}: {text}"),
        ("notAffected", "Found not to matter", "{vulnerability}, {before} before: {text}"),
        ("changed", "Components changed", "{component}: {from} → {to}"),
        ("added", "Components added", "{component} {version}"),
        ("removed", "Components removed", "{component} {version}"),
    ):
        lines += ["", f"## {title}", ""]
        lines += [f"- {words.format(**entry)}" for entry in content[key]] or ["None."]
    return "\n".join(lines) + "\n"


def main(words=None):
    parser = argparse.ArgumentParser(prog="notes", description=__doc__.splitlines()[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--before", required=True, help="folder of the release before")
    parser.add_argument("--after", required=True, help="folder of this release")
    parser.add_argument("--change", action="append", default=[], choices=[*NEW_DEVICE, *SAME_DEVICE])
    parser.add_argument("--udi-before", required=True)
    parser.add_argument("--udi-after", required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    try:
        content = notes(
            options.version, Build.read(options.before), Build.read(options.after), options.change,
            options.udi_before, options.udi_after)
    except WrongInput as error:
        print(f"notes: {error}", file=sys.stderr)
        return 2
    except Contradiction as error:
        print(f"notes: {error}", file=sys.stderr)
        return 1
    print(json.dumps(content, indent=1, sort_keys=True) if options.json else markdown(content), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
