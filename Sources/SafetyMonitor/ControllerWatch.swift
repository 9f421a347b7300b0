// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Listens for the controller: whether it is there, and whether its cycle goes on.
struct ControllerWatch: Sendable {
  enum Presence: Sendable {
    /// No status has ever come.
    case never
    case present
    /// The cycle counter went back: the controller has started anew and remembers nothing.
    case restarted
    case lost
  }

  /// The cycle counter as last received.
  private(set) var heard: UInt64 = 0
  private var advancedAt: Instant?

  // SRS-021: a silent controller loses the motor.
  // RC-017: a status that stops coming and one that keeps coming with a standing counter are the same.
  mutating func listen(to cycle: UInt64?, receivedAt: Instant?, at now: Instant) -> Presence {
    guard let cycle, let receivedAt else { return advancedAt == nil ? .never : judge(at: now) }
    guard advancedAt != nil else {
      heard = cycle
      advancedAt = min(receivedAt, now)
      return judge(at: now)
    }
    if cycle != heard {
      let restarted = cycle < heard
      heard = cycle
      advancedAt = min(receivedAt, now)
      if restarted { return .restarted }
    }
    return judge(at: now)
  }

  private func judge(at now: Instant) -> Presence {
    guard let advancedAt else { return .never }
    return now - advancedAt <= MonitorLimits.controllerSilence ? .present : .lost
  }
}
