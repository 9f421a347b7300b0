#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a site of the documents and of the report of the last run, and checks every link in it.

    build.py --root DIR --out DIR [--report DIR]

Static: pages, one style sheet, one script for the search, no network. Exit status: 0 done, 1 a link in the site
leads nowhere, 2 a page cannot be made.
"""

import argparse
import csv
import html
import html.parser
import json
import pathlib
import posixpath
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from pages import STAMP, Book, page_of  # noqa: E402

TOP = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"]
FOLDERS = ["Docs"]
COPIED = {".svg", ".png", ".txt"}


def files_of(root, report):
    """The text of each file that becomes a page, and for each copied one where it comes from."""
    texts, copied = {}, {}
    names = [name for name in TOP if (root / name).is_file()]
    for folder in FOLDERS:
        names += sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("*")
                        if path.is_file())
    for name in names:
        if pathlib.PurePosixPath(name).suffix in (".md", ".csv"):
            texts[name] = (root / name).read_text(encoding="utf-8")
        elif pathlib.PurePosixPath(name).suffix in COPIED:
            copied[name] = root / name
    if report and report.is_dir():
        for path in sorted(report.iterdir()):
            if path.suffix == ".md":
                texts[f"report/{path.name}"] = path.read_text(encoding="utf-8")
            elif path.suffix in (".csv", ".json"):
                copied[f"report/{path.name}"] = path
    return texts, copied


def shown_by(report):
    """For each id its strength and its children, as the report of the last run has them."""
    path = report / "matrix.csv" if report else None
    if not path or not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as rows:
        return {row["id"]: (row["strength"], row["children"].split()) for row in csv.DictReader(rows)}


def navigation(texts):
    """Sections of the side bar: a title, and the pages below it."""
    sections = [("", [name for name in texts if "/" not in name])]
    report = [name for name in texts if name.startswith("report/")]
    if report:
        sections.append(("This run", sorted(report, key=lambda name: (not name.endswith("README.md"), name))))
    folders = sorted({posixpath.dirname(name) for name in texts if name.startswith("Docs/")})
    for folder in ["Docs", *[name for name in folders if name != "Docs"]]:
        inside = sorted((name for name in texts if posixpath.dirname(name) == folder),
                        key=lambda name: (not name.endswith("README.md"), name))
        if inside:
            sections.append((folder.removeprefix("Docs/"), inside))
    return sections


def whole(name, title, body, sections, titles):
    """A page with its side bar."""
    here = posixpath.dirname(page_of(name)) or "."

    def to(target):
        return posixpath.relpath(target, here)

    bar = []
    for section, inside in sections:
        current = name in inside
        entries = "".join(
            f'<li><a href="{to(page_of(entry))}"{" aria-current=page" if entry == name else ""}>'
            f"{html.escape(titles[entry])}</a></li>" for entry in inside)
        if section:
            bar.append(f"<details{' open' if current else ''}><summary>{html.escape(section)}</summary>"
                       f"<ul>{entries}</ul></details>")
        else:
            bar.append(f"<ul>{entries}</ul>")
    return (
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\">"
        f"<title>{html.escape(title)} – ReferencePump</title>"
        f"<link rel=\"stylesheet\" href=\"{to('style.css')}\"></head><body data-top=\"{to('.')}\">\n"
        f"<header><a href=\"{to('index.html')}\">ReferencePump</a><strong>{STAMP}</strong>"
        "<input id=\"search\" type=\"search\" placeholder=\"Search: RC-012, alarm, clause …\" "
        "aria-label=\"Search\"><ol id=\"found\" hidden></ol></header>\n"
        f"<nav>{''.join(bar)}</nav>\n<main>\n{body}\n</main>\n"
        f"<script src=\"{to('index.js')}\"></script><script src=\"{to('search.js')}\"></script>\n"
        "</body></html>\n")


class Links(html.parser.HTMLParser):
    """The anchors and the links of a page."""

    def __init__(self):
        super().__init__()
        self.anchors, self.links = set(), []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if values.get("id"):
            self.anchors.add(values["id"])
        if tag != "svg" and (href := values.get("href") or values.get("src")):
            self.links.append((self.getpos()[0], href))


def broken(folder):
    """What leads nowhere in a site: `page:line: link`."""
    pages, found = {}, []
    for path in sorted(folder.rglob("*.html")):
        parser = Links()
        parser.feed(path.read_text(encoding="utf-8"))
        pages[path.relative_to(folder).as_posix()] = parser
    for name, page in pages.items():
        for line, href in page.links:
            target, _, fragment = href.partition("#")
            if ":" in target.split("/")[0]:
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) if target else name
            if path.startswith("..") or not (folder / path).is_file():
                found.append(f"{name}:{line}: '{href}' leads to nothing")
            elif fragment and path in pages and fragment not in pages[path].anchors:
                found.append(f"{name}:{line}: '{href}': no such place on that page")
    return found


def build(root, out, report):
    """Writes the site; returns the number of pages."""
    texts, copied = files_of(root, report)

    def exists(name):
        path = root / name
        inside = path.resolve().is_relative_to(root.resolve())
        return None if not inside else "file" if path.is_file() else "folder" if path.is_dir() else None

    book = Book(texts, exists, copied, shown_by(report))
    rendered = {name: book.render(name) for name in texts}
    titles = {name: title for name, (title, _, _) in rendered.items()}
    sections = navigation(texts)
    if out.exists():
        shutil.rmtree(out)
    index = []
    for name, (title, headings, body) in rendered.items():
        index += [[text, page_of(name) + "#" + place, title] for place, text in headings]
        write(out, page_of(name), whole(name, title, body, sections, titles))
    for uid, name in sorted(book.homes.items()):
        index.append([uid, f"{page_of(name)}#{uid}", titles[name]])
    for name in sorted(book.sources):
        write(out, page_of(name), whole(name, name, listing(book, root, name), sections, titles))
    for name, path in copied.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, out / name)
    for name in ("style.css", "search.js"):
        shutil.copyfile(HERE / name, out / name)
    write(out, "index.js", f"const INDEX = {json.dumps(index, ensure_ascii=False)};\n")
    return len(rendered) + len(book.sources)


def listing(book, root, name):
    """A source file, or the names in a folder."""
    path = root / name
    if path.is_dir():
        entries = "".join(f"<li><code>{html.escape(entry.name)}</code></li>"
                          for entry in sorted(path.iterdir()) if not entry.name.startswith((".", "__")))
        return f"<h1>{html.escape(name)}/</h1><ul>{entries}</ul>"
    try:
        return book.source(name, path.read_text(encoding="utf-8"))[2]
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name} is linked and cannot be shown: {error}") from error


def write(out, name, text):
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Makes a site of the documents.")
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--report", type=pathlib.Path)
    options = parser.parse_args()
    try:
        count = build(options.root, options.out, options.report)
    except (OSError, ValueError) as error:
        print(f"site: {error}", file=sys.stderr)
        return 2
    found = broken(options.out)
    for line in found:
        print(line)
    print(f"site: {count} pages, {len(found)} broken links; open {options.out}/index.html")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
