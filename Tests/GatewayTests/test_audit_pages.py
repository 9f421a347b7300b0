# SPDX-License-Identifier: Apache-2.0
"""The audit log over the network: for whom the table lets, judged by two verifiers, and on the log itself."""

import base64
import hashlib
import io
import json
import subprocess
import tarfile

import pytest

from door import Seat, kind, records, until
from people import PASSWORD, add
from simulated_pump import programs
from test_whole_way import audit, inspected


@pytest.fixture(name="ward", scope="module")
def audited_door(new_door):
    """A pump with an auditor, and the key that its log began with."""
    door = new_door()
    door.key = audit("key", door.pump.run / "data/audit/1").strip()
    door.provision(nodes=("node.test", "other.test"))
    door.root("step-up", typed=[PASSWORD])
    add(door.root, door.pump, door.folder, "inspector", "auditor")
    return door


@pytest.fixture(name="inspector")
def signed_in(ward):
    seat = Seat(ward, "node.test")
    seat.sign_in("inspector")
    return seat


def size_of(checkpoint):
    return int(checkpoint.split("\n")[1])


def covered(ward, seat):
    """The newest checkpoint as soon as it covers all that there is now."""
    ward.pump.wait(lambda now: not now["alarms"], 10, "no alarm")
    wanted = len(records(ward, None))
    found = []

    def is_there():
        found[:] = [seat("GET", "/v1/audit/checkpoint")[2].decode()]
        return size_of(found[0]) >= wanted

    # Records that do not bear on safety are covered after five minutes; a mains alarm does, and covers all before it.
    ward.pump.knob("mains.present", 0)
    try:
        ward.pump.wait(lambda now: now["alarms"], 10, "the alarm")
    finally:
        ward.pump.knob("mains.present", 1)
    until(is_there, "a checkpoint over it", 15)
    return found[0]


def exported(seat, folder):
    status, headers, body = seat("GET", "/v1/audit/export")
    assert (status, headers["content-type"]) == (200, "application/x-tar"), body
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        for member in archive:
            assert member.isfile() and not member.name.startswith("/") and ".." not in member.name
            archive.extract(member, folder)
    return folder


def test_SYS_094_SRS_221_SEC_020_an_export_is_what_two_verifiers_accept(ward, inspector, tmp_path):
    checkpoint = covered(ward, inspector)
    assert kind(inspector("GET", "/v1/audit/export")) == (403, "needs-step-up")
    inspector.step_up()
    tiles = exported(inspector, tmp_path / "one")
    assert size_of((tiles / "checkpoint").read_text()) >= size_of(checkpoint)
    code, verdict = inspected(tiles, ward.key)
    assert (code, verdict["good"], verdict["findings"]) == (0, True, [])
    assert verdict["records"] == verdict["covered"] == size_of((tiles / "checkpoint").read_text())
    audit("verify", tiles, "--key", ward.key)
    # Byte for byte what pumpctl writes of the pump's own files, where both have it.
    own = tmp_path / "own"
    audit("export", ward.pump.run / "data/audit/1", "--format", "tiles", "--output", own)
    whole = [path.relative_to(tiles) for path in (tiles / "tile").rglob("*") if path.is_file() and ".p/" not in str(path)]
    for path in whole:
        assert (own / path).read_bytes() == (tiles / path).read_bytes(), path
    assert (own / "checkpoints").read_bytes().startswith((tiles / "checkpoints").read_bytes())
    # One bit of it is found.
    tile = next(path for path in (tiles / "tile/entries").rglob("*") if path.is_file())
    content = tile.read_bytes()
    tile.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
    assert inspected(tiles, ward.key)[0] == 1
    # That it was exported, by whom and from where, is on the log.
    until(lambda: records(ward, "logExported"), "the record")
    record = records(ward, "logExported")[-1]
    assert (record["role"], record["reference"]) == (5, "from node.test") and record["a"] >= size_of(checkpoint)


def test_SYS_094_SRS_220_records_come_in_pages_with_pseudonyms_and_are_on_record(ward, inspector):
    shown, start = [], 0
    while start is not None and len(shown) < 2_000:
        status, _, page = inspector("GET", f"/v1/audit/records?from={start}")
        assert status == 200
        shown += page["records"]
        start = page["next"]
    assert [record["index"] for record in shown] == list(range(len(shown)))
    assert shown[0]["event"] == "logCreated"
    # One pseudonym for a person through all pages of a session, another one in the next session, and no login.
    commissioned = [record["person"] for record in shown if record.get("role") == 4]
    assert len(commissioned) > 1 and len(set(commissioned)) == 1 and commissioned[0].startswith("p-")
    for login in ("root-person", "inspector", "nurse"):
        assert login not in json.dumps([record.get("person") for record in shown])
    again = Seat(ward, "other.test")
    again.sign_in("inspector")
    first = again("GET", "/v1/audit/records")[2]["records"]
    other = [record["person"] for record in first if record.get("role") == 4]
    assert other and set(other).isdisjoint(commissioned)
    # What was read before may come onto the log a moment earlier.
    until(lambda: [record["b"] for record in records(ward, "personalDataShown")[-1:]
                   if record["reference"] == "from other.test"] == [len(first)], "the record")
    last = records(ward, "personalDataShown")[-1]
    assert (last["role"], last["b"], last["reference"]) == (5, len(first), "from other.test")
    assert kind(inspector("GET", f"/v1/audit/records?from={10**9}")) == (404, "no-record")


def leaf(content):
    return hashlib.sha256(b"\x00" + content).digest()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_consistent(old, old_root, size, root, proof):
    """RFC 9162 §2.1.4.2, as it stands there."""
    if old == size:
        return not proof and old_root == root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for part in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(part, fr), node(part, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, part)
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == root and sn == 0


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:split]), root_of(leaves[split:]))


def leaves_of(tiles):
    content = b"".join(path.read_bytes() for path in sorted((tiles / "tile/0").rglob("*")) if path.is_file())
    return [content[at:at + 32] for at in range(0, len(content), 32)]


def test_SRS_220_SEC_202_proofs_hold_and_none_other_does(ward, inspector, tmp_path):
    first = covered(ward, inspector)
    newest = covered(ward, inspector)
    inspector.step_up()
    tiles = exported(inspector, tmp_path / "tiles")
    leaves = leaves_of(tiles)
    for old in sorted({1, 2, 3, 4, 7, 8, size_of(first), size_of(first) - 1}):
        status, _, proof = inspector("GET", f"/v1/audit/consistency?from={old}")
        assert (status, proof["from"]) == (200, old) and proof["size"] >= size_of(newest)
        if proof["size"] > len(leaves):
            leaves = leaves_of(exported(inspector, tmp_path / f"tiles-{old}"))
        hashes = [bytes.fromhex(part) for part in proof["hashes"]]
        root = root_of(leaves[:proof["size"]])
        assert is_consistent(old, root_of(leaves[:old]), proof["size"], root, hashes)
        assert not is_consistent(old, leaf(b"another"), proof["size"], root, hashes)
    for index in (0, 5, size_of(first) - 1):
        status, headers, proof = inspector("GET", f"/v1/audit/records/{index}/proof")
        assert status == 200 and headers["content-type"].startswith("text/plain")
        path = tmp_path / "record.tlog-proof"
        path.write_bytes(proof)
        # The key in force is no longer the first one after a day, or at another start; here it is the second.
        keys = [bytes.fromhex(record["payload"]) for record in records(ward, "keyChanged")]
        checked = [subprocess.run([programs() / "pumpctl", "audit", "check-proof", path, "--key", key], check=False,
                                  capture_output=True, timeout=30).returncode for key in [ward.key, *note_keys(ward.key, keys)]]
        assert 0 in checked
    for index in ("-1", "x", 10**9, 10**20):
        assert kind(inspector("GET", f"/v1/audit/records/{index}/proof")) == (404, "no-record")
    assert kind(inspector("GET", f"/v1/audit/consistency?from={10**9}")) == (404, "no-record")
    until(lambda: len(records(ward, "dataExported")) >= 3, "the records")


def note_keys(first, keys):
    """The keys that took over, written like the first one (C2SP signed-note)."""
    name = first.split("+")[0]
    for key in keys:
        key = b"\x01" + key
        number = hashlib.sha256(f"{name}\n".encode() + key).digest()[:4].hex()
        yield f"{name}+{number}+{base64.b64encode(key).decode()}"


def test_SEC_408_the_log_is_for_those_whom_the_table_lets(ward):
    """Every route of the log by every role, with and without a step-up; the table in words, so that no change of it is silent."""
    add_missing(ward)
    reads = ["/v1/audit/checkpoint", "/v1/audit/records", "/v1/audit/consistency"]
    exports = ["/v1/audit/records/1/proof", "/v1/audit/export"]
    for role in ("clinician", "pharmacist", "service", "administrator", "auditor"):
        seat = Seat(ward, "node.test")
        seat.sign_in("inspector" if role == "auditor" else f"one-{role}")
        for path in reads:
            found = seat("GET", path)
            assert found[0] == 200 if role in ("administrator", "auditor") else kind(found) == (403, "not-permitted")
        for path in exports:
            assert kind(seat("GET", path)) == (403, "needs-step-up" if role == "auditor" else "not-permitted"), role
        seat.step_up()
        for path in exports:
            found = seat("GET", path)
            assert found[0] == 200 if role == "auditor" else kind(found) == (403, "not-permitted")
    nobody = Seat(ward, "node.test")
    for path in reads + exports:
        assert kind(nobody("GET", path)) == (401, "not-signed-in")


def add_missing(ward):
    ward.root("step-up", typed=[PASSWORD])
    for role in ("clinician", "pharmacist", "service", "administrator"):
        add(ward.root, ward.pump, ward.folder, f"one-{role}", role)
