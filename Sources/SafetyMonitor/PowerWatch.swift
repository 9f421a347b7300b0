// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Watches at the motor whether the gate does what it is told (RC-028).
///
/// While it starts, the controller raises its own enable and holds the motor still. So what this watch
/// sees is the gate's doing: no power while the gate is open, power once it is closed.
struct PowerWatch: Sendable {
  enum Finding: Hashable, Sendable, BitwiseCopyable {
    case nothing
    /// Open: without power for long enough. Closed: power has come.
    case proved
    /// Power with the gate open, none with it closed for proof, or a sense line that is dead.
    case stuck
  }

  private var closed = false
  private var since: Instant?
  private var unpowered = Persistence()
  private var silence = Persistence()

  /// Begins a proof: what was seen before does not count.
  mutating func beginProof(at now: Instant) {
    unpowered = Persistence()
    since = now
  }

  /// Checks one cycle.
  ///
  /// - Parameters:
  ///   - closed: What the gate was told in the last cycle.
  ///   - proving: Power is required once the gate is closed. In a running infusion it is not: the
  ///     controller may take its own enable away at any time.
  mutating func check(
    powered: Bool, linesLost: Bool, gateClosed: Bool, proving: Bool, at now: Instant
  ) -> Finding {
    if gateClosed != closed || since == nil {
      closed = gateClosed
      since = now
      unpowered = Persistence()
    }
    let deaf = silence.lasts(linesLost, for: MonitorLimits.persistence, at: now)
    if deaf { return .stuck }
    if linesLost { return .nothing }
    // SRS-027: a stuck gate is found.
    let late = now - (since ?? now) > MonitorLimits.powerDelay
    let dead = unpowered.lasts(!powered, for: MonitorLimits.proofOfOpen, at: now)
    if closed {
      if powered { return .proved }
      return proving && late ? .stuck : .nothing
    }
    if powered { return late ? .stuck : .nothing }
    return dead ? .proved : .nothing
  }
}
