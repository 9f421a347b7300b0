#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds a bill of materials against CycloneDX 1.6 and statements against OpenVEX 0.2.0.

Statements have to pass two schemas: the specification's own (openvex-specification.json, from
github.com/openvex/spec, commit d29fab0, CC0 1.0), which lets unknown fields pass, and a closed one.

    validate.py sbom FILE
    validate.py vex FILE

Needs the packages of requirements.txt. Exit status: 0 valid, 1 not, with the reason.
"""

import json
import pathlib
import sys

import jsonschema
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

FOLDER = pathlib.Path(__file__).resolve().parent
VEX = [FOLDER / "openvex-specification.json", FOLDER / "openvex-0.2.0.json"]


def main():
    kind, name = sys.argv[1:]
    text = pathlib.Path(name).read_text(encoding="utf-8")
    if kind == "sbom":
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    elif kind == "vex":
        error = None
        for schema in VEX:
            checker = jsonschema.Draft202012Validator(
                json.loads(schema.read_text(encoding="utf-8")),
                format_checker=jsonschema.FormatChecker())
            error = error or jsonschema.exceptions.best_match(checker.iter_errors(json.loads(text)))
    else:
        sys.exit(f"validate: neither sbom nor vex: '{kind}'")
    if error:
        print(f"{name}: {error}")
        return 1
    print(f"{name}: valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
