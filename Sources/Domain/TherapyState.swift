// SPDX-License-Identifier: Apache-2.0

/// What the pump is doing, as one word: what a screen shows and what the monitor checks against.
public enum TherapyState: UInt8, Sendable, BitwiseCopyable {
  /// Nothing is held.
  case standby = 0
  /// A prescription is held and has not been asked to start.
  case programmed = 1
  /// The held prescription is shown and waits for the CONFIRM key.
  case awaitingConfirm = 2
  /// Confirmed; waiting for the monitor to agree and to close the gate. The motor is off.
  case starting = 3
  /// Delivering at the programmed rate.
  case infusing = 4
  /// The VTBI is delivered; keeping the vein open.
  case kvo = 5
  /// Stopped by a person; the rest of the infusion is still there.
  case paused = 6
  /// Withdrawing a bounded volume to take the pressure out of an occluded line.
  case relieving = 7
  /// Stopped by an alarm; clear it, then start and confirm again.
  case halted = 8
  /// Stopped by a fault of the pump itself; only a restart with a passed self-test leads out.
  case faulted = 9

  /// The motor may be turning forwards.
  @inlinable @inline(__always)
  public var delivers: Bool { self == .infusing || self == .kvo }

  /// The motor may be turning at all, so the gate may be closed.
  @inlinable @inline(__always)
  public var moves: Bool { delivers || self == .relieving }

  /// A confirmed therapy is under way, delivering or interrupted.
  @inlinable public var therapyActive: Bool {
    switch self {
    case .starting, .infusing, .kvo, .paused, .relieving, .halted: true
    case .standby, .programmed, .awaitingConfirm, .faulted: false
    }
  }
}

#if !hasFeature(Embedded)
  extension TherapyState: CaseIterable {}
#endif
