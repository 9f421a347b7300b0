# SPDX-License-Identifier: Apache-2.0
"""Runs Tools/verify-audit over the cases of a manifest and prints the findings of each on a line."""

import importlib.machinery
import importlib.util
import pathlib
import sys

TOOL = pathlib.Path(__file__).resolve().parents[2] / "Tools/verify-audit"
LOADER = importlib.machinery.SourceFileLoader("verify_audit", str(TOOL))
verify_audit = importlib.util.module_from_spec(importlib.util.spec_from_loader("verify_audit", LOADER))
sys.dont_write_bytecode = True
LOADER.exec_module(verify_audit)


def main(folder):
    for line in (folder / "manifest").read_text(encoding="utf-8").splitlines():
        name, key, counter, remembered = line.split("\t")
        seen = [verify_audit.Checkpoint((folder / name / f"seen-{number}").read_bytes())
                for number in range(int(remembered))]
        verdict = verify_audit.inspect(
            folder / name, verify_audit.Key.read(key), seen,
            None if counter == "-" else int(counter))
        print(" ".join("{kind}:{first}:{last}".format(**f) for f in verdict["findings"]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
