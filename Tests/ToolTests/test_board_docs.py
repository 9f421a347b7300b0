# SPDX-License-Identifier: Apache-2.0
"""The generated documents of the boards, judged by the tools that read them."""

import csv
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOARDS = sorted(folder.name for folder in (ROOT / "Hardware/Boards").iterdir())


def text(board, name):
    return (ROOT / "Hardware/Boards" / board / name).read_text(encoding="utf-8")


def test_there_is_more_than_one_board():
    assert {"reference", "reference-stepdir", "minimal"} <= set(BOARDS)


@pytest.mark.parametrize("board", BOARDS)
def test_dtc_compiles_the_overlay_and_names_the_lines(board, tmp_path):
    if not shutil.which("dtc"):
        pytest.skip("no dtc: run `Tools/deps board`")
    blob = tmp_path / "overlay.dtbo"
    source = ROOT / "Hardware/Boards" / board / "overlay.dts"
    done = subprocess.run(
        ["dtc", "-@", "-I", "dts", "-O", "dtb", "-o", blob, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    back = subprocess.run(
        ["dtc", "-I", "dtb", "-O", "dts", blob], capture_output=True, text=True, check=True).stdout
    names = re.search(r'gpio-line-names = (.*);', back).group(1)
    named = [name.strip('"') for name in names.replace('\\0', '", "').split(", ")]
    for line in text(board, "gpio-lines.tsv").splitlines()[2:]:
        name, *_, gpio, _pin = line.split("\t")
        assert named[int(gpio)] == name


@pytest.mark.parametrize("board", BOARDS)
def test_the_wiring_is_a_picture_with_every_line(board):
    picture = xml.fromstring(text(board, "wiring.svg"))
    words = {node.text for node in picture.iter("{http://www.w3.org/2000/svg}text")}
    for line in text(board, "gpio-lines.tsv").splitlines()[2:]:
        assert line.split("\t")[0] in words


@pytest.mark.parametrize("board", BOARDS)
def test_the_bill_of_materials_is_a_table(board):
    rows = list(csv.reader(text(board, "parts.csv").splitlines()[1:]))
    assert rows[0] == ["references", "quantity", "description", "maker", "number", "alternative"]
    assert all(len(row) == 6 and int(row[1]) > 0 for row in rows[1:])


def test_the_udev_rule_makes_the_paths_of_the_reference_board():
    rule = (ROOT / "Hardware/Deploy/60-pump.rules").read_text(encoding="utf-8")
    for board in ("reference", "reference-stepdir"):
        for path, adapter in re.findall(r"`/dev/(pump/i2c-\w)` \| (i2c-\d)", text(board, "interface.md")):
            assert re.search(rf'KERNEL=="{adapter}".*SYMLINK\+="{path}"', rule)
