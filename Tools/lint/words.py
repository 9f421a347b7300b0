# SPDX-License-Identifier: Apache-2.0
"""Words that do not belong somewhere, and the licence line that belongs everywhere."""

import re

from tree import Finding, line_of


def check(tree, rules):
    """The findings of the forbidden words and of the licence line."""
    return [f for rule in rules["word"] for f in _word(tree, rule)] + _licence(
        tree, rules["licence"]
    )


def _word(tree, rule):
    pattern = re.compile(rule["pattern"])
    for name in tree.matching(rule["in"], rule.get("except", ())):
        text = tree.code(name) if rule.get("code_only") else tree.text(name)
        for match in pattern.finditer(text):
            yield Finding(
                name,
                line_of(text, match.start()),
                rule["rule"],
                f"'{match.group().strip()}': {rule['reason']}",
            )


def _licence(tree, rule):
    return [
        Finding(name, 1, "licence", f"no '{rule['line']}' in the first {rule['within']} lines")
        for name in tree.matching(rule["in"], rule.get("except", ()))
        if not any(rule["line"] in line for line in tree.text(name).splitlines()[: rule["within"]])
    ]
