# SPDX-License-Identifier: Apache-2.0
"""The arrows of the architecture: who may import whom.

Four things are compared with the table: the targets of the manifest, their declared
dependencies, the `import` lines of their files, and everything they reach through others.
SwiftPM alone does not do this: an undeclared import passes an incremental build.
"""

import re
from collections import deque

from tree import Finding, line_of

RULE = "imports"
_IMPORT = re.compile(
    r"^[ \t]*(?:@[\w]+(?:\([^)\n]*\))?[ \t]+)*"
    r"(?:(?:public|package|internal|fileprivate|private)[ \t]+)?"
    r"import[ \t]+(?:(?:struct|class|enum|protocol|typealias|func|let|var)[ \t]+)?(\w+)",
    re.MULTILINE,
)


def check(tree, manifest, table):
    """The findings of one tree against the import table."""
    return _Check(tree, manifest, table).findings()


def imports_of(code):
    """The modules that a file's code imports, each with its offset."""
    return [(match.group(1), match.start(1)) for match in _IMPORT.finditer(code)]


class _Check:
    def __init__(self, tree, manifest, table):
        self.tree = tree
        self.rows = table["targets"]
        self.tests = table["tests"]
        self.never = table["never"]
        self.third_party = table["third_party"]
        self.declared = {
            target["name"]: [_name_of(d) for d in target["dependencies"]]
            for target in manifest["targets"]
        }
        self.folders = {
            target["name"]: target.get("path") or f"Sources/{target['name']}"
            for target in manifest["targets"]
        }
        self.test_targets = {
            target["name"]
            for target in manifest["targets"]
            if target["type"] == "test" or self.folders[target["name"]].startswith("Tests/")
        }
        self.by_module = {name.replace("-", "_"): name for name in self.declared}
        self.found = []

    def findings(self):
        self._table_is_whole()
        reached = {}
        for target, dependencies in self.declared.items():
            row = self._row(target)
            if row is None:
                continue
            self._declared(target, dependencies, row)
            reached[target] = set(dependencies) | self._imported(target, dependencies, row)
        self._never(reached)
        return self.found

    def _row(self, target):
        if target not in self.test_targets:
            return self.rows.get(target)
        return {"imports": list(self.declared) + list(self.third_party), **self.tests}

    def _table_is_whole(self):
        for target, folder in self.folders.items():
            if target in self.test_targets:
                continue
            if target not in self.rows:
                self._manifest(target, f"target {target} has no row in the import table")
            elif self.rows[target]["folder"] != folder:
                self._manifest(
                    target,
                    f"target {target} lives in {folder}; "
                    f"the import table says {self.rows[target]['folder']}",
                )
        for target in self.rows:
            if target not in self.declared:
                self._manifest(target, f"the import table has a row for {target}, no such target")

    def _declared(self, target, dependencies, row):
        for name in dependencies:
            if name not in row["imports"]:
                self._manifest(target, f"{target} may not depend on {name}")

    def _imported(self, target, dependencies, row):
        """Checks the files of a target; answers what they import."""
        imported = set()
        system = ["Swift", *row.get("system", [])]
        modules = {module: name for module, name in self.by_module.items()}
        modules.update({module: module for module in self.third_party})
        for file in self.tree.matching([self.folders[target] + "/*.swift"]):
            code = self.tree.code(file)
            for module, offset in imports_of(code):
                name = modules.get(module, module)
                imported.add(name)
                if name == target:
                    continue
                line = line_of(code, offset)
                if module in modules:
                    if name not in row["imports"]:
                        self._file(file, line, f"{target} may not import {module}")
                    elif name not in dependencies:
                        self._file(
                            file, line, f"{target} imports {module} without declaring it"
                        )
                elif module not in system:
                    self._file(file, line, f"{target} may not import the system module {module}")
        return imported

    def _never(self, reached):
        """Forbidden at any distance: the shortest way there is part of the reason."""
        for rule in self.never:
            for start in self._expand(rule["from"]):
                way = self._way(start, self._expand(rule["reach"]), reached)
                if way:
                    self._manifest(
                        start, f"{' → '.join(way)}: {rule['reason']}", name="never-imports"
                    )

    def _expand(self, patterns):
        """`Simulator/*` stands for every target in that folder."""
        names = []
        for pattern in patterns:
            if pattern.endswith("/*"):
                names += [t for t, f in self.folders.items() if f.startswith(pattern[:-1])]
            else:
                names.append(pattern)
        return names

    @staticmethod
    def _way(start, goals, reached):
        waiting = deque([[start]])
        seen = {start}
        while waiting:
            way = waiting.popleft()
            for following in sorted(reached.get(way[-1], ())):
                if following in goals:
                    return [*way, following]
                if following not in seen:
                    seen.add(following)
                    waiting.append([*way, following])
        return None

    def _manifest(self, target, reason, name=RULE):
        line = 1
        if "Package.swift" in self.tree.files:
            text = self.tree.text("Package.swift")
            made = re.search(rf'\w\(\s*(?:name:\s*)?"{re.escape(target)}",', text)
            line = line_of(text, made.end()) if made else 1
        self.found.append(Finding("Package.swift", line, name, reason))

    def _file(self, file, line, reason):
        self.found.append(Finding(file, line, RULE, reason))


def _name_of(dependency):
    kind, details = next(iter(dependency.items()))
    if kind not in ("byName", "target", "product"):
        raise ValueError(f"the manifest has a dependency of an unknown kind, {kind}")
    return details[0]
