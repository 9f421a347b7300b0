# SPDX-License-Identifier: Apache-2.0
"""RC-008 and RC-023 with real processes: garbage on the sockets reaches nobody and delays nothing."""

import os
import random
import socket
import threading
import time

import pytest

from simulated_pump import brief


def flood(path, seconds, draw):
    """Opens connections and sends packets of chance bytes and lengths; returns how many were taken."""
    sent, peers, end = 0, [], time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            peers.append(peer)
            peer.setblocking(False)
            peer.connect(str(path))
            for _ in range(200):
                peer.send(os.urandom(draw.randrange(1, 700)))
                sent += 1
        except OSError:
            time.sleep(0.005)
        if len(peers) > 20:
            peers.pop(0).close()
    for peer in peers:
        peer.close()
    return sent


@pytest.mark.parametrize("name", ["control.sock", "safety.sock", "service.sock"])
def test_RC_008_RC_023_SEC_006_a_flood_of_garbage_changes_no_delivery(pump, name):
    before = pump.state()
    assert flood(pump.run / name, 4, random.Random(8)) > 1_000
    after = pump.state()
    assert after["state"] == "infusing" and after["motorPowered"], brief(after)
    assert [p["state"] for p in after["processes"]] == [p["state"] for p in before["processes"]]
    expected = 5 / 3600 * (after["time"] - before["time"])
    assert after["delivered"] - before["delivered"] == pytest.approx(expected, rel=0.1)


def test_RC_002_RC_008_SRS_129_stop_keeps_its_time_under_a_flood(pump):
    floods = [
        threading.Thread(target=flood, args=(pump.run / name, 6, random.Random(number)))
        for number, name in enumerate(["control.sock", "safety.sock", "service.sock"])]
    for thread in floods:
        thread.start()
    try:
        time.sleep(1)
        before = pump.state()
        assert before["state"] == "infusing" and before["motorPowered"], brief(before)
        pump.key("stop", True)
        after = pump.wait(lambda now: not now["motorPowered"], 3, "the motor to lose its power")
        pump.key("stop", False)
        # As without a flood: debouncing, 50 ms to stop, one status to the monitor, and the asking.
        assert after["time"] - before["time"] <= 0.3
        pump.wait(lambda now: now["state"] == "paused", 1, "the controller to say so")
        assert any(thread.is_alive() for thread in floods)
    finally:
        for thread in floods:
            thread.join()
