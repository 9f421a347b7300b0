# SPDX-License-Identifier: Apache-2.0
"""The files under check, and what is said about them."""

import fnmatch
import pathlib
import subprocess
from typing import NamedTuple

import swift_source

# A file with another ending is data: an image, a recording, a lock file.
TEXT_ENDINGS = {
    ".c", ".css", ".csv", ".h", ".html", ".js", ".json", ".md", ".py", ".sh", ".swift", ".toml", ".yml",
}
TEXT_NAMES = {"Makefile", "bench", "check-embedded", "deps", "docs", "run", "tally"}
SKIPPED_FOLDERS = {".git", "out", "__pycache__", "node_modules"}


class Finding(NamedTuple):
    """One broken rule. The order of the fields is the order of the report."""

    file: str
    line: int
    rule: str
    reason: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.rule}: {self.reason}"


class Tree:
    """The text files of a working tree: those git tracks or would track, or all without git."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        names = self._names()
        self.top = sorted({pathlib.PurePosixPath(name).parts[0] for name in names})
        self.files = sorted(name for name in names if self._is_text(name))
        self._texts = {}
        self._codes = {}

    def text(self, name):
        """The content of a file."""
        if name not in self._texts:
            try:
                self._texts[name] = (self.root / name).read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(f"{name} is not UTF-8: {error}") from error
        return self._texts[name]

    def code(self, name):
        """A Swift file without its comments and literals, line for line."""
        if name not in self._codes:
            self._codes[name] = swift_source.code_only(self.text(name))
        return self._codes[name]

    def matching(self, patterns, excepted=()):
        """The files that match one of the patterns and no exception; `*` crosses folders."""
        return [
            name
            for name in self.files
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
            and not any(fnmatch.fnmatchcase(name, pattern) for pattern in excepted)
        ]

    def _names(self):
        git = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=self.root, capture_output=True, text=True, check=False,
        )
        if git.returncode == 0 and (self.root / ".git").exists():
            names = git.stdout.split("\0")
        else:
            names = [
                path.relative_to(self.root).as_posix() for path in self.root.rglob("*")
            ]
        return [name for name in names if name and (self.root / name).is_file()]

    @staticmethod
    def _is_text(name):
        path = pathlib.PurePosixPath(name)
        if any(
            part in SKIPPED_FOLDERS or part.startswith(".build") for part in path.parts[:-1]
        ):
            return False
        return path.suffix in TEXT_ENDINGS or path.name in TEXT_NAMES


def line_of(text, offset):
    """The line number of an offset, counted from 1."""
    return text.count("\n", 0, offset) + 1
