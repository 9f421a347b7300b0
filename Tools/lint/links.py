# SPDX-License-Identifier: Apache-2.0
"""Relative links of the Markdown documents: the file is there, and so is the heading."""

import pathlib
import posixpath
import re
import urllib.parse

from tree import Finding, line_of

RULE = "links"
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_CODE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def check(tree):
    """The findings about relative links that lead nowhere."""
    found = []
    for name in tree.matching(["*.md"]):
        text = _without_code(tree.text(name))
        for match in _LINK.finditer(text):
            reason = _broken(tree, name, match.group(1))
            if reason:
                found.append(Finding(name, line_of(text, match.start()), RULE, reason))
    return found


def anchors_of(text):
    """The anchors a forge gives the headings of a document, in their order."""
    anchors = []
    for match in _HEADING.finditer(_without_blocks(text)):
        words = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", match.group(1)).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        same = sum(1 for anchor in anchors if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", anchor))
        anchors.append(f"{slug}-{same}" if same else slug)
    return anchors


def _broken(tree, name, target):
    if _ELSEWHERE.match(target):
        return None
    path, _, anchor = urllib.parse.unquote(target).partition("#")
    folder = pathlib.PurePosixPath(name).parent.as_posix()
    file = posixpath.normpath(posixpath.join(folder, path)) if path else name
    if file.startswith("../") or path.startswith("/"):
        return f"'{target}' leads out of the project"
    if not (tree.root / file).exists():
        return f"'{target}' leads to nothing"
    if anchor and file in tree.files and file.endswith(".md"):
        if anchor not in anchors_of(tree.text(file)):
            return f"'{target}': {file} has no such heading"
    return None


def _blanked(match):
    return re.sub(r"[^\n]", " ", match.group())


def _without_code(text):
    return _CODE.sub(_blanked, text)


def _without_blocks(text):
    return re.sub(r"^(```|~~~).*?^\1[^\n]*$", _blanked, text, flags=re.MULTILINE | re.DOTALL)
