# SPDX-License-Identifier: Apache-2.0
"""Python tests of one name: pytest imports them by it, and the second stops the collection of all."""

import pathlib

from tree import Finding

RULE = "twins"


def check(tree):
    """The findings about test files that have the name of another."""
    found, first = [], {}
    for name in tree.matching(["Tests/*/test_*.py"]):
        base = pathlib.PurePosixPath(name).name
        if base in first:
            found.append(Finding(name, 1, RULE, f"{first[base]} has the same name"))
        first.setdefault(base, name)
    return found
