# SPDX-License-Identifier: Apache-2.0
"""The site: made of the real documents without a broken link, and honest about what it cannot show."""

import subprocess
import sys

import pytest

from simulated_pump import ROOT

TOOL = ROOT / "Tools" / "site" / "build.py"
STAMP = "SPECIMEN – not a medical device"


def build(root, out, *options):
    return subprocess.run(
        [sys.executable, TOOL, "--root", root, "--out", out, *options],
        capture_output=True, text=True, check=False,
    )


@pytest.fixture
def tree(tmp_path):
    """A project of two pages, a table, a source and a report."""
    root = tmp_path / "root"

    def write(name, text):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    write("README.md", "# Top\n\n[risks](Docs/risks.md#too-much) [code](Sources/A.swift) `Sources/A.swift:2`\n")
    write("Docs/risks.md", "# Risks\n\n## Too much\n\n**UID**: HAZ-001\n\n**Statement**: a < b [[MDR:I.1]]\n")
    write("Docs/controls.md", "# Controls\n\n## Stop\n\n**UID**: RC-001\n\n**Statement**: s\n\n"
          "**Relations**:\n\n- **Type**: Parent **ID**: HAZ-001 **Fingerprint**: 12345678\n")
    write("Docs/MDR/clauses/MDR.csv", "# remark\nrow,title\nI.1,\"one, RC-001\"\n")
    write("Sources/A.swift", "let a = 1\nlet b = a < 2\n")
    write("out/trace/README.md", "# Run\n\nRC-001 [data](matrix.csv)\n")
    write("out/trace/matrix.csv", "id,strength,children\nRC-001,tested,\nHAZ-001,gap,RC-001\n")
    return root, write, tmp_path / "site"


def made(tree, *options):
    root, _, out = tree
    result = build(root, out, "--report", root / "out" / "trace", *options)
    assert result.returncode == 0, result.stdout + result.stderr
    return out


def test_the_real_documents_make_a_site_without_a_broken_link(tmp_path):
    result = build(ROOT, tmp_path / "site", "--report", ROOT / "out" / "trace")
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 broken links" in result.stdout
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert STAMP in text
        assert "<script src=\"http" not in text and "href=\"http://" not in text


def test_ids_clauses_and_places_of_files_lead_to_their_homes(tree):
    out = made(tree)
    controls = (out / "Docs/controls.html").read_text()
    assert '<span class="uid" id="RC-001">RC-001</span>' in controls
    assert '<strong>Above</strong>: <a class="id" href="risks.html#HAZ-001">HAZ-001</a>' in controls
    risks = (out / "Docs/risks.html").read_text()
    assert '<a class="clause" href="MDR/clauses/MDR.csv.html#I.1">MDR I.1</a>' in risks
    assert '<span class="strength gap">gap</span>' in risks
    assert '<strong>Below</strong>: <a class="id" href="controls.html#RC-001">RC-001</a>' in risks
    assert 'href="Sources/A.swift.html#L2"' in (out / "index.html").read_text()
    assert "let b = a &lt; 2" in (out / "Sources/A.swift.html").read_text()
    assert '"RC-001", "Docs/controls.html#RC-001"' in (out / "index.js").read_text()


@pytest.mark.parametrize("text, said", [
    ("[a](Docs/risks.md#nothing)", "'Docs/risks.html#nothing': no such place on that page"),
    ("![a](Docs/none.svg)", "'Docs/none.svg' leads to nothing"),
])
def test_a_broken_link_is_found(tree, text, said):
    root, write, out = tree
    write("README.md", f"# Top\n\n{text}\n")
    result = build(root, out)
    assert result.returncode == 1
    assert said in result.stdout


def test_a_linked_file_that_is_not_there_stops_the_build(tree):
    root, write, out = tree
    write("README.md", "# Top\n\n[a](Docs/none.md)\n")
    result = build(root, out)
    assert result.returncode == 2
    assert "Docs/none.md is linked and cannot be shown" in result.stderr


def test_a_diagram_is_drawn(tree):
    _, write, _ = tree
    write("Docs/d.md", "# D\n\n```mermaid\nflowchart TB\n  subgraph z[zone]\n  a([one<br>two]) -- \"x, y\" --> b{three}\n"
          "  end\n  b -.-> c[(four)]:::planned\n  a --- c -- board-a.sock --> d((m))\n```\n")
    text = (made(tree) / "Docs/d.html").read_text()
    drawing = text[text.index("<svg"):text.index("</svg>")]
    for word in ("one", "two", "x, y", "three", "four", "board&#45;a.sock", "zone"):
        assert f">{word}</text>" in drawing
    assert drawing.count('class="edge"') == 4
    assert " id=" not in drawing


@pytest.mark.parametrize("chart, said", [
    ("graph TD\n  a --> b", "a diagram begins with"), ("flowchart TB\n  a ==> b", "line 2: '==> b' is no arrow"),
    ("flowchart TB\n  a[b", "is not closed"), ("flowchart TB\n  subgraph a", "a subgraph has no end"),
    ("flowchart TB\n  -> b", "is no node"),
])
def test_a_diagram_that_is_not_understood_stops_the_build(tree, chart, said):
    root, write, out = tree
    write("Docs/d.md", f"# D\n\n```mermaid\n{chart}\n```\n")
    result = build(root, out)
    assert result.returncode == 2
    assert f"Docs/d.md:3: diagram: " in result.stderr and said in result.stderr


def test_the_same_documents_give_the_same_site(tree, tmp_path):
    root, _, out = tree
    made(tree)
    other = tmp_path / "again"
    assert build(root, other, "--report", root / "out" / "trace").returncode == 0
    for page in out.rglob("*"):
        if page.is_file():
            assert page.read_bytes() == (other / page.relative_to(out)).read_bytes()
