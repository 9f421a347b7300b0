#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the house that no compiler checks.

    lint.py [--root DIR] [--manifest FILE]

Prints one finding a line, `file:line: rule: reason`. Exit status: 0 no finding, 1 findings,
2 the check itself could not be made. The rules are data: imports.toml says who may import what,
rules.toml lists forbidden words and where; nothing but the standard library is needed.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tomllib

import drivers
import imports
import links
import strays
import twins
import words
from tree import Tree

HERE = pathlib.Path(__file__).resolve().parent


def manifest_of(root, given):
    """The package manifest as SwiftPM reads it."""
    if given:
        return json.loads(pathlib.Path(given).read_text(encoding="utf-8"))
    dump = subprocess.run(
        ["swift", "package", "dump-package"],
        cwd=root, capture_output=True, text=True, check=False,
    )
    if dump.returncode != 0:
        raise OSError(f"swift package dump-package failed:\n{dump.stderr.strip()}")
    return json.loads(dump.stdout)


def findings_in(root, manifest):
    """Every finding in the tree, in the order of file, line and rule."""
    table = tomllib.loads((HERE / "imports.toml").read_text(encoding="utf-8"))
    rules = tomllib.loads((HERE / "rules.toml").read_text(encoding="utf-8"))
    tree = Tree(root)
    found = []
    found += imports.check(tree, manifest, table)
    found += words.check(tree, rules)
    found += drivers.check(tree, rules["drivers"])
    found += links.check(tree)
    found += strays.check(tree, rules["strays"])
    found += twins.check(tree)
    return sorted(set(found)), len(tree.files)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Checks the rules of the house.")
    parser.add_argument("--root", type=pathlib.Path, default=HERE.parent.parent)
    parser.add_argument("--manifest", help="output of `swift package dump-package`")
    options = parser.parse_args(arguments)
    try:
        if not options.root.is_dir():
            raise OSError(f"{options.root} is not a folder")
        found, count = findings_in(options.root, manifest_of(options.root, options.manifest))
    except (OSError, ValueError, KeyError) as error:
        print(f"lint: {error}", file=sys.stderr)
        return 2
    for finding in found:
        print(finding)
    print(f"lint: {count} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
