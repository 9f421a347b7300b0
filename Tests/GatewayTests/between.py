# SPDX-License-Identifier: Apache-2.0
"""Between the controller and the service: passes everything on, until the service is to see one state for longer.

A pump is `starting` for some cycles only. The status that its controller sent in that moment is then what the
service goes on hearing; what it asks of the controller meanwhile is counted and does not arrive."""

import select
import socket
import struct
import threading
import zlib

# Of a frame: its kind; a status and a command; where a status has the state, a command its kind.
KIND, COMMAND, STATUS, BODY, HEARTBEAT = 5, 1, 2, 20, 8
STARTING = 3


class Between:
    """In the place of the pump's control.sock, for the service alone."""

    def __init__(self, pump):
        own, self.real = pump.run / "control.sock", pump.run / "control.real"
        own.rename(self.real)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(own))
        self.listener.listen()
        self.kept, self.wants, self.asked = None, False, 0
        threading.Thread(target=self._run, daemon=True).start()

    def hold(self):
        """The next status that says `starting` stays."""
        self.asked, self.kept, self.wants = 0, None, True

    def release(self):
        self.kept, self.wants = None, False

    def _run(self):
        while True:
            service, _ = self.listener.accept()
            with service, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as controller:
                controller.connect(str(self.real))
                try:
                    self._pass_on(service, controller)
                except OSError:
                    pass

    def _pass_on(self, service, controller):
        while True:
            for peer in select.select([service, controller], [], [])[0]:
                packet = peer.recv(1_024)
                if not packet:
                    return
                if peer is service:
                    if self.kept and packet[KIND] == COMMAND and packet[BODY] != HEARTBEAT:
                        self.asked += 1
                    else:
                        controller.send(packet)
                else:
                    service.send(self._status(packet) if packet[KIND] == STATUS else packet)

    def _status(self, packet):
        if self.wants and packet[BODY] == STARTING:
            self.kept, self.wants = packet, False
        if not self.kept:
            return packet
        # The moment's content under the number and time of the new one.
        body = packet[:BODY] + self.kept[BODY:-4]
        return body + struct.pack("<I", zlib.crc32(body))
