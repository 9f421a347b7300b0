# SPDX-License-Identifier: Apache-2.0
"""Flowcharts in Mermaid's notation, drawn as SVG by Graphviz: nothing is drawn in the reader's browser.

What the documents use is understood: nodes `[…]`, `([…])`, `((…))`, `{…}`, `[(…)]`, arrows `---`, `-->`,
`-.->` with or without text, `subgraph`, and `:::planned`. Anything else is an error at its line.
"""

import re
import subprocess

_SHAPES = [
    ("([", "])", "box, style=\"rounded,filled\""),
    ("[(", ")]", "cylinder"),
    ("((", "))", "circle"),
    ("[", "]", "box"),
    ("{", "}", "diamond"),
]
_NAME = re.compile(r"[A-Za-z]\w*")
_ARROW = re.compile(
    r"\s*(?:(?P<plain>-->|---|-\.->)|--\s+(?P<quoted>\"[^\"]*\"|\S.*?)\s+(?P<end>-->|---))\s*")


class Mistake(ValueError):
    """A line that is not understood."""


def svg(text):
    """The drawing of a flowchart, for use inside a page."""
    done = subprocess.run(
        ["dot", "-Tsvg"], input=dot(text), capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise Mistake(f"dot: {done.stderr.strip()}")
    drawing = done.stdout[done.stdout.index("<svg"):]
    # Colours come from the page's style, so that a dark page has a light drawing.
    drawing = re.sub(r"<!--.*?-->\n?| id=\"[^\"]*\"", "", drawing, flags=re.DOTALL)
    return re.sub(r'<svg width="[^"]*" height="[^"]*"', '<svg class="diagram" role="img"', drawing)


def dot(text):
    """The flowchart in Graphviz's language."""
    lines = text.strip().splitlines()
    head = re.fullmatch(r"flowchart (TB|LR)", lines[0].strip()) if lines else None
    if not head:
        raise Mistake("a diagram begins with 'flowchart TB' or 'flowchart LR'")
    out = [
        "digraph {", f"rankdir={head[1]}; bgcolor=transparent; nodesep=0.35; ranksep=0.45;",
        'node [fontname="sans-serif", fontsize=11, shape=box, style=filled];',
        'edge [fontname="sans-serif", fontsize=9];',
    ]
    clusters = depth = 0
    for number, line in enumerate(lines[1:], 2):
        line = line.strip()
        if not line or line.startswith(("%%", "classDef ")):
            continue
        group = re.fullmatch(r"subgraph (\w+)(?:\[(.*)\])?", line)
        if group:
            clusters, depth = clusters + 1, depth + 1
            out.append(f"subgraph cluster_{clusters} {{ fontname=\"sans-serif\"; fontsize=10;"
                       f" label={_quoted(group[2] or group[1])};")
        elif line == "end" and depth:
            depth -= 1
            out.append("}")
        else:
            out += _statement(line, number)
    if depth:
        raise Mistake("a subgraph has no end")
    return "\n".join([*out, "}", ""])


def _statement(line, number):
    out = []
    name, rest = _node(line, number, out)
    while rest:
        arrow = _ARROW.match(rest)
        if not arrow:
            raise Mistake(f"line {number}: '{rest.strip()}' is no arrow")
        kind = arrow["plain"] or arrow["end"]
        other, rest = _node(rest[arrow.end():], number, out)
        label = (arrow["quoted"] or "").strip('"')
        style = {"---": "dir=none", "-->": "dir=forward", "-.->": "style=dashed"}[kind]
        out.append(f"{name} -> {other} [{style}, label={_quoted(label)}];")
        name = other
    return out


def _node(text, number, out):
    name = _NAME.match(text)
    if not name:
        raise Mistake(f"line {number}: '{text}' is no node")
    rest = text[name.end():]
    for opening, closing, shape in _SHAPES:
        if rest.startswith(opening):
            end = rest.find(closing, len(opening))
            if end < 0:
                raise Mistake(f"line {number}: '{rest}' is not closed")
            out.append(f"{name[0]} [label={_quoted(rest[len(opening):end])}, shape={shape}];")
            rest = rest[end + len(closing):]
            break
    if rest.startswith(":::planned"):
        out.append(f"{name[0]} [style=dashed];")
        rest = rest[len(":::planned"):]
    return name[0], rest


def _quoted(text):
    text = re.sub(r"\s*<br\s*/?>\s*", "\n", text.strip().strip('"'))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
