#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes systemd the first process of a Debian root: boot.sh ROOT. For test_systemd.py, which calls it in
# namespaces of its own (mounts, processes, network, names). The old root is left behind by pivot_root and not
# by chroot, because a process below a chroot may have no user namespace.
set -eu
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs sys sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount --rbind /dev dev
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 sys/fs/cgroup
else
  # Without the controller cpu, which would have to be given real-time budgets first.
  mount -t tmpfs groups sys/fs/cgroup
  mkdir sys/fs/cgroup/systemd sys/fs/cgroup/memory sys/fs/cgroup/pids
  mount -t cgroup -o none,name=systemd systemd sys/fs/cgroup/systemd
  mount -t cgroup -o memory memory sys/fs/cgroup/memory
  mount -t cgroup -o pids pids sys/fs/cgroup/pids
fi
mkdir -p old
pivot_root . old
umount -l /old
exec env container=docker /lib/systemd/systemd --system --unit=multi-user.target
