// SPDX-License-Identifier: Apache-2.0

import CRealtime

/// A Unix SEQPACKET socket with a name, at which others connect.
///
/// The name has mode 0660 and is removed with the listener. A name left behind by a dead process
/// is taken over; one that somebody listens at is ``TransportError/inUse``.
public final class Listener: Sendable {
  /// The socket's name in the file system.
  public let path: String
  private let socket: Descriptor
  private let policy: PeerPolicy

  /// Begins to listen.
  ///
  /// Connections of users outside `policy` are closed unheard.
  public init(path: String, allowing policy: PeerPolicy = .sameUser) throws(TransportError) {
    let number = unsafe rp_listen(path)
    guard number >= 0 else { throw TransportError(number) }
    self.path = path
    self.policy = policy
    socket = Descriptor(number)
  }

  deinit { unsafe rp_unlink(path) }

  /// The socket's number, for ``waitForInput(on:upTo:)``.
  public var descriptor: Int32 { socket.number }

  /// What waited at the listener.
  public enum Arrival: Sendable {
    case connection(Connection)
    /// A user outside the policy, sent away.
    case refused(user: UInt32)
    case nobody
  }

  /// Takes the next connection that waits, if one does.
  // SEC-001: a peer is who the kernel says it is.
  public func accept() -> Arrival {
    let number = rp_accept(socket.number)
    guard number >= 0 else { return .nobody }
    do {
      return .connection(try Connection(taking: Descriptor(number), allowing: policy))
    } catch {
      if case .peerNotAllowed(let user) = error { return .refused(user: user) }
      return .nobody
    }
  }
}
