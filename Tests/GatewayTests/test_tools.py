# SPDX-License-Identifier: Apache-2.0
"""Programs of others judge the running gateway and its contract."""

import json
import pathlib
import subprocess

import pytest

from authority import key_pem, pem
from door import NAME, until
from people import PASSWORD, add
from simulated_pump import ROOT
from updater import Updater

TOOLS = ROOT / ".build/gateway-tools/bin"
CONTRACT = ROOT / "Docs/Interfaces/openapi.json"
HERE = pathlib.Path(__file__).resolve().parent

pytestmark = pytest.mark.skipif(
    not (TOOLS / "python").exists(), reason="no .build/gateway-tools: run `make .build/gateway-tools/ready`")


def tool(name, *words, seconds=110, environment=None, folder=None):
    return subprocess.run(
        [TOOLS / name, *words], cwd=folder, capture_output=True, text=True, timeout=seconds, check=False,
        stdin=subprocess.DEVNULL, env=environment)


def test_SRS_186_the_contract_is_good_openapi():
    done = tool("openapi-spec-validator", "--schema", "3.1", CONTRACT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_SRS_186_a_contract_that_is_not_is_found_out(tmp_path):
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    del contract["info"]["version"]
    (tmp_path / "wrong.json").write_text(json.dumps(contract), encoding="utf-8")
    assert tool("openapi-spec-validator", "--schema", "3.1", tmp_path / "wrong.json").returncode != 0


READ = """
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
print(json.dumps({sample.name: sample.value for family in read(sys.stdin.read()) for sample in family.samples}))
"""


def parsed(text):
    done = subprocess.run(
        [TOOLS / "python", "-c", READ], input=text, capture_output=True, text=True, check=False, timeout=30)
    return json.loads(done.stdout) if done.returncode == 0 else None


def test_SYS_082_the_metrics_are_openmetrics(door):
    status, headers, body = door.get("/v1/metrics")
    assert (status, headers["content-type"]) == (
        200, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    figures = parsed(body.decode())
    assert (figures["pump_up"], figures["pump_monitor_up"], figures["pump_rate_nanolitres_per_hour"]) == (1, 1, 0)
    assert figures["pump_gateway_connections"] == 1 and figures["pump_gateway_refused_total"] >= 0
    assert parsed(body.decode().replace("# EOF\n", "")) is None


def identity(door, name="node.test"):
    certificate, key = door.authority.issue(name)
    return (door.file("tool.pem", pem(certificate)), door.file("tool.key", key_pem(key)),
            door.file("tool-authority.pem", pem(door.authority.certificate)))


def test_SEC_040_sslyze_finds_nothing_against_its_modern_profile(door, tmp_path):
    certificate, key, authority = identity(door)
    done = tool(
        "sslyze", "--mozilla_config", "modern", "--cert", certificate, "--key", key, "--certinfo_ca_file", authority,
        "--sni", NAME, "--json_out", tmp_path / "out.json", f"127.0.0.1:{door.port}")
    assert done.returncode == 0 and "OK - Compliant" in done.stdout, done.stdout + done.stderr
    result, = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["server_scan_results"]
    accepted = {name: scan["result"]["accepted_cipher_suites"] for name, scan in result["scan_result"].items()
                if name.endswith("cipher_suites")}
    assert {name for name, suites in accepted.items() if suites} == {"tls_1_3_cipher_suites"}
    assert result["scan_result"]["heartbleed"]["result"]["is_vulnerable_to_heartbleed"] is False


def test_SRS_186_SRS_217_SRS_218_SRS_220_SRS_221_SYS_099_SYS_100_SYS_101_schemathesis_finds_no_difference_between_contract_and_gateway(new_door, tmp_path):
    door = new_door()
    door.provision(proposers=("tool.test",))
    door.root("step-up", typed=[PASSWORD])
    for name, role in (("visitor", "auditor"), ("guesser", "clinician"), ("somebody", "service"), ("technician", "service")):
        add(door.root, door.pump, door.folder, name, role)
    updater = Updater.provisioned(tmp_path / "device", door.pump.run).start()
    certificate, key, authority = identity(door, "tool.test")
    url = f"https://{NAME}:{door.port}"
    done = tool(
        "schemathesis", "--config-file", HERE / "schemathesis.toml", "run", CONTRACT,
        "--url", url, "--request-cert", certificate, "--request-cert-key", key,
        "--tls-verify", authority, "--rate-limit", "15/s", "--report", "junit", "--report-dir", tmp_path,
        environment={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SCHEMATHESIS_HOOKS": "gateway_hooks",
                     "PYTHONPATH": str(HERE), "PUMP_URL": url, "PUMP_CERTIFICATE": str(certificate),
                     "PUMP_KEY": str(key), "PUMP_AUTHORITY": str(authority), "PUMP_PASSWORD": PASSWORD},
        folder=tmp_path, seconds=300)
    updater.end()
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    until(lambda: door.get("/v1/device", door.node("tool.test"))[0] == 200, "the gateway after it")
