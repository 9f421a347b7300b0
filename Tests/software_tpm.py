# SPDX-License-Identifier: Apache-2.0
"""A TPM 2.0 of software, on a port of its own."""

import socket
import subprocess
import time


def free_ports():
    """Two ports, one behind the other: the TPM's and that of its control channel."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


class TPM:
    """A software TPM whose state is a folder."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_ports(), None
        folder.mkdir()
        self.start()

    @property
    def root(self):
        return f"tpm:swtpm:host=127.0.0.1,port={self.port}"

    def start(self):
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}",
             "--server", f"type=tcp,port={self.port},bindaddr=127.0.0.1",
             "--ctrl", f"type=tcp,port={self.port + 1},bindaddr=127.0.0.1",
             "--flags", "not-need-init"])
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port + 1), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "swtpm does not listen"
                time.sleep(0.05)

    def stop(self):
        # It does not listen to SIGTERM; what it answered is on its disk.
        self.process.kill()
        self.process.wait(10)
