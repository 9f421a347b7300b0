// SPDX-License-Identifier: Apache-2.0

import CRealtime
public import Units

/// The receiving end of ``notifyReady()``: what a service manager has, for one process.
public final class NotificationInbox: Sendable {
  /// What the process is to be given as `NOTIFY_SOCKET`.
  public let path: String
  private let socket: Descriptor

  /// Receives at a path; a socket left there by an earlier run is replaced.
  public init(at path: String) throws(TransportError) {
    let number = unsafe rp_notify_listen(path)
    guard number >= 0 else { throw TransportError(number) }
    self.path = path
    socket = Descriptor(number)
  }

  deinit { unsafe rp_unlink(path) }

  /// Waits for the word `READY=1`; `false` when the (real) time is over.
  public func waitForReady(upTo time: Interval) -> Bool { wait(for: "READY=1", upTo: time) }

  /// Waits for a word, leaving out those before it; `false` when the (real) time is over.
  public func wait(for word: String, upTo time: Interval) -> Bool {
    unsafe rp_notify_wait(socket.number, word, time.native) == 1
  }
}
