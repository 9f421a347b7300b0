# SPDX-License-Identifier: Apache-2.0
"""The service over a TPM 2.0, and over a random generator that fails: keys from nowhere else."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

from simulated_pump import programs
from software_tpm import TPM

VERIFY = pathlib.Path(__file__).resolve().parents[2] / "Tools" / "verify-audit"
pytestmark = pytest.mark.skipif(
    not (programs() / "pump-serviced").exists(), reason="run `make build`, or set PUMP_BIN")


class Service:
    """pump-serviced alone: no pump is there, and what it records is its own start."""

    def __init__(self, folder, root=None, env=None):
        self.folder = folder
        self.data = folder / "data"
        (folder / "run").mkdir(exist_ok=True)
        self.errors = open(folder / "errors", "ab")
        self.process = subprocess.Popen(
            [programs() / "pump-serviced", "--run", folder / "run", "--data", self.data,
             *(["--root", root] if root else [])],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors,
            env={**os.environ, **(env or {})})

    def said(self):
        return (self.folder / "errors").read_text(encoding="utf-8")

    def wait(self, condition, what, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, f"{what}:\n{self.said()}"
            time.sleep(0.05)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(20)
        self.errors.close()
        return self.process.returncode


def audit(*words):
    return subprocess.run(
        [programs() / "pumpctl", "audit", *map(str, words)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30, check=False)


def events(log):
    shown = audit("show", log, "--last", 10000, "--json")
    if shown.returncode:
        return []
    return [json.loads(line)["event"] for line in shown.stdout.splitlines()]


@pytest.fixture
def tpm(tmp_path):
    if shutil.which("swtpm") is None:
        pytest.skip("needs the package swtpm")
    tpm = TPM(tmp_path / "tpm")
    yield tpm
    tpm.stop()


def run_once(folder, tpm, end=signal.SIGTERM):
    """A start of the service over the TPM until both its logs are there, and its end."""
    log = folder / "data" / "audit" / "1"
    starts = events(log).count("logOpened")
    service = Service(folder, tpm.root)
    service.wait(lambda: events(log).count("logOpened") > starts, "the audit log")
    service.wait((service.data / "records.sqlite").exists, "the store")
    service.wait(lambda: "TPM 2.0" in service.said(), "the kind of the root")
    time.sleep(0.5)
    service.end(end)
    return log


def test_SEC_023_RC_081_RC_082_the_service_hangs_keys_and_counter_from_a_tpm(tmp_path, tpm):
    log = run_once(tmp_path, tpm)
    run_once(tmp_path, tpm, signal.SIGKILL)
    run_once(tmp_path, tpm)
    assert not (tmp_path / "data" / "simulated-root").exists()
    key = audit("key", log).stdout.strip()
    ours = audit("verify", log, "--key", key, "--json")
    assert ours.returncode == 0, ours.stdout + ours.stderr
    verdict = json.loads(ours.stdout)
    assert verdict["starts"] == 3 and verdict["epochs"] >= 4 and not verdict["findings"]
    other = subprocess.run(
        [sys.executable, VERIFY, log, "--key", key], capture_output=True, text=True, timeout=60,
        check=False)
    assert other.returncode == 0, other.stdout + other.stderr
    assert "rollbackDetected" not in events(log) and "counterUnavailable" not in events(log)


def test_RC_062_RC_081_files_or_a_tpm_that_were_put_back_are_refused_and_told(tmp_path, tpm):
    log = run_once(tmp_path, tpm)
    old_data, old_tpm = tmp_path / "old-data", tmp_path / "old-tpm"
    shutil.copytree(tmp_path / "data", old_data)
    tpm.stop()
    shutil.copytree(tpm.folder, old_tpm)
    tpm.start()
    run_once(tmp_path, tpm)
    kept = len(events(log))

    def assert_refused():
        (tmp_path / "errors").unlink()
        service = Service(tmp_path, tpm.root)
        try:
            service.wait(
                lambda: "the audit log cannot be opened" in service.said()
                and "records are not kept" in service.said(), "both refusals")
            # The root key was exchanged since, and opens no table of before.
            assert service.said().count("tableDamaged") == 2
            # Nothing is added to what is evidence now.
            assert len(events(log)) == count
        finally:
            service.end()

    # The files of before, under a TPM that went on.
    shutil.move(tmp_path / "data", tmp_path / "new-data")
    shutil.copytree(old_data, tmp_path / "data")
    count = len(events(log))
    assert count < kept
    assert_refused()
    # The TPM of before, under files that went on.
    shutil.rmtree(tmp_path / "data")
    shutil.move(tmp_path / "new-data", tmp_path / "data")
    count = kept
    tpm.stop()
    shutil.rmtree(tpm.folder)
    shutil.move(old_tpm, tpm.folder)
    tpm.start()
    assert_refused()


def test_RC_083_a_service_without_its_tpm_waits_for_it(tmp_path, tpm):
    run_once(tmp_path, tpm)
    tpm.stop()
    service = Service(tmp_path, tpm.root)
    try:
        service.wait(lambda: "the audit log cannot be opened" in service.said(), "the complaint")
        tpm.start()
        log = service.data / "audit" / "1"
        service.wait(lambda: events(log).count("logOpened") == 2, "the log to go on")
    finally:
        assert service.end() == 0


def test_SEC_023_without_randomness_no_key_is_made_and_nothing_is_kept(tmp_path):
    """libcrypto's generator is one that does not exist: every draw fails."""
    settings = tmp_path / "openssl.cnf"
    settings.write_text(
        "openssl_conf = init\n[init]\nrandom = generator\n[generator]\nrandom = NO-SUCH-GENERATOR\n",
        encoding="ascii")
    service = Service(tmp_path, env={"OPENSSL_CONF": str(settings)})
    try:
        service.wait(lambda: "the audit log cannot be opened" in service.said()
                     and "records are not kept" in service.said(), "both refusals")
    finally:
        assert service.end() == 0
    data = tmp_path / "data"
    assert not [path for path in data.rglob("*") if path.is_file() and path.stat().st_size > 0]
    # With a generator the same folder starts as a new one does.
    service = Service(tmp_path)
    try:
        service.wait(lambda: "logOpened" in events(data / "audit" / "1"), "the log")
    finally:
        assert service.end() == 0
