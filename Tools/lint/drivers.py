# SPDX-License-Identifier: Apache-2.0
"""A chip driver knows its bus and nothing of other chips.

All drivers are one module, so no import tells. Each chip has a folder; a type declared at the
top of one chip's folder may not be named in another's. Files beside the folders are shared.
"""

import pathlib
import re

from tree import Finding, line_of

_DECLARED = re.compile(
    r"^(?:@\w+(?:\([^)\n]*\))?[ \t]+)*(?:[a-z]+[ \t]+)*"
    r"(?:struct|class|enum|actor|protocol|typealias)[ \t]+(\w+)",
    re.MULTILINE,
)


def check(tree, rule):
    """The findings about drivers that name one another."""
    home = rule["folder"]
    owners = {}
    files = []
    for name in tree.matching([home + "/*/*.swift"]):
        chip = pathlib.PurePosixPath(name).relative_to(home).parts[0]
        if chip in rule["shared"]:
            continue
        files.append((name, chip))
        for match in _DECLARED.finditer(tree.code(name)):
            owners.setdefault(match.group(1), chip)
    found = []
    for name, chip in files:
        code = tree.code(name)
        for match in re.finditer(r"\w+", code):
            owner = owners.get(match.group(), chip)
            if owner != chip:
                found.append(
                    Finding(
                        name,
                        line_of(code, match.start()),
                        "drivers",
                        f"the driver of {chip} names {match.group()} of {owner}; "
                        "a driver imports no other driver",
                    )
                )
    return found
