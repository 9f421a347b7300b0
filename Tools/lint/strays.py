# SPDX-License-Identifier: Apache-2.0
"""What lies at the top of the tree: what has a place there, and nothing that a tool left behind."""

from tree import SKIPPED_FOLDERS, Finding

RULE = "strays"


def check(tree, rules):
    """The findings about files and folders that have no place at the top."""
    return [
        Finding(name, 1, RULE, "has no place at the top of the tree; see strays in rules.toml")
        for name in tree.top
        if name not in rules["top"] and name not in SKIPPED_FOLDERS and not name.startswith(".build")
    ]
