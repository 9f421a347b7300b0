# SPDX-License-Identifier: Apache-2.0
"""RC-011 and SRS-175 with real processes: the wall clock jumps by ten years and delivery does not notice;
the timer fails and nothing runs away.

The daemons load other_clock.c, which moves their wall clock or breaks their timer while they run and leaves
their monotonic clock alone. The plant keeps the true time.
"""

import datetime
import errno
import json
import pathlib
import shutil
import struct
import subprocess

import pytest

from simulated_pump import DAEMONS, SimulatedPump, alarms, brief, programs

SOURCE = pathlib.Path(__file__).with_name("other_clock.c")
WITH_THE_LIBRARY = """#!/bin/sh
exec env LD_PRELOAD={library} OTHER_CLOCK={setting} {program} "$@"
"""


class OtherClock:
    """Programs in a folder of their own, each daemon with a setting of its own."""

    def __init__(self, folder):
        self.bin = folder / "bin"
        self.bin.mkdir()
        real = programs()
        library = folder / "other_clock.so"
        compiler = shutil.which("cc") or shutil.which("clang")
        subprocess.run(
            [compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        self._settings = {name: folder / f"{name}.clock" for name in DAEMONS}
        for name, setting in self._settings.items():
            setting.write_bytes(struct.pack("qq", 0, 0))
            (self.bin / name).write_text(
                WITH_THE_LIBRARY.format(library=library, setting=setting, program=real / name),
                encoding="ascii")
            (self.bin / name).chmod(0o755)
        # pump-sim starts what lies beside it, and serves the page from the bundle beside it.
        shutil.copy(real / "pump-sim", self.bin / "pump-sim")
        for bundle in real.glob("*.resources"):
            (self.bin / bundle.name).symlink_to(bundle)

    def _write(self, name, position, number):
        with open(self._settings[name], "r+b") as file:
            file.seek(position)
            file.write(struct.pack("q", number))

    def jump(self, days):
        """Sets the wall clock of every daemon this far from the true one."""
        for name in DAEMONS:
            self._write(name, 0, days * 86_400)

    def break_timer(self, name):
        self._write(name, 8, errno.EINVAL)


@pytest.fixture
def clock(tmp_path):
    if not (programs() / "pump-sim").exists():
        pytest.skip("needs the built programs")
    return OtherClock(tmp_path)


@pytest.fixture
def infusing(clock):
    pump = SimulatedPump(clock.bin, "demo")
    try:
        pump.wait_until_ready()
        pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
        yield pump
    finally:
        pump.end()


def recorded_years(pump):
    """The years that label the events so far."""
    shown = subprocess.run(
        [programs() / "pumpctl", "audit", "show", pump.run / "data" / "audit" / "1", "--last", "10000",
         "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=True)
    return {int(json.loads(line)["wall"][:4]) for line in shown.stdout.splitlines()}


def test_RC_011_SRS_112_a_jump_of_ten_years_changes_no_delivery(clock, infusing):
    pump = infusing
    processes = pump.state()["processes"]
    this = datetime.datetime.now(datetime.timezone.utc).year
    for days, year in [(3653, this + 10), (-3653, this - 10), (0, this)]:
        before = pump.state()
        clock.jump(days)
        for now in pump.watch(3):
            assert now["state"] == "infusing" and now["motorPowered"], brief(now)
            after = now
        expected = 5 / 3600 * (after["time"] - before["time"])
        assert after["delivered"] - before["delivered"] == pytest.approx(expected, rel=0.25)
        # The jump did reach the processes: it labels their records.
        pump.do("start")
        pump.wait(lambda _: year in recorded_years(pump), 5, f"{year} in the record")
    assert pump.state()["processes"] == processes


@pytest.mark.parametrize("name", ["pump-controld", "pump-safetyd"])
def test_SRS_175_a_timer_that_fails_ends_the_process_and_the_motor_has_no_power(
        clock, infusing, name):
    before = infusing.state()
    clock.break_timer(name)
    stopped = infusing.wait(lambda now: not now["motorPowered"], 5, "the motor to lose its power")
    assert stopped["time"] - before["time"] < 0.5, brief(stopped)
    ended = infusing.wait(
        lambda now: {"name": name, "state": "ended by exit 1"} in now["processes"], 5, f"{name} to end")
    assert not ended["motorPowered"], brief(ended)
    lost = {"pump-controld": "controllerLost", "pump-safetyd": "monitorLost"}[name]
    infusing.wait(lambda now: lost in alarms(now), 5, f"the alarm {lost}")
    assert any("the timer does not hold" in line for line in infusing.log)


def test_SRS_175_a_panel_whose_timer_fails_ends_and_the_infusion_goes_on(clock, infusing):
    clock.break_timer("pump-paneld")
    infusing.wait(lambda now: "panelLost" in alarms(now), 10, "the alarm panelLost")
    for now in infusing.watch(2):
        assert now["state"] == "infusing" and now["motorPowered"], brief(now)
