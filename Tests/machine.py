# SPDX-License-Identifier: Apache-2.0
"""How long the machine itself stood still: what a shared machine takes from everybody is no fault of a pump."""

import multiprocessing
import os
import time

PERIOD = 0.01


def watch(parent, latest, processor):
    """Wakes each 10 ms before every program of a pump, and keeps how late that was at the most."""
    os.sched_setaffinity(0, {processor})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
    except PermissionError:
        return
    due = time.monotonic()
    while os.getppid() == parent:
        due = max(due + PERIOD, time.monotonic())
        time.sleep(max(0, due - time.monotonic()))
        latest.value = max(latest.value, time.monotonic() - due)


class Machine:
    """One watch on each processor; where no such priority is granted, nothing is known."""

    def __init__(self):
        self.watches = []
        for processor in sorted(os.sched_getaffinity(0)):
            latest = multiprocessing.Value("d", 0.0, lock=False)
            process = multiprocessing.Process(target=watch, args=(os.getpid(), latest, processor), daemon=True)
            process.start()
            self.watches.append((process, latest))

    def begin(self):
        for _, latest in self.watches:
            latest.value = 0.0

    def stood_still(self):
        """Milliseconds since `begin`, on the processor that stood still longest; 0 when nobody watched."""
        return round(1000 * max((latest.value for process, latest in self.watches if process.is_alive()), default=0))

    def end(self):
        for process, _ in self.watches:
            process.kill()
            process.join(5)
        self.watches = []
