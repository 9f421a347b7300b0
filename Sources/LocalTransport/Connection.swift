// SPDX-License-Identifier: Apache-2.0

import CRealtime
import Glibc
public import Messages
public import Units

/// Which users may be at the far end of a connection.
// SEC-056: unsafe code stays at the edge.
public struct PeerPolicy: Hashable, Sendable {
  private var users: [UInt32]

  /// The users with these numbers.
  public init(users: [UInt32]) { self.users = users }

  /// This process's own user and nobody else.
  public static var sameUser: PeerPolicy { PeerPolicy(users: [rp_user()]) }

  /// This policy and these users.
  public func adding(_ more: [UInt32]) -> PeerPolicy { PeerPolicy(users: users + more) }

  /// The number of a user given by name or number; `nil` when this machine has none of this name.
  public static func user(_ text: String) -> UInt32? { unsafe UInt32(exactly: rp_user_named(text)) }

  /// What the kernel shows of every user whom this process's user namespace does not know: 65534, unless
  /// somebody has changed /proc/sys/kernel/overflowuid (user_namespaces(7)).
  public static var unseenUser: UInt32 { 65_534 }

  public func allows(_ user: UInt32) -> Bool { users.contains(user) }
}

/// What became of a frame.
public enum SendOutcome: Hashable, Sendable {
  case sent
  /// The reader has no room: this frame is lost to it, and to nobody else.
  case full
  /// The far end is gone.
  case closed
}

/// What a connection has to give.
public enum Received: Hashable, Sendable {
  case frame(FrameBytes)
  case nothing
  /// The far end is gone.
  case closed
  /// A packet longer than any frame; it is dropped.
  case tooLong
}

/// One end of a Unix SEQPACKET socket that carries frames, never blocking.
///
/// A packet is a frame: it comes whole or not at all, in order. Copies stand for the same socket,
/// which is closed when the last of them is gone.
public struct Connection: Sendable {
  let socket: Descriptor
  /// The user at the far end, as the kernel knows it.
  public let peerUser: UInt32
  /// The process at the far end when the connection was made.
  public let peerProcess: Int32

  /// Connects to a listener at a path.
  public init(to path: String, allowing policy: PeerPolicy = .sameUser) throws(TransportError) {
    let number = unsafe rp_connect(path)
    guard number >= 0 else { throw TransportError(number) }
    try self.init(taking: Descriptor(number), allowing: policy)
  }

  init(taking socket: Descriptor, allowing policy: PeerPolicy) throws(TransportError) {
    var user: UInt32 = 0
    var process: Int32 = 0
    let result = unsafe rp_peer(socket.number, &user, &process)
    guard result >= 0 else { throw TransportError(result) }
    guard policy.allows(user) else { throw .peerNotAllowed(user: user) }
    self.socket = socket
    peerUser = user
    peerProcess = process
  }

  /// The socket's number, for ``waitForInput(on:upTo:)``.
  public var descriptor: Int32 { socket.number }

  /// Sends a frame; an empty one is not sent and counts as sent.
  public func send(_ frame: borrowing FrameBytes) -> SendOutcome {
    guard frame.count > 0 else { return .sent }
    let count = Int32(truncatingIfNeeded: frame.count)
    let result = unsafe withUnsafeBytes(of: frame.storage) { bytes in
      unsafe rp_send(socket.number, bytes.baseAddress, count)
    }
    if result >= 0 { return .sent }
    return result == -EAGAIN || result == -ENOBUFS ? .full : .closed
  }

  /// Takes the next frame, if one is there.
  public func receive() -> Received {
    var frame = FrameBytes()
    let room = Int32(truncatingIfNeeded: FrameBytes.capacity)
    let result = unsafe withUnsafeMutableBytes(of: &frame.storage) { bytes in
      unsafe rp_receive(socket.number, bytes.baseAddress, room)
    }
    if result == -EAGAIN || result == -EINTR { return .nothing }
    guard result > 0 else { return .closed }
    guard result <= room else { return .tooLong }
    frame.resize(to: Int(result))
    return .frame(frame)
  }

  /// Waits until a frame is there or the far end is gone; `false` when the (real) time is over.
  public func wait(upTo time: Interval) -> Bool { rp_wait_one(socket.number, time.native) != 0 }
}

/// Waits until one of at most 64 descriptors has input or is closed; `false` when the (real) time
/// is over.
public func waitForInput(on descriptors: [Int32], upTo time: Interval) -> Bool {
  let count = Int32(clamping: descriptors.count)
  return unsafe descriptors.withUnsafeBufferPointer { list in
    unsafe rp_wait(list.baseAddress, count, time.native)
  } != 0
}

/// An open descriptor, closed with its last owner.
final class Descriptor: Sendable {
  let number: Int32
  init(_ number: Int32) { self.number = number }
  deinit { rp_close(number) }
}
