# SPDX-License-Identifier: Apache-2.0
"""Brings a pump into each of its states, with a nurse, the keys and the plant.

The page shows what the pump last told, up to a report after the answer to a command: each waits for its state.
Between CONFIRM and the monitor's agreement a pump is `starting` for some cycles; who asks the service then is shown
that moment for longer."""

import os
import signal
import time

from between import Between
from door import until
from people import PASSWORD, is_ready


def reached(door, state, seconds=5):
    return door.pump.wait(lambda now: now["state"] == state, seconds, state)


def with_a_moment_to_hold(door):
    """From here on the service hears the controller by way of the test; it begins anew for that."""
    door.between = Between(door.pump)
    door.pump.signal("pump-serviced", signal.SIGKILL)
    until(lambda: is_ready(door.pump), "the service that began anew", 20)
    door.root.sign_in()


def standby(door):
    reached(door, "standby")


def programmed(door, rate="5 mL/h", vtbi="10 mL", *more):
    door.nurse("program", "--rate", rate, "--vtbi", vtbi, *more)
    reached(door, "programmed")


def read_back(door, *order):
    programmed(door, *order)
    door.nurse("start")
    reached(door, "awaitingConfirm")


def starting(door):
    """For the pump it is over at once; for who asks its service it lasts until it is healed."""
    read_back(door)
    door.between.hold()
    time.sleep(0.5)
    door.pump.press("confirm")
    reached(door, "infusing", 15)
    until(lambda: door.get("/v1/status")[2]["state"] == "starting", "the service to hear of it")


def infusing(door, *order):
    read_back(door, *order)
    time.sleep(0.5)
    door.pump.press("confirm")
    reached(door, "infusing", 15)


def kvo(door):
    infusing(door, "360 mL/h", "0.3 mL")
    reached(door, "kvo", 20)


def paused(door):
    infusing(door)
    door.nurse("pause")
    reached(door, "paused")


def relieving(door):
    """An occlusion at a high rate: taking the pressure back takes some seconds."""
    infusing(door, "360 mL/h", "20 mL", "--occlusion", "900 mmHg")
    time.sleep(3)
    door.pump.knob("occlusion.downstream", 100)
    reached(door, "relieving", 30)


def halted(door):
    infusing(door)
    door.pump.knob("door.closed", 0)
    reached(door, "halted", 10)


def faulted(door):
    """A board that is silent for a moment: the controller does not know its drive, and only a restart leads out."""
    infusing(door)
    os.kill(door.pump.process.pid, signal.SIGSTOP)
    time.sleep(0.5)
    os.kill(door.pump.process.pid, signal.SIGCONT)
    reached(door, "faulted", 20)


def healed(door):
    """The plant as it was, and no therapy."""
    pump = door.pump
    door.between.release()
    for name, value in (("occlusion.downstream", 0), ("door.closed", 1)):
        pump.knob(name, value)
    if pump.state()["state"] == "relieving":
        reached(door, "halted", 20)
    if pump.state()["state"] != "standby":
        door.nurse("stop")
        reached(door, "standby", 10)
    # What goes by itself has gone after a second; what stays latched has its cause gone.
    if pump.state()["alarms"]:
        time.sleep(1)
    if pump.state()["alarms"]:
        door.nurse("clear")
        pump.wait(lambda now: not now["alarms"], 5, "the alarms to be cleared")


STATES = {"standby": standby, "programmed": programmed, "awaitingConfirm": read_back, "starting": starting,
          "infusing": infusing, "kvo": kvo, "paused": paused, "relieving": relieving, "halted": halted}
