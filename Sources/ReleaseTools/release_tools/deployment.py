# SPDX-License-Identifier: Apache-2.0
"""How long a release takes to reach the pumps: figures from their audit logs.

    pumpctl audit show LOG --last 10000 --json > FOLDER/PUMP.jsonl           # once for each pump
    python -m release_tools.deployment --logs FOLDER --image FILE --released 2026-11-26T08:00:00Z [--now TIME]

A pump has the release when its log says `updateInstalled` (or `libraryActivated`, `configurationChanged`) of a
content with the SHA-256 of the file, and no later return from it. Times are those of the pumps' own clocks.
The figures go to the standard output as JSON. Exit status: 0 written; 2 wrong input.
A log is believed here: check it with `pumpctl audit verify` where it was fetched. SPECIMEN - not a medical device.
"""

import argparse
import hashlib
import json
import pathlib
import sys
from datetime import datetime, timezone

INSTALLED = ("updateInstalled", "libraryActivated", "configurationChanged")


class WrongInput(Exception):
    """A file or an option is not what it should be."""


def when(text):
    """A time in UTC, to the second or finer."""
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (AttributeError, ValueError) as error:
        raise WrongInput(f"'{text}' is no time: {error}") from error
    if time.tzinfo is None:
        raise WrongInput(f"'{text}' does not say its zone")
    return time.astimezone(timezone.utc)


def events(path):
    """What a log says of updates, in its order: (event, SHA-256, time)."""
    found = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record["event"] in (*INSTALLED, "updateRolledBack"):
                found.append((record["event"], record.get("payload", ""), when(record["wall"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WrongInput(f"{path.name}: not what `pumpctl audit show --json` writes: {error!r}") from error
    return found


def state(found, digest):
    """Since when a pump has the content: a time, or why it has none."""
    since, returned = None, False
    for event, payload, time in found:
        if event in INSTALLED:
            # Another release of the same kind takes its place; which kind it was, the event says.
            since = time if payload == digest else (since if event != INSTALLED[0] else None)
        elif payload == digest:
            since, returned = None, True
    return since, "returned" if returned and since is None else "open"


# SEC-388: patch-to-deploy, with the pumps that are left named.
def figures(logs, digest, released, now):
    hours, left = [], {}
    for name, found in sorted(logs.items()):
        since, why = state(found, digest)
        if since is None:
            left[name] = why
        else:
            hours.append(max(0.0, (since - released).total_seconds() / 3600))
    hours.sort()
    # The lower one of two in the middle: a figure that a pump really had.
    median = hours[(len(hours) - 1) // 2] if hours else None
    return {"sha256": digest, "pumps": len(logs), "deployed": len(hours),
            "share": round(len(hours) / len(logs), 4), "medianHours": median,
            "longestHours": hours[-1] if hours else None,
            "hoursSinceRelease": (now - released).total_seconds() / 3600, "left": left}


def main(words=None):
    parser = argparse.ArgumentParser(prog="deployment", description=__doc__.splitlines()[0])
    parser.add_argument("--logs", type=pathlib.Path, required=True)
    parser.add_argument("--image", type=pathlib.Path, required=True)
    parser.add_argument("--released", required=True)
    parser.add_argument("--now", default=datetime.now(timezone.utc).isoformat())
    options = parser.parse_args(words)
    try:
        released, now = when(options.released), when(options.now)
        if now < released:
            raise WrongInput("it is released in the future")
        try:
            digest = hashlib.sha256(options.image.read_bytes()).hexdigest()
        except OSError as error:
            raise WrongInput(str(error)) from error
        logs = {path.stem: events(path) for path in options.logs.glob("*.jsonl")}
        if not logs:
            raise WrongInput(f"{options.logs} has no *.jsonl")
        print(json.dumps(figures(logs, digest, released, now), indent=1))
    except WrongInput as error:
        print(f"deployment: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
