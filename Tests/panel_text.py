# SPDX-License-Identifier: Apache-2.0
"""Reads the panel of a simulated pump: whether a text stands on the display."""

import base64
import pathlib
import re

FONT = pathlib.Path(__file__).resolve().parents[1] / "Sources/Panel/Font.swift"
WIDTH, HEIGHT, ADVANCE = 128, 64, 6


def glyphs():
    text = FONT.read_text(encoding="utf-8").partition("let glyphs: [UInt64] = [")[2]
    words = [int(word.replace("_", ""), 16) for word in re.findall(r"(?m)^    0x([0-9a-f_]+),  // ", text)]
    assert len(words) == 95, "the font is printable ASCII"
    return {chr(0x20 + index): word for index, word in enumerate(words)}


def points(display):
    """Rows of points, each an integer whose highest bit is the leftmost point."""
    data = base64.b64decode(display)
    assert len(data) == WIDTH * HEIGHT // 8
    return [sum((data[y // 8 * WIDTH + x] >> (y % 8) & 1) << (WIDTH - 1 - x) for x in range(WIDTH))
            for y in range(HEIGHT)]


def enlarged(row, width, scale):
    """A row of points, each of them `scale` points wide."""
    return sum(((1 << scale) - 1) << (scale * at) for at in range(width) if row >> at & 1)


def shows(display, text, scale=1):
    """Whether the text stands anywhere on the display, light on dark or dark on light."""
    table, width = glyphs(), ADVANCE * len(text) - 1
    letters = [sum((table[letter] >> (5 * (6 - row)) & 0x1f) << (ADVANCE * (len(text) - 1 - place))
                   for place, letter in enumerate(text)) for row in range(7)]
    wanted = [enlarged(row, width, scale) for row in letters for _ in range(scale)]
    width *= scale
    mask, rows = (1 << width) - 1, points(display)
    for top in range(HEIGHT - len(wanted) + 1):
        for shift in range(WIDTH - width + 1):
            seen = [rows[top + row] >> shift & mask for row in range(len(wanted))]
            if seen == wanted or [line ^ mask for line in seen] == wanted:
                return True
    return False
