# SPDX-License-Identifier: Apache-2.0
"""The verifier through its program, against repositories that python-tuf made and signed."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from release_tools.repository import Repository, resign, seeded_signer
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Delegations

NOW = datetime.now(timezone.utc).replace(microsecond=0)


def refused(client, code, status=None):
    assert (client.refresh() if status is None else status) == 1
    assert client.code == code, client.error


# What has to be accepted

def test_SEC_300_first_refresh_keeps_every_byte(start):
    repository = Repository().publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0, client.error
    assert client.trusted() == {
        "root.json": repository.metadata["1.root.json"],
        "timestamp.json": repository.metadata["timestamp.json"],
        "snapshot.json": repository.metadata["1.snapshot.json"],
        "targets.json": repository.metadata["1.targets.json"]}


@pytest.mark.parametrize("make", [
    CryptoSigner.generate_ed25519, CryptoSigner.generate_ecdsa, CryptoSigner.generate_rsa])
@pytest.mark.parametrize("consistent", [True, False])
def test_SEC_300_accepts_each_key_type(start, make, consistent):
    repository = Repository(make_signer=make, consistent=consistent).publish_first()
    repository.add_target("folder/a file?#%.bin", b"content", algorithms=("sha256", "sha512"))
    repository.publish()
    client, _ = start(repository)
    assert client.download("folder/a file?#%.bin") == 0, client.error
    assert [path.read_bytes() for path in client.downloads.iterdir()] == [b"content"]


def test_SEC_300_accepts_keys_of_three_types_in_one_role(start):
    makers = [CryptoSigner.generate_ed25519, CryptoSigner.generate_ecdsa,
              CryptoSigner.generate_rsa] * 4
    repository = Repository(make_signer=lambda: makers.pop()(), keys={"targets": 3, "root": 3},
                            thresholds={"targets": 3, "root": 2}).publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0, client.error


def test_SEC_300_one_bad_signature_beside_a_threshold_is_no_harm(start):
    repository = Repository(keys={"timestamp": 2}, thresholds={"timestamp": 1}).publish_first()
    node = json.loads(repository.metadata["timestamp.json"])
    node["signatures"][0]["sig"] = node["signatures"][1]["sig"]
    node["signatures"].append({"keyid": "f" * 64, "sig": "zz"})
    repository.metadata["timestamp.json"] = json.dumps(node).encode()
    client, _ = start(repository)
    assert client.refresh() == 0, client.error


def test_SEC_300_fields_nobody_knows_are_signed_too(start):
    repository = Repository().publish_first()
    signers = repository.signers["timestamp"]
    good = resign(repository.metadata["timestamp.json"], signers,
                  lambda signed: signed.update({"x-new": {"b": [1, {"a": "\"\\é\n"}]}}))
    repository.metadata["timestamp.json"] = good
    client, _ = start(repository)
    assert client.refresh() == 0, client.error
    assert client.trusted()["timestamp.json"] == good
    repository.metadata["timestamp.json"] = good.replace(b'"x-new"', b'"x-old"').replace(
        b'"version": 1', b'"version": 1')
    client.folder.joinpath("timestamp.json").unlink()
    refused(client, "too-few-signatures")


@pytest.mark.parametrize("before,after", [
    ((1, 1), (1, 1)), ((1, 1), (3, 2)), ((3, 2), (1, 1)), ((3, 3), (5, 3)), ((5, 3), (3, 3))])
def test_SEC_304_root_keys_and_thresholds_rotate(start, before, after):
    repository = Repository(keys={"root": before[0]}, thresholds={"root": before[1]})
    repository.publish_first()
    repository.set_keys("root", [repository.new_signer() for _ in range(after[0])], after[1])
    repository.publish_root()
    repository.publish_root()
    client, _ = start(repository)
    assert client.refresh() == 0, client.error
    assert client.trusted()["root.json"] == repository.metadata["3.root.json"]


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_SEC_304_keys_of_each_role_rotate(start, role):
    repository = Repository().publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0
    repository.set_keys(role, [repository.new_signer(), repository.new_signer()], 2)
    repository.publish_root()
    repository.publish()
    assert client.refresh() == 0, client.error


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_SEC_304_recovers_from_a_fast_forward(start, role):
    repository = Repository().publish_first()
    repository.signed[role].version = 2**53 - 10
    if role == "targets":
        repository.publish_targets(bump=False)
    if role in ("targets", "snapshot"):
        repository.publish_snapshot(bump=role == "targets")
    repository.publish_timestamp(bump=role != "timestamp")
    client, _ = start(repository)
    assert client.refresh() == 0, client.error
    repository.signed[role].version = 2
    repository.publish()
    if role == "targets":
        repository.signed["snapshot"].version += 1
    refused(client, "rollback")
    repository.set_keys("snapshot", [repository.new_signer()])
    repository.set_keys("timestamp", [repository.new_signer()])
    repository.publish_root()
    repository.publish()
    assert client.refresh() == 0, client.error


def test_SEC_306_expired_local_files_do_not_block_an_update(start):
    repository = Repository(lifetime=timedelta(days=1)).publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0
    later = NOW + timedelta(days=5)
    for signed in repository.signed.values():
        signed.expires = later + timedelta(days=5)
    repository.publish_root()
    repository.publish()
    assert client.refresh(date=later) == 0, client.error


def test_SEC_305_same_timestamp_version_keeps_the_trusted_one(start):
    repository = Repository().publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0
    before = client.trusted()
    repository.signed["timestamp"].expires += timedelta(days=5)
    repository.publish_timestamp(bump=False)
    assert client.refresh() == 0
    assert client.trusted() == before


def test_SEC_302_announced_hashes_and_lengths_are_met(start):
    repository = Repository()
    repository.announce_hashes = True
    repository.publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0, client.error
    repository.publish()
    assert client.refresh() == 0, client.error


def test_a_target_that_is_there_is_not_fetched_again(start):
    repository = Repository().publish_first()
    repository.add_target("a", b"one")
    repository.publish()
    client, server = start(repository)
    assert client.download("a") == 0
    asked = [path for path in server.requests if path.startswith("/targets")]
    assert client.download("a") == 0
    assert [path for path in server.requests if path.startswith("/targets")] == asked


# What has to be refused

def test_SEC_300_an_unsigned_first_root_is_refused_at_refresh(start):
    repository = Repository().publish_first()
    unsigned = repository.sign("root", [])
    client, _ = start(repository, root=unsigned)
    refused(client, "too-few-signatures")
    assert list(client.trusted()) == ["root.json"]


@pytest.mark.parametrize("root", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"signed":{},"signed":{}}'])
def test_SEC_312_garbage_as_first_root_is_refused(start, root):
    repository = Repository().publish_first()
    client, _ = start(repository, root=root)
    assert client.refresh() == 1
    assert client.code in ("not-json", "malformed")


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets"])
def test_SEC_030_SEC_300_one_signature_short_is_refused(start, role):
    repository = Repository(keys={role: 3}, thresholds={role: 2}).publish_first()
    client, _ = start(repository)
    repository.signers[role] = repository.signers[role][:1]
    if role == "root":
        repository.publish_root(signers=repository.signers["root"])
    repository.publish()
    refused(client, "too-few-signatures")


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_SEC_300_a_key_of_another_role_does_not_count(start, role):
    repository = Repository().publish_first()
    client, _ = start(repository)
    repository.signers[role] = repository.signers["root"]
    repository.publish()
    refused(client, "too-few-signatures")


@pytest.mark.parametrize("sig", ["", "00", "zz", "f" * 127])
def test_SEC_300_an_empty_or_broken_signature_is_none(start, sig):
    repository = Repository().publish_first()
    node = json.loads(repository.metadata["timestamp.json"])
    node["signatures"][0]["sig"] = sig
    repository.metadata["timestamp.json"] = json.dumps(node).encode()
    client, _ = start(repository)
    refused(client, "too-few-signatures")


def test_SEC_301_one_key_cannot_reach_a_threshold_of_two(start):
    repository = Repository(keys={"timestamp": 2}, thresholds={"timestamp": 2}).publish_first()
    client, _ = start(repository)
    node = json.loads(repository.metadata["timestamp.json"])
    node["signatures"][1] = node["signatures"][0]
    repository.metadata["timestamp.json"] = json.dumps(node).encode()
    refused(client, "malformed")


def change_root(repository, change):
    return resign(repository.metadata["1.root.json"], repository.signers["root"], change)


def test_SEC_301_a_keyid_twice_in_a_role_is_refused(start):
    repository = Repository().publish_first()
    keyid = repository.signers["timestamp"][0].public_key.keyid
    root = change_root(repository, lambda signed: signed["roles"]["timestamp"].update(
        keyids=[keyid, keyid], threshold=2))
    client, _ = start(repository, root=root)
    refused(client, "malformed")


def test_SEC_301_a_made_up_keyid_is_refused(start):
    repository = Repository().publish_first()

    def change(signed):
        keyid = repository.signers["timestamp"][0].public_key.keyid
        signed["keys"]["a" * 64] = signed["keys"][keyid]
        signed["roles"]["timestamp"]["keyids"].append("a" * 64)

    client, _ = start(repository, root=change_root(repository, change))
    refused(client, "malformed")


def test_SEC_301_one_key_under_two_true_ids_counts_once(start):
    repository = Repository().publish_first()
    signer = repository.signers["timestamp"][0]
    import hashlib

    from securesystemslib.formats import encode_canonical
    second = {**signer.public_key.to_dict(), "x": "another id"}
    keyid = hashlib.sha256(encode_canonical(second).encode()).hexdigest()

    def change(signed):
        signed["keys"][keyid] = second
        signed["roles"]["timestamp"].update(
            keyids=[signer.public_key.keyid, keyid], threshold=2)

    client, _ = start(repository, root=change_root(repository, change))
    node = json.loads(repository.metadata["timestamp.json"])
    node["signatures"].append({**node["signatures"][0], "keyid": keyid})
    repository.metadata["timestamp.json"] = json.dumps(node).encode()
    refused(client, "too-few-signatures")


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets"])
def test_SEC_306_each_expired_role_is_refused(start, role):
    repository = Repository().publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0
    repository.signed[role].expires = NOW - timedelta(seconds=1)
    if role == "root":
        repository.publish_root()
    repository.publish()
    refused(client, "expired")


def test_SEC_031_SEC_306_a_frozen_repository_is_noticed(start):
    repository = Repository(lifetime=timedelta(days=1)).publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0
    refused(client, "expired", client.refresh(date=NOW + timedelta(days=2)))


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
@pytest.mark.parametrize("hashes", [False, True])
def test_SEC_031_SEC_305_rollback_is_refused(start, role, hashes):
    repository = Repository()
    repository.announce_hashes = hashes
    repository.publish_first().publish().publish()
    client, _ = start(repository)
    assert client.refresh() == 0
    before = client.trusted()
    repository.signed[role].version -= 1
    if role == "targets":
        repository.publish_targets(bump=False)
        repository.publish_snapshot()
    if role == "snapshot":
        repository.publish_snapshot(bump=False)
    repository.publish_timestamp(bump=role != "timestamp")
    refused(client, "rollback")
    assert client.trusted()["snapshot.json"] == before["snapshot.json"]
    assert client.trusted()["targets.json"] == before["targets.json"]


def test_SEC_305_targets_cannot_leave_the_snapshot(start):
    repository = Repository().publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0
    del repository.signed["snapshot"].meta["targets.json"]
    repository.publish_snapshot()
    repository.publish_timestamp()
    refused(client, "not-in-snapshot")


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_SEC_302_mix_and_match_is_refused(start, role):
    repository = Repository().publish_first().publish()
    old = dict(repository.metadata)
    repository.publish()
    repository.metadata[f"3.{role}.json"] = old[f"2.{role}.json"]
    client, _ = start(repository)
    refused(client, "wrong-version")


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_SEC_302_content_that_was_not_announced_is_refused(start, role):
    repository = Repository()
    repository.announce_hashes = True
    repository.publish_first()
    data = repository.metadata[f"1.{role}.json"]
    client, _ = start(repository)
    repository.metadata[f"1.{role}.json"] = data[:-1]
    refused(client, "wrong-length")
    repository.metadata[f"1.{role}.json"] = data[:-1] + b" "
    refused(client, "wrong-hash")


@pytest.mark.parametrize("name,version", [("2.root.json", 3), ("2.root.json", 1)])
def test_SEC_304_a_root_that_is_not_the_next_is_refused(start, name, version):
    repository = Repository().publish_first()
    repository.signed["root"].version = version
    repository.metadata[name] = repository.sign("root")
    client, _ = start(repository)
    refused(client, "wrong-version")


def test_SEC_304_a_root_without_the_old_keys_is_refused(start):
    repository = Repository().publish_first()
    repository.set_keys("root", [repository.new_signer()])
    repository.publish_root(signers=repository.signers["root"])
    client, _ = start(repository)
    refused(client, "too-few-signatures")


def test_SEC_303_delegations_are_refused(start):
    repository = Repository().publish_first()
    signer = repository.new_signer()
    role = DelegatedRole("site", [signer.public_key.keyid], 1, True, paths=["*"])
    repository.signed["targets"].delegations = Delegations(
        {signer.public_key.keyid: signer.public_key}, {"site": role})
    repository.publish()
    client, _ = start(repository)
    refused(client, "delegates")


@pytest.mark.parametrize("name,limit", [
    ("2.root.json", 512_000), ("timestamp.json", 16_384), ("1.snapshot.json", 2_000_000),
    ("1.targets.json", 5_000_000)])
def test_SEC_307_endless_data_is_refused(start, name, limit):
    repository = Repository().publish_first()
    repository.metadata[name] = b" " * (limit + 1)
    client, _ = start(repository)
    refused(client, "too-large")


def test_SEC_307_endless_data_without_a_length_is_refused(start):
    repository = Repository().publish_first()
    client, server = start(repository)

    def forever(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" " * 65536)
        except OSError:
            pass

    server.instead["/metadata/timestamp.json"] = forever
    refused(client, "too-large")


def test_SEC_311_a_dripping_source_is_given_up(start):
    import time
    repository = Repository().publish_first()
    client, server = start(repository)

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" ")
                time.sleep(0.5)
        except OSError:
            pass

    server.instead["/metadata/timestamp.json"] = drip
    refused(client, "unavailable")


@pytest.mark.parametrize("answer", [
    b"", b"HTTP/1.1 200 OK\r\n", b"SIP/2.0 200 OK\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc",
    b"HTTP/1.1 500 Oh\r\n\r\n", b"A" * 20_000, b"HTTP/1.1 200 \xff\r\n\r\n"])
def test_SEC_307_a_broken_answer_is_refused(start, answer):
    repository = Repository().publish_first()
    client, server = start(repository)
    server.instead["/metadata/timestamp.json"] = lambda handler: handler.wfile.write(answer)
    refused(client, "unavailable")


@pytest.mark.parametrize("content,code", [
    (b"contenT", "wrong-hash"), (b"conten", "wrong-length"), (b"content.", "too-large"),
    (None, "not-found")])
def test_SEC_302_another_target_content_is_refused(start, content, code):
    repository = Repository().publish_first()
    repository.add_target("a", b"content")
    repository.publish()
    name = next(iter(repository.content))
    if content is None:
        del repository.content[name]
    else:
        repository.content[name] = content
    client, _ = start(repository)
    refused(client, code, client.download("a"))
    assert list(client.downloads.iterdir()) == []


def test_an_unknown_target_is_refused(start):
    repository = Repository().publish_first()
    client, _ = start(repository)
    refused(client, "unknown-target", client.download("a"))


@pytest.mark.parametrize("name", ["../../outside", "/etc/outside", "a/../../b", "..", "\n", "é"])
def test_SEC_037_SEC_313_no_target_name_leads_out_of_the_folder(start, name):
    repository = Repository().publish_first()
    repository.add_target(name, b"content")
    repository.publish()
    client, _ = start(repository)
    before = {path for path in client.downloads.parent.rglob("*")}
    status = client.download(name)
    after = {path for path in client.downloads.parent.rglob("*")} - before
    assert all(client.downloads == path.parent or client.folder == path.parent for path in after)
    if status == 1:
        assert client.code in ("storage", "usage"), client.error


@pytest.mark.parametrize("change", [
    lambda signed: signed.update(version=0),
    lambda signed: signed.update(version=2**53 + 1),
    lambda signed: signed.update(version="1"),
    lambda signed: signed.update(version=True),
    lambda signed: signed.update(_type="snapshot"),
    lambda signed: signed.update(spec_version="2.0.0"),
    lambda signed: signed.update(expires="tomorrow"),
    lambda signed: signed.pop("meta"),
    lambda signed: signed["meta"].update({"other.json": {"version": 1}}),
    lambda signed: signed["meta"]["snapshot.json"].update(version=0),
    lambda signed: signed["meta"]["snapshot.json"].update(length=-1),
    lambda signed: signed["meta"]["snapshot.json"].update(hashes={}),
    lambda signed: signed["meta"]["snapshot.json"].update(hashes={"md5": "00"}),
    lambda signed: signed["meta"]["snapshot.json"].update(hashes={"sha256": "00"}),
])
def test_SEC_312_nonsense_that_is_well_signed_is_refused(start, change):
    repository = Repository().publish_first()
    repository.metadata["timestamp.json"] = resign(
        repository.metadata["timestamp.json"], repository.signers["timestamp"], change)
    client, _ = start(repository)
    assert client.refresh() == 1
    assert client.code in ("malformed", "not-json"), client.error


def test_SEC_312_no_changed_byte_of_the_timestamp_is_taken(start):
    repository = Repository().publish_first()
    good = repository.metadata["timestamp.json"]
    client, _ = start(repository)
    for index in range(0, len(good), 29):
        for byte in (0, 0x22, 0x7b, 0xff, good[index] ^ 1):
            repository.metadata["timestamp.json"] = good[:index] + bytes([byte]) + good[index + 1:]
            if json_same(repository.metadata["timestamp.json"], good):
                continue
            assert client.refresh() == 1
            assert "timestamp.json" not in client.trusted()


def json_same(one, other):
    """Whether two texts hold the same signed value, so that the signature still covers it."""
    try:
        first, second = json.loads(one), json.loads(other)
    except ValueError:
        return False
    return first.get("signed") == second["signed"] and [
        (s.get("keyid"), (s.get("sig") or "").lower()) for s in first.get("signatures", [])
    ] == [(s["keyid"], s["sig"]) for s in second["signatures"]]


def test_too_many_rotations_stop_at_the_limit(start):
    repository = Repository().publish_first()
    for _ in range(300):
        repository.publish_root()
    client, _ = start(repository)
    assert client.refresh() == 0, client.error
    assert json.loads(client.trusted()["root.json"])["signed"]["version"] == 257


def test_what_was_learned_before_a_refusal_is_kept(start):
    repository = Repository().publish_first()
    client, _ = start(repository)
    assert client.refresh() == 0
    repository.publish()
    del repository.metadata["2.snapshot.json"]
    refused(client, "not-found")
    assert client.trusted()["timestamp.json"] == repository.metadata["timestamp.json"]


def test_the_seed_makes_the_same_key():
    assert seeded_signer("a").public_key.keyid == seeded_signer("a").public_key.keyid
    assert seeded_signer("a").public_key.keyid != seeded_signer("b").public_key.keyid
