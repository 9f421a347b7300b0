# SPDX-License-Identifier: Apache-2.0
"""The one file that carries an update offline; its form is described in Sources/SoftwareUpdate/Bundle.swift."""

MAGIC = b"PUMPUPD1"


def pack(entries, lengths=None, count=None):
    """Packs (name, content) pairs, the target last; `lengths` and `count` may lie, for tests."""
    table = MAGIC + (len(entries) if count is None else count).to_bytes(4, "big")
    for index, (name, content) in enumerate(entries):
        label = name if isinstance(name, bytes) else name.encode()
        length = (lengths or {}).get(index, len(content))
        table += bytes([len(label)]) + label + length.to_bytes(8, "big")
    return table + b"".join(content for _, content in entries)


def entries_for(metadata, target_name, content, from_root=1, approval=None):
    """What a device needs that trusts the root `from_root`: later roots, the three roles, the target.

    `approval` is the hospital's, where the pump asks for one.
    """
    roots = sorted(
        int(name.split(".")[0]) for name in metadata if name.endswith(".root.json"))
    chosen = [f"{version}.root.json" for version in roots if version > from_root]
    chosen.append("timestamp.json")
    for role in ("snapshot", "targets"):
        versions = [int(name.split(".")[0]) for name in metadata if name.endswith(f".{role}.json")]
        chosen.append(f"{max(versions)}.{role}.json")
    between = [] if approval is None else [("site-approval.json", approval)]
    return [(name, metadata[name]) for name in chosen] + between + [(target_name, content)]
