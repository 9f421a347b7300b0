# SPDX-License-Identifier: Apache-2.0
"""The bill of materials and the statements of this build, judged by others' schemas."""

import hashlib
import json
import os
import subprocess

import pytest

from simulated_pump import ROOT, programs

TRACE = programs() / "pump-trace"
PYTHON = ROOT / ".build" / "schema-tools" / "bin" / "python"
DEVICE = "pump-controld,pump-safetyd,pump-serviced,pump-paneld,pump-gatewayd,pump-updated,pump-verify,pumpctl"


def write(folder, epoch="1750000000", device=DEVICE):
    return subprocess.run(
        [TRACE, "sbom", "--root", ROOT, "--bin", programs(), "--device", device, "--out",
         folder],
        env={**os.environ, "SOURCE_DATE_EPOCH": epoch}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )


def validate(kind, path):
    return subprocess.run(
        [PYTHON, ROOT / "Tools" / "schemas" / "validate.py", kind, path],
        capture_output=True, text=True, check=False,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    if not TRACE.exists() or not PYTHON.exists():
        pytest.skip("no pump-trace or no schema tools: run `make test-python`")
    folder = tmp_path_factory.mktemp("sbom")
    result = write(folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.fixture(scope="module")
def bill(built):
    return json.loads((built / "sbom.cdx.json").read_text())


def named(bill, name):
    return next(part for part in bill["components"] if part["name"] == name)


@pytest.mark.parametrize("kind, name", [("sbom", "sbom.cdx.json"), ("vex", "vex.openvex.json")])
def test_SEC_052_the_schema_accepts_it_and_refuses_a_doctored_one(built, tmp_path, kind, name):
    result = validate(kind, built / name)
    assert result.returncode == 0, result.stdout + result.stderr
    text = (built / name).read_text()
    for field, value in (("version", "one"), ("odd", 1), ("@context", 1) if kind == "vex" else ("bomFormat", 1)):
        doctored = tmp_path / name
        doctored.write_text(json.dumps({**json.loads(text), field: value}))
        assert validate(kind, doctored).returncode == 1


def test_SEC_052_names_each_program_with_the_digest_of_its_file(bill):
    assert len([part for part in bill["components"] if part["type"] == "application"]) >= 7
    for part in bill["components"]:
        if part["type"] == "application":
            digest = hashlib.sha256((programs() / part["name"]).read_bytes()).hexdigest()
            assert part["hashes"] == [{"alg": "SHA-256", "content": digest}]


def test_the_lower_half_is_linked_from_debian_and_from_no_swift_package(bill):
    below = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    for name in ("pump-controld", "pump-safetyd", "pump-paneld"):
        parts = below[f"program:{name}"]
        assert any(part.startswith("pkg:deb/debian/libc6@") for part in parts)
        assert not any(part.startswith("pkg:swift/") for part in parts)
    assert any("swift-argument-parser@" in part for part in below["program:pumpctl"])


def test_SEC_052_each_library_says_how_long_it_is_supported(bill):
    for part in bill["components"]:
        if part["type"] in ("library", "platform"):
            said = {entry["name"] for entry in part["properties"]}
            assert {"referencepump:support-level", "referencepump:end-of-support"} <= said


def test_tells_the_device_from_the_simulator(bill):
    assert named(bill, "pump-controld")["scope"] == "required"
    assert named(bill, "pump-sim")["scope"] == "excluded"


def test_the_same_build_gives_the_same_bytes(built, tmp_path):
    assert write(tmp_path).returncode == 0
    for name in ("sbom.cdx.json", "vex.openvex.json"):
        assert (built / name).read_bytes() == (tmp_path / name).read_bytes()


def test_a_program_that_is_not_built_is_refused(tmp_path):
    result = write(tmp_path, device="pump-controld,pump-nosuchd")
    assert result.returncode == 2
    assert "pump-nosuchd" in result.stderr


def test_SEC_052_a_build_after_the_end_of_support_is_refused(tmp_path):
    result = write(tmp_path, epoch="1900000000")  # 2030
    assert result.returncode == 1
    assert "has had no support since" in result.stdout
    assert not (tmp_path / "sbom.cdx.json").exists()
