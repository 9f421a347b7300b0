# SPDX-License-Identifier: Apache-2.0
"""Swift text reduced to code: comments, string text and raw identifiers become blanks.

Offsets and line numbers stay as they were. The expressions inside `\\(…)` are code and stay.
Regular-expression literals are read as code; the project has none.
"""

import re

_OPENING = re.compile(r'#*"""|#*"')
_PLAIN_NAME = re.compile(r"\w+")


def code_only(text):
    """The code of a Swift file, with everything else blanked."""
    kept = []
    position = 0
    while position < len(text):
        position = _code(text, position, kept, until=None)
    return "".join(kept)


def _blank(text, start, end, kept):
    kept.append("".join("\n" if c == "\n" else " " for c in text[start:end]))
    return end


def _code(text, position, kept, until):
    """Copies code up to the end, or through the `)` that closes an interpolation."""
    depth = 0
    while position < len(text):
        if text.startswith("//", position):
            end = text.find("\n", position)
            position = _blank(text, position, len(text) if end < 0 else end, kept)
            continue
        if text.startswith("/*", position):
            position = _blank(text, position, _end_of_comment(text, position), kept)
            continue
        if text[position] == "`":
            position = _identifier(text, position, kept)
            continue
        opening = _OPENING.match(text, position)
        if opening:
            position = _string(text, position, opening.group(), kept)
            continue
        character = text[position]
        kept.append(character)
        position += 1
        if until and character == "(":
            depth += 1
        elif until and character == ")":
            if depth == 0:
                return position
            depth -= 1
    return position


def _end_of_comment(text, position):
    """Block comments nest in Swift."""
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(text, position):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def _identifier(text, position, kept):
    """Keeps an escaped plain name, blanks a raw identifier such as a test's sentence."""
    end = text.find("`", position + 1)
    if end < 0:
        return _blank(text, position, len(text), kept)
    if _PLAIN_NAME.fullmatch(text, position + 1, end):
        kept.append(" " + text[position + 1 : end] + " ")
        return end + 1
    return _blank(text, position, end + 1, kept)


def _string(text, position, opening, kept):
    hashes = "#" * opening.count("#")
    closing = opening.lstrip("#") + hashes
    escape = "\\" + hashes
    position = _blank(text, position, position + len(opening), kept)
    while position < len(text):
        if text.startswith(closing, position):
            return _blank(text, position, position + len(closing), kept)
        if text.startswith(escape, position):
            after = position + len(escape)
            if text.startswith("(", after):
                _blank(text, position, after + 1, kept)
                position = _code(text, after + 1, kept, until=")")
            else:
                position = _blank(text, position, min(after + 1, len(text)), kept)
            continue
        if text[position] == "\n" and '"""' not in closing:
            return position  # An unclosed line string ends with its line; the compiler says so.
        position = _blank(text, position, position + 1, kept)
    return position
