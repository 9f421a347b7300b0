// SPDX-License-Identifier: Apache-2.0

import CRealtime
import Glibc

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
