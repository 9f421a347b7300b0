# SPDX-License-Identifier: Apache-2.0
"""Attacks on a device's intake, made from a seed: each a bundle and the reason it must be refused for.

    python -m release_tools.corpus --seed N --out DIR

Every case begins with a device that runs release 5 at security floor 3 and trusts version 5 of all
metadata. The attacker has what the class says and nothing more.
"""

import argparse
import copy
import hashlib
import json
import pathlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .bundle import entries_for, pack
from .repository import HARDWARE, Repository, resign, seeded_signer, terms

RUNNING = {"version": "5.0", "release": 5, "security": 3}


@dataclass
class Case:
    name: str
    bundle: bytes
    #: Codes of which one must be given; empty for a bundle that must be taken.
    codes: tuple = ()
    #: For evolutions: bundles that are taken before.
    before: list = field(default_factory=list)


def image(draw, size=None):
    return draw.randbytes(size or draw.randrange(1, 5_000))


class World:
    """The manufacturer's repository at the time when the device was last updated."""

    def __init__(self, seed, number, now):
        self.draw = random.Random(f"{seed}/{number}")
        self.repository = Repository(
            now=now, seed=f"{seed}/{number}", keys={"root": 3, "targets": 2, "snapshot": 2,
                                                      "timestamp": 2},
            thresholds={"root": 2, "targets": 2, "snapshot": 2, "timestamp": 2})
        self.repository.announce_hashes = self.draw.random() < 0.5
        self.repository.publish_first()
        for _ in range(3):
            self.repository.publish()
        self.given = image(self.draw)
        self.repository.add_target("pump", self.given, terms("5.0", 5, 3))
        self.repository.publish()
        self.root = self.repository.metadata["1.root.json"]
        self.before = self.bundle()
        self.old = copy.deepcopy(self.repository.metadata)

    def offer(self, version="6.0", release=6, security=3, hardware=(HARDWARE,), name="pump"):
        self.content = image(self.draw)
        self.repository.add_target(name, self.content, terms(version, release, security, hardware))
        return self.content

    def bundle(self, content=None, name="pump", metadata=None, from_root=1):
        content = content if content is not None else getattr(self, "content", self.given)
        return pack(entries_for(
            metadata or self.repository.metadata, name, content, from_root))

    def change(self, role, change):
        """Well signed nonsense: the keys of the role are the attacker's."""
        repository = self.repository
        name = "timestamp.json" if role == "timestamp" else f"{repository.signed[role].version}.{role}.json"
        repository.metadata[name] = resign(
            repository.metadata[name], repository.signers[role], change)

    def text(self, role, change):
        repository = self.repository
        name = "timestamp.json" if role == "timestamp" else f"{repository.signed[role].version}.{role}.json"
        repository.metadata[name] = change(repository.metadata[name])


def silent(world):
    """Announced hashes would hide the fault that a case is about."""
    world.repository.announce_hashes = False


# Each function is a class: it bends a world and returns (bundle, codes).

def arbitrary(world):
    world.offer()
    world.repository.publish()
    strangers = [seeded_signer(f"stranger/{world.draw.random()}") for _ in range(2)]
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    silent(world)
    world.repository.signers[role] = strangers
    world.repository.publish()
    return world.bundle(), ("too-few-signatures",)


def arbitrary_content(world):
    content = world.offer()
    world.repository.publish()
    other = bytearray(content)
    other[world.draw.randrange(len(other))] ^= 1 << world.draw.randrange(8)
    return world.bundle(bytes(other)), ("wrong-hash",)


def rollback(world):
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    world.offer()
    signed = world.repository.signed
    back = world.draw.randrange(1, 4)
    signed[role].version -= back
    if role == "targets":
        world.repository.publish_targets(bump=False)
        for version in range(1, 6):
            if version != signed["targets"].version:
                world.repository.metadata.pop(f"{version}.targets.json", None)
        world.repository.publish_snapshot()
    if role == "snapshot":
        world.repository.publish_targets()
        world.repository.publish_snapshot(bump=False)
        for version in range(1, 6):
            if version != signed["snapshot"].version:
                world.repository.metadata.pop(f"{version}.snapshot.json", None)
    world.repository.publish_timestamp(bump=role != "timestamp")
    return world.bundle(), ("rollback",)


def freeze(world):
    world.offer()
    repository = world.repository
    repository.signed["timestamp"].expires = repository.now - timedelta(
        seconds=world.draw.randrange(1, 10**7))
    repository.publish()
    return world.bundle(), ("expired",)


def expired(world):
    role = world.draw.choice(["root", "timestamp", "snapshot", "targets"])
    world.offer()
    repository = world.repository
    repository.signed[role].expires = repository.now - timedelta(
        seconds=world.draw.randrange(1, 10**7))
    if role == "root":
        repository.publish_root()
    repository.publish()
    return world.bundle(), ("expired",)


def mix_and_match(world):
    silent(world)
    world.offer()
    repository = world.repository
    repository.publish()
    role = world.draw.choice(["snapshot", "targets"])
    version = repository.signed[role].version
    repository.metadata[f"{version}.{role}.json"] = world.old[
        f"{world.draw.randrange(1, 6)}.{role}.json"]
    return world.bundle(), ("wrong-version",)


def fast_forward(world):
    """Versions raised with stolen keys, then the true repository again, without a rotation."""
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    repository = world.repository
    true = repository.signed[role].version
    repository.signed[role].version = 2**53 - world.draw.randrange(1, 1000)
    if role == "targets":
        repository.publish_targets(bump=False)
    if role in ("targets", "snapshot"):
        repository.publish_snapshot(bump=role == "targets")
    repository.publish_timestamp(bump=role != "timestamp")
    world.before_also = [world.bundle(world.given)]
    for name in [n for n in repository.metadata if n.startswith("900719")]:
        del repository.metadata[name]
    repository.signed[role].version = true
    world.offer()
    repository.publish()
    return world.bundle(), ("rollback",)


def endless(world):
    world.offer()
    repository = world.repository
    repository.publish()
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    size = world.draw.randrange(70_000, 900_000)
    world.text(role, lambda data: data + b" " * size)
    return world.bundle(), ("too-large",)


def endless_root(world):
    world.offer()
    world.repository.publish_root()
    world.repository.publish()
    world.repository.metadata["2.root.json"] += b" " * 70_000
    return world.bundle(), ("too-large",)


def wrong_hardware(world):
    world.offer(hardware=[world.draw.choice(
        ["reference-pump-2", "Reference-pump-1", "reference-pump-1 ", "", "rеference-pump-1"][:3])])
    world.repository.publish()
    return world.bundle(), ("wrong-hardware",)


def wrong_length(world):
    content = world.offer()
    world.repository.publish()
    entries = entries_for(world.repository.metadata, "pump", content)
    if world.draw.random() < 0.5:
        entries[-1] = ("pump", content[:-1])
        return pack(entries), ("wrong-length",)
    entries[-1] = ("pump", content + world.draw.randbytes(world.draw.randrange(1, 100)))
    return pack(entries), ("wrong-length",)


def extra_bytes(world):
    world.offer()
    world.repository.publish()
    return world.bundle() + world.draw.randbytes(world.draw.randrange(1, 100)), ("not-a-bundle",)


def cut_short(world):
    world.offer()
    world.repository.publish()
    bundle = world.bundle()
    return bundle[:world.draw.randrange(len(bundle))], ("wrong-length",)


def lower_security(world):
    world.offer(security=world.draw.randrange(0, 3))
    world.repository.publish()
    return world.bundle(), ("insecure-version",)


def older_release(world):
    world.offer(release=world.draw.randrange(0, 5), security=9)
    world.repository.publish()
    return world.bundle(), ("old-release",)


def threshold_minus_one(world):
    role = world.draw.choice(["root", "timestamp", "snapshot", "targets"])
    world.offer()
    repository = world.repository
    if role == "root":
        repository.publish_root(signers=repository.signers["root"][:1])
    else:
        repository.signers[role] = repository.signers[role][:1]
    repository.publish()
    return world.bundle(), ("too-few-signatures",)


def duplicate_signature(world):
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    silent(world)
    world.offer()
    world.repository.publish()

    def twice(data):
        node = json.loads(data)
        node["signatures"] = [node["signatures"][0]] * 2
        return json.dumps(node).encode()

    world.text(role, twice)
    return world.bundle(), ("malformed",)


def duplicate_key(world):
    """A root, well signed, in which one key has two ids or one id stands twice."""
    world.offer()
    repository = world.repository
    repository.publish_root()
    keyid = repository.signers["targets"][0].public_key.keyid

    def change(signed):
        if world.draw.random() < 0.5:
            signed["roles"]["targets"]["keyids"] = [keyid, keyid]
        else:
            made_up = hashlib.sha256(world.draw.randbytes(8)).hexdigest()
            signed["keys"][made_up] = signed["keys"][keyid]
            signed["roles"]["targets"]["keyids"] = [keyid, made_up]

    repository.metadata["2.root.json"] = resign(
        repository.metadata["2.root.json"], repository.signers["root"], change)
    repository.publish()
    return world.bundle(), ("malformed",)


def revoked_key(world):
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    world.offer()
    repository = world.repository
    stolen = list(repository.signers[role])
    repository.set_keys(role, [repository.new_signer() for _ in range(2)])
    repository.publish_root()
    repository.signers[role] = stolen
    repository.publish()
    return world.bundle(), ("too-few-signatures",)


def revoked_root_key(world):
    world.offer()
    repository = world.repository
    stolen = list(repository.signers["root"])
    repository.set_keys("root", [repository.new_signer() for _ in range(3)], 2)
    repository.publish_root()
    repository.set_keys("root", stolen, 2)
    repository.root_signers = []
    repository.publish_root(signers=stolen)
    repository.publish()
    return world.bundle(), ("too-few-signatures",)


def traversal(world):
    """Nothing of a name is a path: the signed one is simply not the one of the bundle."""
    name = world.draw.choice([
        "../../../../etc/passwd", "/etc/cron.d/x", "a/../../b", "..", ".", "journal",
        "../journal", "a/image", "trust/root.json", "floor"])
    content = world.offer()
    world.repository.publish()
    return world.bundle(content, name=name), ("unknown-target",)


def traversal_metadata(world):
    content = world.offer()
    world.repository.publish()
    entries = entries_for(world.repository.metadata, "pump", content)
    name = world.draw.choice(["../floor", "../../timestamp.json", "/root.json", "trust/root.json"])
    index = world.draw.randrange(len(entries) - 1)
    entries[index] = (name, entries[index][1])
    return pack(entries), ("not-found",)


def huge_sizes(world):
    content = world.offer()
    world.repository.publish()
    entries = entries_for(world.repository.metadata, "pump", content)
    size = world.draw.choice([2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**53 + 1, 2**63, 2**64 - 1])
    index = world.draw.randrange(len(entries))
    codes = ("not-a-bundle", "too-large") if index < len(entries) - 1 else (
        "not-a-bundle", "wrong-length")
    return pack(entries, lengths={index: size}), codes


def huge_counts(world):
    content = world.offer()
    world.repository.publish()
    entries = entries_for(world.repository.metadata, "pump", content)
    return pack(entries, count=world.draw.choice([0, 81, 2**31, 2**32 - 1])), ("not-a-bundle",)


def huge_numbers(world):
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    silent(world)
    world.offer()
    world.repository.publish()
    number = world.draw.choice([2**53 + 1, 2**63, 2**64, -1, 0, -2**63, 10**30])
    world.change(role, lambda signed: signed.update(version=number))
    return world.bundle(), ("not-json", "malformed")


def huge_target(world):
    """A signed length that is not the bundle's, up to the limits of integers."""
    silent(world)
    world.offer()
    world.repository.publish()
    size = world.draw.choice([2**31, 2**32, 2**53, 2**53 + 1, -1])
    world.change("targets", lambda signed: signed["targets"]["pump"].update(length=size))
    return world.bundle(), ("wrong-length", "not-json", "malformed")


def deep_nesting(world):
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    silent(world)
    world.offer()
    world.repository.publish()
    depth = world.draw.choice([17, 100, 1_000, 10_000, 30_000])
    kind = world.draw.choice([b"[", b'{"a":'])
    world.text(role, lambda data: b'{"x": ' + (kind * depth)[:60_000] + b"," + data[1:])
    return world.bundle(), ("not-json", "too-large")


def duplicate_json_key(world):
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    silent(world)
    world.offer()
    world.repository.publish()
    key = world.draw.choice([b'"signed"', b'"signatures"', b'"version"', b'"expires"', b'"_type"'])

    def twice(data):
        return data.replace(key + b": ", key + b": 1, " + key + b": ", 1)

    world.text(role, twice)
    return world.bundle(), ("not-json",)


def empty_signature(world):
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    silent(world)
    world.offer()
    world.repository.publish()
    replacement = world.draw.choice(["", "00", "zz", "0" * 128])

    def empty(data):
        node = json.loads(data)
        for signature in node["signatures"][:1]:
            signature["sig"] = replacement
        if world.draw.random() < 0.3:
            node["signatures"] = []
        return json.dumps(node).encode()

    world.text(role, empty)
    return world.bundle(), ("too-few-signatures",)


def nonsense(world):
    """Well signed metadata whose fields are of other types."""
    role = world.draw.choice(["timestamp", "snapshot", "targets"])
    silent(world)
    world.offer()
    world.repository.publish()
    key = world.draw.choice(["_type", "spec_version", "version", "expires",
                             "targets" if role == "targets" else "meta"])
    value = world.draw.choice([None, True, [], {"a": []}, "x", 1.5])
    name = "timestamp.json" if role == "timestamp" else (
        f"{world.repository.signed[role].version}.{role}.json")
    node = json.loads(world.repository.metadata[name])
    if value == 1.5:
        node["signed"][key] = 1.5
        world.repository.metadata[name] = json.dumps(node).encode()
        return world.bundle(), ("not-json",)
    world.change(role, lambda signed: signed.update({key: value}))
    return world.bundle(), ("malformed",)


def bad_terms(world):
    silent(world)
    world.offer()
    world.repository.publish()
    change = world.draw.choice([
        lambda t: t.pop("custom"), lambda t: t["custom"].pop("hardware"),
        lambda t: t["custom"].update(hardware="reference-pump-1"),
        lambda t: t["custom"].update(hardware=[]), lambda t: t["custom"].update(kind="rootkit"),
        lambda t: t["custom"].update(version="../1"), lambda t: t["custom"].update(version=""),
        lambda t: t["custom"].update(releaseCounter=-1),
        lambda t: t["custom"].update(securityVersion="9"),
        lambda t: t["custom"].update(notes="n" * 2001),
        lambda t: t["custom"].update(kind="drug-library")])
    world.change("targets", lambda signed: change(signed["targets"]["pump"]))
    return world.bundle(), ("bad-terms",)


def delegation(world):
    silent(world)
    world.offer()
    world.repository.publish()
    world.change("targets", lambda signed: signed.update(delegations={
        "keys": {}, "roles": [{"name": "x", "keyids": [], "threshold": 1, "terminating": True,
                                "paths": ["*"]}]}))
    return world.bundle(), ("delegates",)


def not_a_bundle(world):
    kind = world.draw.randrange(4)
    if kind == 0:
        return b"", ("wrong-length",)
    if kind == 1:
        return b"PUMPUPD2" + world.draw.randbytes(100), ("not-a-bundle",)
    if kind == 2:
        return b"\x1f\x8b" + world.draw.randbytes(500), ("not-a-bundle",)
    content = world.offer()
    world.repository.publish()
    entries = entries_for(world.repository.metadata, "pump", content)
    entries.insert(1, entries[0])
    return pack(entries), ("not-a-bundle",)


CLASSES = [
    arbitrary, arbitrary_content, rollback, freeze, expired, mix_and_match, fast_forward, endless,
    endless_root, wrong_hardware, wrong_length, extra_bytes, cut_short, lower_security,
    older_release, threshold_minus_one, duplicate_signature, duplicate_key, revoked_key,
    revoked_root_key, traversal, traversal_metadata, huge_sizes, huge_counts, huge_numbers,
    huge_target, deep_nesting, duplicate_json_key, empty_signature, nonsense, bad_terms,
    delegation, not_a_bundle]


# Evolutions that must be taken

def next_release(world):
    pass


def same_release_again(world):
    world.release = 5


def rotate(role):
    def evolution(world):
        repository = world.repository
        repository.set_keys(role, [repository.new_signer() for _ in range(3)], 2)
        repository.publish_root()
    evolution.__name__ = f"rotate_{role}"
    return evolution


def new_threshold(world):
    repository = world.repository
    repository.set_keys("root", [repository.new_signer() for _ in range(5)], 3)
    repository.publish_root()
    repository.set_keys("targets", [repository.new_signer()], 1)
    repository.publish_root()


def many_roots(world):
    for _ in range(40):
        world.repository.publish_root()


def recovery(role):
    def evolution(world):
        repository = world.repository
        true = repository.signed[role].version
        repository.signed[role].version = 2**53 - 5
        if role == "targets":
            repository.publish_targets(bump=False)
        if role in ("targets", "snapshot"):
            repository.publish_snapshot(bump=role == "targets")
        repository.publish_timestamp(bump=role != "timestamp")
        world.before_also = [world.bundle(world.given)]
        for name in [n for n in repository.metadata if n.startswith("900719")]:
            del repository.metadata[name]
        repository.signed[role].version = true
        for name in ("snapshot", "timestamp"):
            repository.set_keys(name, [repository.new_signer() for _ in range(2)], 2)
        repository.publish_root()
    evolution.__name__ = f"recovery_{role}"
    return evolution


EVOLUTIONS = [next_release, same_release_again, new_threshold, many_roots] + [
    rotate(role) for role in ("root", "timestamp", "snapshot", "targets")] + [
    recovery(role) for role in ("timestamp", "snapshot", "targets")]


def attacks(seed, per_class, now):
    """All cases as (world, case), in an order that the seed does not change."""
    for make in CLASSES:
        for number in range(per_class):
            world = World(seed, f"{make.__name__}/{number}", now)
            world.before_also = []
            bundle, codes = make(world)
            yield world, Case(f"{make.__name__}-{number}", bundle, codes,
                              [world.before] + world.before_also)


def evolutions(seed, now):
    for make in EVOLUTIONS:
        world = World(seed, make.__name__, now)
        world.before_also = []
        world.release = 6
        make(world)
        world.offer(release=world.release)
        world.repository.publish()
        yield world, Case(make.__name__, world.bundle(), (), [world.before] + world.before_also)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", default="1")
    parser.add_argument("--per-class", type=int, default=7)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    now = datetime.now(timezone.utc).replace(microsecond=0)
    count = 0
    for world, case in attacks(options.seed, options.per_class, now):
        folder = options.out / case.name
        folder.mkdir(exist_ok=True)
        (folder / "root.json").write_bytes(world.root)
        (folder / "case.bundle").write_bytes(case.bundle)
        for index, before in enumerate(case.before):
            (folder / f"before-{index}.bundle").write_bytes(before)
        (folder / "expected").write_text(" ".join(case.codes) + "\n", encoding="ascii")
        count += 1
    print(f"{count} cases in {options.out}")


if __name__ == "__main__":
    main()
