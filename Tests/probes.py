# SPDX-License-Identifier: Apache-2.0
"""Looks at what a running pump shows to the outside, and at the tables of Docs/Interfaces."""

import csv
import os
import pathlib
import re
import socket
import struct

from simulated_pump import ROOT

TABLES = ROOT / "Docs" / "Interfaces"


def table(name):
    """The rows of a table, as dictionaries."""
    lines = (TABLES / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if line and not line.startswith("#")))


def compare(seen, documented):
    """What is there and not documented, and what is documented and not there."""
    seen, documented = set(seen), set(documented)
    return sorted(seen - documented), sorted(documented - seen)


def check(seen, documented):
    undocumented, stale = compare(seen, documented)
    assert not undocumented, f"there and in no table: {undocumented}"
    assert not stale, f"in the table and not there: {stale}"


def keys(rows, *columns):
    return [tuple(row[column] for column in columns) for row in rows]


def family(pump):
    """The processes of a pump: pump-sim and everything below it, by pid."""
    parents, names = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(encoding="ascii", errors="replace")
            names[int(entry.name)] = os.path.basename(os.readlink(entry / "exe"))
        except OSError:
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pump.process.pid}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: names[pid] for pid in found if pid in names}


def seen_processes(pump):
    return sorted((name,) for name in family(pump).values())


def inodes(pid):
    found = set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(entry))
        except OSError:
            continue
        if match:
            found.add(match[1])
    return found


def network_sockets():
    """Address by inode of each network socket that takes what comes: TCP in LISTEN, UDP and raw unconnected."""
    found = {}
    for protocol in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        path = pathlib.Path(f"/proc/net/{protocol}")
        if not path.exists():
            continue
        for line in path.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            listens = fields[3] == "0A" if protocol.startswith("tcp") else fields[3] == "07"
            if listens:
                found[fields[9]] = (protocol, address(fields[1]))
    return found


def address(written):
    """The address of a row of /proc/net, without its port: the kernel chose it, or the test did."""
    digits = written.partition(":")[0]
    words = [digits[index:index + 8] for index in range(0, len(digits), 8)]
    raw = b"".join(struct.pack("=I", int(word, 16)) for word in words)
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


KINDS = {"0001": "stream", "0002": "datagram", "0005": "seqpacket"}


def seen_sockets(pump):
    """Process, address and kind of everything that listens, abstract names and datagram inboxes included."""
    unix = {}
    for line in pathlib.Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()[1:]:
        fields = line.split(maxsplit=7)
        listens = int(fields[3], 16) & 0x10000 or (fields[4] == "0002" and len(fields) > 7)
        if listens:
            name = fields[7] if len(fields) > 7 else "unnamed"
            unix[fields[6]] = (name.replace(str(pump.run) + "/", ""), KINDS.get(fields[4], fields[4]))
    network = network_sockets()
    rows = []
    for pid, name in family(pump).items():
        for inode in inodes(pid):
            if inode in unix:
                rows.append((name, *unix[inode]))
            if inode in network:
                protocol, where = network[inode]
                rows.append((name, where, protocol))
    return rows


def connections():
    """The far end by inode of each network socket that has one."""
    found = {}
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        path = pathlib.Path(f"/proc/net/{protocol}")
        for line in path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else []:
            fields = line.split()
            if int(fields[2].rpartition(":")[2], 16):
                found[fields[9]] = address(fields[2])
    return found
