# SPDX-License-Identifier: Apache-2.0
"""A limit that is broken and a figure that cannot be taken both show; nothing is guessed."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "Benchmarks" / "bench"
BUDGETS = (ROOT / "Benchmarks" / "budgets.toml").read_text(encoding="utf-8")
DAEMONS = ["pump-controld", "pump-safetyd", "pump-paneld"]


@pytest.fixture
def programs(tmp_path):
    """Programs that hold every limit. /bin/true and dash stand for daemons: small, with no foreign library."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in DAEMONS:
        shutil.copy("/bin/true", folder / name)
    # The one whose wake-ups are looked at has to be there while they are.
    shutil.copy("/bin/dash", folder / "pump-controld")
    os.mkfifo(folder / "for-ever")
    script(folder / "cycle-probe", probe())
    script(folder / "pump-sim", simulator())
    (folder / "profiled").mkdir()
    script(folder / "profiled/pump-sim", simulator())
    script(folder / "pump-updated", 'mkdir -p "$3/b" && touch "$3/b/image"\n')
    script(folder / "pumpctl", latency())
    script(
        folder / "trust-probe",
        'echo \'{"records": 100000, "open_ms": 9, "single_ratio": 0.8, "bare_per_second": 900, '
        '"group_ratio": 20, "hash_ms": 60}\'\n')
    (tmp_path / "tools").mkdir()
    script(tmp_path / "tools/cyclictest", CYCLICTEST)
    script(folder / "audit-probe", audit())
    script(folder / "gateway-probe", "")
    script(folder / "gateway-load", gateway())
    return folder


def script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def probe(cycles="$2", allocations=0):
    return (
        f'printf \'{{"cycles": %s, "ns_per_cycle": 900, "allocations": {allocations}, "locks": 0}}\' '
        f"{cycles}\n"
    )


def latency(faults=0, missing="[]", late=149):
    return (
        # A process that was just started still brings its pages in.
        'if [ "$1" = status ]; then sleep 0.3; echo \'{"state": "infusing"}\'; exit; fi\n'
        'echo \'{"wakeups": 10000, "missed": 3, "missing": ' + missing + f', "page_faults": {faults}, '
        '"histogram": [[39, 5000], [89, 4900], [' + str(late) + ', 91], [899, 9]], '
        '"lateness_us": {"max": 900}}\'\n'
    )


# 1000 wake-ups, of which two later than 99 µs and one of them beyond the histogram. Beside a controller whose
# clock began at 1 234 567 ns it is due 7 µs before each of its beats.
CYCLICTEST = """case "$* " in
*--interval=10000\\ *) case "$*" in *--secaligned=1227\\ *) ;; *) echo "due at another moment" >&2; exit 1 ;; esac ;;
esac
cat <<END
# Histogram
000049 000990
000099 000008
000124 000001
# Total: 000000999
# Max Latencies: 100007
# Histogram Overflows: 00001
END
"""


def audit():
    return (
        'printf \'{"record_bytes": 100, "singles_per_second": 1e9, "grouped_per_second": 1e9, '
        '"verified_per_second": 1e9, "hashed_per_second": 2e9, "records": 10000000, "proof_ms": 0.1, '
        '"worst_proof_ms": 0.2, "proof_file_ms": 3}\'\n'
    )


def gateway(rate=700, spent=125):
    return (
        f"""printf '{{"api": {{"per_second": {rate}, "p50_us": 900, "p99_us": 2000, "processor_us": {spent}}}, """
        """"bare": {"per_second": 1000, "p50_us": 800, "p99_us": 1900, "processor_us": 100}}'\n"""
    )


def simulator(simulated=86400, ready=4.5, late=149):
    return f"""\
if [ "$1" = up ]; then
  "${{0%/*}}/pump-controld" -c "read never" --epoch 1234567 <>"${{0%/*}}/for-ever" >/dev/null 2>&1 &
  trap 'kill $!; exit' TERM
  echo '{{"process": "pump-controld", "ready_ms": {ready}}}'
  echo '{{"process": "pump-safetyd", "ready_ms": 3.5}}'
  wait
fi
if [ "$1" = replay ]; then
  echo '{{"lateness": {{"histogram": [[39, 990], [{late}, 9], [299, 1]], "max_us": 299}}}}'
  exit
fi
echo '{{"simulatedSeconds": {simulated}}}'
"""


def bench(programs, tmp_path, replaced=None):
    """Runs the bench on its own budgets, the day's scenario being any file that exists."""
    text = BUDGETS.replace("Simulator/Scenarios/Library/steady-24h.json", "Benchmarks/budgets.toml")
    text = text.replace("bytes = 268435456", "bytes = 1048576")
    text = text.replace("turns = 12\nseconds = 25", "turns = 1\nseconds = 25")
    # A stand-in and a busy machine say nothing of this ratio.
    text = text.replace("at_least_ratio = 0.9", "at_least_ratio = 0.001")
    text = text.replace("Benchmarks/gateway_load.py", str(programs / "gateway-load"))
    for old, new in (replaced or {}).items():
        assert old in text
        text = text.replace(old, new)
    budgets = tmp_path / "budgets.toml"
    budgets.write_text(text, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, BENCH, "--bin", programs, "--profiled", programs / "profiled", "--budgets", budgets],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PATH": f"{tmp_path / 'tools'}:{os.environ['PATH']}"},
    )
    assert result.stderr == ""
    return result.stdout, result.returncode


def without_valgrind(output):
    """Whether the machine has no valgrind; only `make bench` installs it."""
    return "valgrind is not installed" in output


def test_reports_every_figure(programs, tmp_path):
    output, status = bench(programs, tmp_path)
    for figure in (
        "simulated seconds per second", "samples, events and the black box written", "as `make build` builds it",
        "time per cycle", "allocations in 100000 cycles",
        "pump-controld: stripped", "pump-safetyd: exec to ready", "pump-paneld: foreign libraries",
    ):
        assert figure in output
    # Ours beside cyclictest's, whose p99.9 is the upper edge of the bucket that holds the 999th.
    assert re.search(r"p99\.9 +150 µs \(cyclictest 125 µs\) +1\.20 × ≤ 1\.2 ×", output)
    assert re.search(r"p50 +40 µs \(cyclictest 50 µs\) +0\.80 ×", output)
    assert re.search(r"max +900 µs \(cyclictest 100007 µs\)", output)
    assert "60 of 200000" in output
    # And the controller's own, of which the black box tells.
    assert re.search(r"controller woken late p99\.9 +150 µs \(cyclictest 125 µs\) +1\.20 × ≤ 1\.2 ×", output)
    assert re.search(r"p99\.9, the middle of the turns +1\.20 × … 1\.20 × … 1\.20 × +≤ 1\.2 ×", output)
    assert re.search(r"controller woken late max +299 µs", output)
    assert re.search(r"controller: page faults in the cycle +\d+ ", output)
    assert "0.70 (700/s, 1000/s)" in output and "0.80 (125 µs, 100 µs)" in output
    assert "2000 µs (bare 1900 µs)" in output
    assert "(50% of bare hashing)" in output and "audit: proof among 10000000" in output
    assert "0 limits broken" in output
    assert status == (2 if without_valgrind(output) else 0), output


def test_an_empty_folder_gives_no_figure(tmp_path):
    (tmp_path / "bin").mkdir()
    output, status = bench(tmp_path / "bin", tmp_path)
    assert status == 2
    assert "pump-sim is not built" in output
    assert "cycle-probe is not built" in output
    assert output.endswith("bench: 0 limits broken, 15 measurements not taken\n")


@pytest.mark.parametrize(
    "name, text, replaced, line",
    [
        ("cycle-probe", probe(allocations=1), {}, "allocations in 100000 cycles"),
        ("pump-sim", simulator(ready=120), {}, "pump-controld: exec to ready"),
        ("pumpctl", latency(faults=1), {}, "page faults while waking"),
        ("pumpctl", latency(late=150), {}, "wake-up lateness p99.9"),
        ("pump-sim", simulator(late=150), {}, "controller woken late p99.9"),
        ("pump-sim", simulator(late=150), {}, "… p99.9, the middle of the turns"),
        ("gateway-load", gateway(rate=690), {}, "gateway: requests of a bare route"),
        ("gateway-load", gateway(spent=150), {}, "… for the same processor time"),
        (None, None, {"at_most_bytes = 8000000": "at_most_bytes = 1000"}, "pump-safetyd: stripped"),
        (None, None, {'"libc", ': ""}, "pump-paneld: foreign libraries"),
        (None, None, {"at_least_per_second = 8640": "at_least_per_second = 1e12"},
         "simulated seconds per second"),
    ],
    ids=["allocation", "slow start", "page fault", "late", "late controller", "late controller in the middle", "slow gateway", "costly gateway", "size", "library", "slow simulator"],
)
def test_a_broken_limit_shows(programs, tmp_path, name, text, replaced, line):
    if name:
        script(programs / name, text)
    output, status = bench(programs, tmp_path, replaced)
    assert status == 1
    assert any(l.startswith(line) and l.endswith("BROKEN") for l in output.splitlines()), output


@pytest.mark.parametrize(
    "name, text, reason",
    [
        ("profiled/pump-sim", simulator(simulated=3600), "the scenario ended after 3600 of 86400 s"),
        ("profiled/pump-sim", "echo no such drug >&2; exit 2\n", "ended with status 2: no such drug"),
        ("pumpctl", "exit 3\n", "controller woken late"),
        ("cycle-probe", probe(cycles=7), "the probe ran 7 of 100000 cycles"),
        ("cycle-probe", "echo nonsense\n", "control cycle"),
    ],
    ids=["early end", "refused scenario", "no pump", "short probe", "no figures"],
)
def test_what_is_no_measurement_is_no_figure(programs, tmp_path, name, text, reason):
    script(programs / name, text)
    output, status = bench(programs, tmp_path)
    assert status == 2
    assert any(reason in l and "not measured" in l for l in output.splitlines()), output


def test_a_day_without_the_profiled_program_is_no_figure(programs, tmp_path):
    (programs / "profiled/pump-sim").unlink()
    output, status = bench(programs, tmp_path)
    assert status == 2
    assert any("run `make profiled`" in l and "not measured" in l for l in output.splitlines()), output


def test_page_faults_of_an_ordinary_thread_break_no_limit(programs, tmp_path):
    script(programs / "pumpctl", latency(faults=7, missing='["locked memory"]'))
    output, _ = bench(programs, tmp_path)
    assert "60 of 200000, without locked memory" in output
    assert "0 limits broken" in output
