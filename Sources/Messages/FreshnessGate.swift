// SPDX-License-Identifier: Apache-2.0

public import Units

/// Why a well-formed frame does not count.
public enum FreshnessRefusal: UInt8, Error, Sendable, BitwiseCopyable {
  /// The number of the last frame again.
  case duplicate = 1
  /// A number before the last one.
  case old = 2
  /// Sent longer ago than the reader allows.
  case stale = 3
  /// Sent further ahead of the reader's clock than the reader allows of age: another clock.
  case fromFuture = 4
}

/// Lets a sender's frames through in their order and while they are young (RC-023).
///
/// One gate stands at each connection: a sender that starts again comes over a new connection and
/// meets a new gate. Numbers wrap: the half of the ring ahead of the last number is newer. A frame
/// that is refused leaves the gate as it was, so a stale one does not shut out its successors.
public struct FreshnessGate: Hashable, Sendable {
  /// The greatest age let through.
  public let maximumAge: Interval
  private var last: UInt32?

  public init(maximumAge: Interval) { self.maximumAge = maximumAge }

  /// Lets a frame through or says why not.
  // RC-023 SRS-076: an old, repeated or stale frame is refused with its reason.
  @_noAllocation @_noLocks
  public mutating func admit(_ header: FrameHeader, at now: Instant) throws(FreshnessRefusal) {
    if let last {
      let ahead = Int32(bitPattern: header.sequence &- last)
      if ahead == 0 { throw .duplicate }
      if ahead < 0 { throw .old }
    }
    let age = now - header.sentAt
    if age > maximumAge { throw .stale }
    if age < -maximumAge { throw .fromFuture }
    last = header.sequence
  }
}

/// Numbers a sender's frames from 1 and writes them.
public struct FrameNumbering: Hashable, Sendable {
  /// The number of the last frame written.
  public private(set) var last: UInt32 = 0

  public init() {}

  public mutating func encode(_ frame: Frame, at now: Instant) -> FrameBytes {
    last &+= 1
    return Messages.encode(frame, sequence: last, at: now)
  }
}
