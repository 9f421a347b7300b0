# SPDX-License-Identifier: Apache-2.0
"""Risk-control ids: each one that is named exists, and exists once.

The pattern is wider than the format on purpose: an id written wrongly must be seen, not missed.
"""

import re

from tree import Finding, line_of

RULE = "markers"
_ANY_ID = re.compile(r"(?<![A-Za-z0-9])RC[-_]?[0-9]+(?![0-9A-Za-z])")
_ID = re.compile(r"RC-[0-9]{3}")


def check(tree, rule):
    """The findings about ids in the sources, the tests and the documents."""
    register = rule["register"]
    if register not in tree.files:
        return [Finding(register, 1, RULE, "the register of risk controls is missing")]
    known, found = _known(tree.text(register), register)
    for name in tree.matching(rule["in"]):
        text = tree.text(name)
        for match in _ANY_ID.finditer(text):
            said = match.group()
            if not _ID.fullmatch(said):
                reason = f"'{said}' is not written as RC- and three digits"
            elif said not in known:
                reason = f"{said} is not in {register}"
            else:
                continue
            found.append(Finding(name, line_of(text, match.start()), RULE, reason))
    return found


def _known(text, register):
    known, found = set(), []
    for match in re.finditer(r"^\*\*UID\*\*:[ ]*(\S+)", text, re.MULTILINE):
        uid, line = match.group(1), line_of(text, match.start())
        if not _ID.fullmatch(uid):
            found.append(Finding(register, line, RULE, f"'{uid}' is no id of a risk control"))
        elif uid in known:
            found.append(Finding(register, line, RULE, f"{uid} is given twice"))
        known.add(uid)
    return known, found
