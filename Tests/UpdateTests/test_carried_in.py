# SPDX-License-Identifier: Apache-2.0
"""Signed bundles that come over the network: taken in and left waiting, also beside a therapy."""

import json
import os
import pathlib
import sys
import time

import pytest
from test_corpus import Device, built  # noqa: F401
from test_libraries import Publisher, library
from test_slots import GOOD, Release, agree, events, install, sees
from tuf_server import programs

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "GatewayTests")]
from desk import Desk  # noqa: E402
from door import Door, Seat, kind, records  # noqa: E402
from late_cycles import late, may_be_chance  # noqa: E402
from people import PASSWORD, add  # noqa: E402
from simulated_pump import SimulatedPump, brief  # noqa: E402
from updater import Updater  # noqa: E402
from uploads import bring, ended, standing  # noqa: E402


@pytest.fixture(name="site")
def a_site(tmp_path):
    """A function that starts a pump on a network with this device's updater, and signs a technician in at a node."""
    if not (programs() / "pump-gatewayd").exists():
        pytest.skip(f"no pump-gatewayd in {programs()}: run `make build`, or set PUMP_BIN")
    ends = []

    def start(device, order="none"):
        door = Door(tmp_path, order)
        ends.append(door.pump.end)
        door.commission()
        door.provision(nodes=("node.test",))
        door.root("step-up", typed=[PASSWORD])
        add(door.root, door.pump, door.folder, "technician", "service")
        updater = Updater(device.state, door.pump.run).start()
        ends.append(updater.end)
        seat = Seat(door, "node.test")
        seat.sign_in("technician")
        seat.step_up()
        return door, seat

    yield start
    for end in reversed(ends):
        end()


def at_desk(folder, door):
    """pumpctl at the technician's node, with a profile of the pump; nobody is signed in yet."""
    desk = Desk(folder / "desk")
    desk("profile", "add", "ward", *desk.options(door.port, door.authority, *door.authority.issue("node.test")))
    desk.environment["PUMPCTL_PROFILE"] = "ward"
    return desk


def test_SYS_099_SRS_239_a_bundle_that_a_desk_brought_waits_at_the_panel(tmp_path, site):
    release = Release()
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    door, _ = site(device)
    desk = at_desk(tmp_path, door)
    desk("sign-in", "technician", typed=[PASSWORD])
    desk("step-up", typed=[PASSWORD])
    bundle = desk.file("six", release.bundle("6.0", 6, GOOD % b"6.0" + os.urandom(1 << 20) * 3))
    told = desk("update", "take", bundle, "--json")
    assert (told["state"], told["kind"], told["version"]) == ("taken", "firmware", "6.0")
    sees(door.pump, "6.0")
    assert device.json("status")["phase"] == "staged" and "softwareAgreed" not in events(door.pump)
    # Brought once more it waits as before.
    assert desk("update", "take", bundle, "--json")["version"] == "6.0"
    assert device.json("status")["phase"] == "staged" and door.pump.state()["state"] == "standby"


def staged(seat, kind_):
    return seat("GET", "/v1/configuration")[2][kind_]


def test_SYS_099_RC_146_SEC_427_a_bundle_that_was_brought_waits_at_the_panel_and_nowhere_else(tmp_path, site):
    release = Release()
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    door, seat = site(device)
    status, _, begun = bring(seat, release.bundle("6.0", 6, GOOD % b"6.0"), "six")
    assert status == 202, begun
    told = ended(seat)
    assert (told["state"], told["kind"], told["version"], told["reason"]) == ("taken", "firmware", "6.0", None)
    sees(door.pump, "6.0")
    shown = staged(seat, "firmware")
    assert (shown["phase"], shown["active"]["version"], shown["candidate"]["version"]) == ("staged", "5.0", "6.0")
    assert seat("GET", "/v1/update/history")[2]["entries"] == [
        {"code": "", "outcome": "installed", "reason": "", "version": "6.0"}]
    assert records(door, "updateStaged")[-1]["reference"] == "6.0"
    asked, = [entry for entry in records(door, "requestReceived") if entry.get("reference", "").startswith("update")]
    assert asked["a"] == told["number"] and asked["reference"] == "update upload from node.test" and "person" in asked
    # Nothing but the panel agrees: it waits, and the pump does what it did.
    time.sleep(1)
    assert device.json("status")["phase"] == "staged" and "softwareAgreed" not in events(door.pump)
    assert door.pump.state()["state"] == "standby"
    # An older one, one with a byte changed and one that is cut are refused, each for its reason, and it waits on.
    newer = release.bundle("6.1", 7, GOOD % b"6.1")
    for key, bundle, code in (("cut", newer[:-1], "wrong-length"), ("longer", newer + b"x", "not-a-bundle"),
                              ("changed", newer[:-1] + b"x", "wrong-hash")):
        assert bring(seat, bundle, key)[0] == 202
        assert ended(seat)["reason"] == code, key
    # Its slot was being written when the end of it was not there.
    assert staged(seat, "firmware")["active"]["version"] == "5.0"
    history = seat("GET", "/v1/update/history")[2]["entries"]
    assert [entry["code"] for entry in history if entry["outcome"] == "refused"] == [
        "wrong-length", "not-a-bundle", "wrong-hash"]
    wanted = ["wrong-length from node.test", "not-a-bundle from node.test", "wrong-hash from node.test"]
    deadline = time.monotonic() + 20
    while [entry["reference"] for entry in records(door, "updateRefused")] != wanted:
        assert time.monotonic() < deadline, records(door, "updateRefused")
        time.sleep(0.1)
    assert all("person" in entry for entry in records(door, "updateRefused"))


def test_SRS_235_SYS_101_what_is_active_and_what_waits_is_shown_with_the_limits_of_the_library(tmp_path, site):
    publisher = Publisher()
    device = Device(tmp_path, publisher.root, GOOD % b"5.0")
    content = json.loads(library())
    drugs = [{"drug": f"Drug {number:03}", "rateMicrolitresPerHour": [100, 500, 20_000, 50_000],
              "vtbiMicrolitres": [1_000, 5_000, 50_000, 50_000]} for number in range(199)]
    content["careAreas"].append({"name": "Ward \"7\"", "drugs": drugs})
    content = json.dumps(content).encode()
    # Activated before the pump has people, as START and OK do it then.
    pump = SimulatedPump(programs(), "none")
    try:
        pump.wait_until_ready()
        assert device.take(publisher.bundle("drug-library", "4.2", 7, content)) is None
        agree(device, pump)
    finally:
        pump.end()
    door, seat = site(device)
    configuration = publisher.configuration()
    assert bring(seat, publisher.bundle("configuration", "1.0", 1, configuration), "conf")[0] == 202
    told = ended(seat)
    assert (told["state"], told["kind"], told["version"]) == ("taken", "configuration", "1.0")
    shown = seat("GET", "/v1/configuration")[2]
    assert shown["drug_library"]["active"]["version"] == "4.2" and shown["drug_library"]["candidate"] is None
    assert shown["configuration"]["active"] is None and shown["configuration"]["candidate"]["version"] == "1.0"
    assert shown["configuration"]["phase"] == "staged" and shown["site"] is None
    entries, start, pages = [], 0, 0
    while start is not None:
        status, _, page = seat("GET", f"/v1/drug-library?from={start}")
        assert status == 200 and (page["name"], page["version"]) == ("Example hospital", "4.2")
        assert page["sha256"] == shown["drug_library"]["active"]["sha256"]
        entries, start, pages = entries + page["entries"], page["next"], pages + 1
    assert len(entries) == 200 and pages > 1
    assert entries[0] == {"care_area": "ICU", "drug": "Noradrenaline", "vtbi_nL": None,
                          "rate_nL_h": [100_000, 500_000, 20_000_000, 50_000_000]}
    assert entries[1] == {"care_area": "Ward \"7\"", "drug": "Drug 000",
                          "rate_nL_h": [100_000, 500_000, 20_000_000, 50_000_000],
                          "vtbi_nL": [1_000_000, 5_000_000, 50_000_000, 50_000_000]}
    assert seat("GET", "/v1/drug-library?from=200")[2]["entries"] == []
    desk = at_desk(tmp_path, door)
    assert desk("update", "library", "--json")["entries"] == entries
    assert "Ward \"7\"   Drug 198" in desk("update", "library").stdout
    assert desk("update", "configuration", "--json") == shown
    assert "drug-library   idle" in desk("update", "configuration").stdout
    assert [entry["outcome"] for entry in seat("GET", "/v1/update/history?kind=drug-library")[2]["entries"]] == [
        "installed", "confirmed"]
    # One that was changed where it lies is no library.
    image = device.state / "drug-library" / device.state.joinpath("drug-library/journal").read_text().partition(
        '"active":"')[2][0] / "image"
    image.write_bytes(image.read_bytes().replace(b"20000", b"30000"))
    assert kind(seat("GET", "/v1/drug-library")) == (503, "no-updater")


def delivered(pump, seconds):
    """What the plant delivered of what it should have, in so many seconds."""
    before = pump.state()
    time.sleep(seconds)
    return share(before, pump.state())


def share(before, after):
    volume = after["truth"]["delivered"] - before["truth"]["delivered"]
    return volume / (5 / 3600 * (after["time"] - before["time"]))


def test_SEC_426_SEC_317_RC_146_an_upload_during_an_infusion_changes_nothing_and_cannot_be_installed(tmp_path, site):
    release = Release()
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    bundle = release.bundle("6.0", 6, GOOD % b"6.0" + os.urandom(1 << 20) * 60)
    door, seat = site(device, "demo")
    pump = door.pump
    pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
    os.sync()
    # The slack of drive and syringe is taken up in the first seconds.
    time.sleep(12)
    calm = delivered(pump, 6)
    before, begun = pump.state(), time.monotonic()
    assert bring(seat, bundle, "beside")[0] == 202
    told = ended(seat, 60)
    took = time.monotonic() - begun
    assert (told["state"], told["version"]) == ("taken", "6.0"), told
    time.sleep(max(0, 6 - took))
    after = pump.state()
    assert after["state"] == "infusing" and after["motorPowered"], brief(after)
    loaded = share(before, after)
    print(f"{len(bundle) >> 20} MiB in {took:.1f} s beside an infusion; delivered {calm:.4f} of the order calm, "
          f"{loaded:.4f} with the upload")
    assert calm == pytest.approx(1, rel=0.05) and loaded == pytest.approx(calm, rel=0.05)
    done = install(device, pump.run)
    assert done.returncode == 1 and done.stderr.startswith("therapy: "), done.stderr
    assert staged(seat, "firmware")["phase"] == "staged" and standing(seat)["state"] == "taken"
    assert "softwareAgreed" not in events(pump) and "commandRefused" not in events(pump)
    assert pump.state()["state"] == "infusing"


@pytest.mark.slow
def test_SEC_426_SEC_317_uploads_during_an_infusion_make_no_cycle_late(tmp_path, site):
    release = Release()
    device = Device(tmp_path, release.root, GOOD % b"5.0")
    # Each is newer than the one before, and takes its place.
    bundles = [release.bundle(f"6.{turn}", 6 + turn, GOOD % b"6" + os.urandom(1 << 20) * 60) for turn in range(10)]
    door, seat = site(device, "demo")
    pump = door.pump
    pump.wait(lambda now: now["state"] == "infusing", 15, "the demonstration order to run")
    os.sync()
    time.sleep(12)
    counts, times, before = {"calm": 0, "loaded": 0}, [], pump.state()
    for turn, bundle in enumerate(bundles):
        seat.step_up()
        start, begun = late(records(door, None)), time.monotonic()
        assert bring(seat, bundle, f"beside-{turn}")[0] == 202
        told = ended(seat, 60)
        times.append(time.monotonic() - begun)
        assert (told["state"], told["version"]) == ("taken", f"6.{turn}"), told
        counts["loaded"] += late(records(door, None)) - start
        # As long without, and in turns, so that the neighbours of a shared machine are there for both.
        start = late(records(door, None))
        time.sleep(times[-1])
        counts["calm"] += late(records(door, None)) - start
        now = pump.state()
        assert now["state"] == "infusing" and now["motorPowered"], brief(now)
    print(f"10 uploads of {len(bundles[0]) >> 20} MiB in {sum(times):.1f} s; {counts['calm']} cycles late without, "
          f"{counts['loaded']} with; delivered {share(before, pump.state()):.4f} of the order")
    assert share(before, pump.state()) == pytest.approx(1, rel=0.02)
    assert staged(seat, "firmware")["phase"] == "staged" and "softwareAgreed" not in events(pump)
    assert may_be_chance(counts["calm"], counts["loaded"])
