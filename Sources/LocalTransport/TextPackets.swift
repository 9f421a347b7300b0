// SPDX-License-Identifier: Apache-2.0

import CRealtime
import Glibc
public import Units

/// A packet of text that a connection has to give.
public enum ReceivedText: Hashable, Sendable {
  case text([UInt8])
  case nothing
  /// The far end is gone.
  case closed
  /// A packet longer than ``Connection/longestText``; it is dropped.
  case tooLong
}

/// The same connection, for the upper half's longer messages.
extension Connection {
  /// The longest packet of text, in bytes.
  public static var longestText: Int { 16_384 }

  /// Sends a packet; an empty one or one above ``longestText`` counts as no connection.
  public func send(text: [UInt8]) -> SendOutcome {
    guard !text.isEmpty, text.count <= Self.longestText else { return .closed }
    let result = unsafe text.withUnsafeBytes { bytes in
      unsafe rp_send(socket.number, bytes.baseAddress, Int32(truncatingIfNeeded: bytes.count))
    }
    if result >= 0 { return .sent }
    return result == -EAGAIN || result == -ENOBUFS ? .full : .closed
  }

  /// Sends a packet and gives the next one that comes; nil when none does in time or the far end is gone.
  ///
  /// It waits: for threads that may.
  public func ask(_ text: [UInt8], patience: Interval) -> [UInt8]? {
    send(text: text) == .sent ? next(patience: patience) : nil
  }

  /// The next packet; nil when none comes in time or the far end is gone.
  // The clocks of the standard library would bring its concurrency into every daemon: 0.8 MB of threads and tasks.
  public func next(patience: Interval) -> [UInt8]? {
    let end = MonotonicSource.machine + patience
    while MonotonicSource.machine < end {
      switch receiveText() {
      case .nothing: _ = wait(upTo: .milliseconds(50))
      case .text(let bytes): return bytes
      case .closed, .tooLong: return nil
      }
    }
    return nil
  }

  /// Takes the next packet, if one is there.
  // SEC-330: what is longer than the bound is dropped before anybody reads it.
  public func receiveText() -> ReceivedText {
    var result: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.longestText) { room, count in
      result = unsafe rp_receive(
        socket.number, room.baseAddress, Int32(truncatingIfNeeded: Self.longestText))
      count = Int(Swift.max(0, Swift.min(result, Int32(truncatingIfNeeded: Self.longestText))))
    }
    if result == -EAGAIN || result == -EINTR { return .nothing }
    guard result > 0 else { return .closed }
    return result > Int32(truncatingIfNeeded: Self.longestText) ? .tooLong : .text(bytes)
  }
}
