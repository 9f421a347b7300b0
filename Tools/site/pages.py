# SPDX-License-Identifier: Apache-2.0
"""From files of the project to pages of the site."""

import csv
import html
import pathlib
import posixpath
import re

from markdown_it import MarkdownIt

import diagrams

STAMP = "SPECIMEN – not a medical device"
ID = re.compile(r"(?<![\w-])(?:UN|HAZ|RC|SYS|SRS|SEC)-\d{3}(?![\w-])")
_FIELD = re.compile(r"^\*\*UID\*\*:[ ]*(\S+)", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = r'(<a [^>]*>(\w+-\d{3})</a>)'
_CLAUSE = re.compile(r"\[\[([\w.-]+):([\w.-]+)\]\]")
_PLACE = re.compile(r"([\w./@+-]+?)(?::(\d+))?")
_PUNCTUATION = re.compile(r"[^\w\- ]")


def anchor(heading):
    """The name under which a forge links a heading."""
    return _PUNCTUATION.sub("", re.sub(r"[`*_]", "", heading).lower()).replace(" ", "-")


def page_of(name):
    """Where a file of the project stands in the site."""
    return re.sub(r"(^|/)README\.md$", r"\1index.html", name) if name.endswith("README.md") \
        else re.sub(r"\.(md|csv)$", "", name) + ".html" if name.endswith(".md") \
        else name + ".html"


class Book:
    """The files that become pages, and what they link to."""

    def __init__(self, texts, exists, copied=(), shown=None):
        self.texts = texts
        # Files that stand in the site as they are.
        self.copied = set(copied)
        # For each id its strength and its children, from the report of the last run.
        self.shown = shown or {}
        self.exists = exists
        self.sources = set()
        self.homes = {}
        for name, text in texts.items():
            if name.endswith(".md"):
                # An item in a fence is an example.
                for match in _FIELD.finditer(_FENCE.sub("", text)):
                    self.homes.setdefault(match[1], name)
        self._markdown = MarkdownIt("commonmark", {"html": True}).enable("table")

    def link(self, target, origin):
        """The address of a file of the project, seen from a page; sources become pages when linked."""
        if target in self.copied:
            return posixpath.relpath(target, posixpath.dirname(page_of(origin)) or ".")
        if target not in self.texts:
            self.sources.add(target)
        return posixpath.relpath(page_of(target), posixpath.dirname(page_of(origin)) or ".")

    def render(self, name):
        """Title, headings and body of a page."""
        text = self.texts[name]
        if name.endswith(".csv"):
            return self._table(name, text)
        tokens = self._markdown.parse(text)
        headings = self._headings(tokens)
        for token in tokens:
            if token.type == "fence" and token.info.strip() == "mermaid":
                token.type, token.content = "html_block", self._diagram(name, token)
            for child in token.children or []:
                self._inline(child, name)
        body = self._markdown.renderer.render(tokens, self._markdown.options, {})
        title = headings[0][1] if headings else name
        return title, headings, self._items(self._ids(body, name))

    def source(self, name, text):
        """A listing with an anchor at every line."""
        lines = (f'<span id="L{number}" data-line="{number}">{html.escape(line)}</span>'
                 for number, line in enumerate(text.splitlines(), 1))
        return name, [], f"<h1>{html.escape(name)}</h1>\n<pre class=\"source\">" + "\n".join(lines) + "</pre>"

    # What stands inside a page.

    @staticmethod
    def _headings(tokens):
        found, used = [], {}
        for index, token in enumerate(tokens):
            if token.type != "heading_open":
                continue
            text = tokens[index + 1].content
            base = anchor(text)
            used[base] = used.get(base, -1) + 1
            name = base if used[base] == 0 else f"{base}-{used[base]}"
            token.attrSet("id", name)
            found.append((name, re.sub(r"[`*]", "", text)))
        return found

    @staticmethod
    def _diagram(name, token):
        try:
            return f'<figure>{diagrams.svg(token.content)}</figure>\n'
        except diagrams.Mistake as error:
            raise ValueError(f"{name}:{token.map[0] + 1}: diagram: {error}") from error

    def _inline(self, token, name):
        if token.type == "link_open":
            token.attrSet("href", self._target(token.attrGet("href"), name))
        elif token.type == "image":
            path = self._path(token.attrGet("src"), name)
            token.attrSet("src", posixpath.relpath(path, posixpath.dirname(page_of(name)) or "."))
        elif token.type == "code_inline":
            # Only whole places of files: `Sources/A.swift:12`.
            match = _PLACE.fullmatch(token.content)
            if match and "/" in match[1] and self.exists(match[1]) == "file":
                place = self.link(match[1], name) + (
                    f"#L{match[2]}" if match[2] and match[1] not in self.texts else "")
                token.type = "html_inline"
                token.content = f'<a href="{place}"><code>{html.escape(token.content)}</code></a>'

    @staticmethod
    def _path(target, name):
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))

    def _target(self, href, name):
        target, hash_, fragment = href.partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return href
        path = self._path(target, name)
        if self.exists(path) == "folder" and f"{path}/README.md" in self.texts:
            path += "/README.md"
        return self.link(path, name) + hash_ + fragment

    def _items(self, body):
        """Gives each item its id as an anchor, the strength of the last run, and its relations in a line."""
        body = re.sub(
            r"<p><strong>Relations</strong>:</p>\s*<ul>(.*?)</ul>",
            lambda match: "<p><strong>Above</strong>: " + " ".join(link for link, _ in re.findall(_LINK, match[1])) + "</p>",
            body, flags=re.DOTALL)
        return re.sub(rf"<p><strong>UID</strong>: {_LINK}</p>", lambda match: self._item(match[2]), body)

    def _item(self, uid):
        strength, children = self.shown.get(uid, ("", []))
        name = self.homes[uid]
        text = f'<p><span class="uid" id="{uid}">{uid}</span>'
        if strength:
            text += f' <span class="strength {strength}">{strength}</span>'
        if children:
            text += " <strong>Below</strong>: " + " ".join(self._id(child, name) for child in children)
        return text + "</p>"

    def _ids(self, body, name):
        """Links ids and clauses in running text to their homes; code and links stay as they are."""
        out, depth = [], 0
        for part in re.split(r"(<[^>]*>)", body):
            if part.startswith("<"):
                word = re.match(r"</?(\w+)", part)
                if word and word[1] in ("a", "code", "pre", "svg", "figure", "script"):
                    depth += -1 if part.startswith("</") else 1
                out.append(part)
            elif depth:
                out.append(part)
            else:
                part = ID.sub(lambda match: self._id(match[0], name), part)
                out.append(_CLAUSE.sub(lambda match: self._clause(match, name), part))
        return "".join(out)

    def _id(self, found, name):
        home = self.homes.get(found)
        return f'<a class="id" href="{self.link(home, name)}#{found}">{found}</a>' if home else found

    def _clause(self, match, name):
        home = f"Docs/MDR/clauses/{match[1]}.csv"
        label = f"{match[1]} {match[2]}"
        if home not in self.texts:
            return label
        return f'<a class="clause" href="{self.link(home, name)}#{match[2]}">{label}</a>'

    def _table(self, name, text):
        rows = list(csv.reader(line for line in text.splitlines() if line and not line.startswith("#")))
        remarks = [line[1:].strip() for line in text.splitlines() if line.startswith("#")]
        head, *rest = rows or [[""]]
        title = pathlib.PurePosixPath(name).name
        out = [f"<h1>{html.escape(title)}</h1>"]
        out += [f"<p>{html.escape(remark)}</p>" for remark in remarks]
        out.append("<table><thead><tr>" + "".join(f"<th>{html.escape(cell)}</th>" for cell in head))
        out.append("</tr></thead><tbody>")
        for row in rest:
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
            identity = html.escape(row[0] if row else "", quote=True)
            out.append(f'<tr id="{identity}">{cells}</tr>')
        out.append("</tbody></table>")
        return title, [], self._ids("\n".join(out), name)
