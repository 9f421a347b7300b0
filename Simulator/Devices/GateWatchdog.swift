// SPDX-License-Identifier: Apache-2.0

public import Units

/// The external windowed watchdog in front of the motor's power gate (RC-019).
///
/// The gate conducts while EN_B is high and strokes come: an edge at least every 60 ms. More than
/// three edges within 10 ms trip it, as a program gone wild would make them; a trip lasts until
/// EN_B has been low.
public struct GateWatchdog: Sendable {
  /// A stroke may be this late.
  // SRS-025: the gate's watchdog has a window.
  public static var window: Interval { .milliseconds(60) }
  private var strokedAt: Instant?
  private var burst = 0
  private var burstAt = Instant.min
  public private(set) var tripped = false

  public init() {}

  /// EN_B went low: the trip is over.
  public mutating func release() {
    tripped = false
    strokedAt = nil
  }

  /// An edge at the stroke line.
  public mutating func stroke(at now: Instant) {
    if now - burstAt >= .milliseconds(10) {
      burstAt = now
      burst = 0
    }
    burst += 1
    if burst > 3 { tripped = true }
    strokedAt = now
  }

  /// The gate conducts, given EN_B.
  public func conducts(enabled: Bool, at now: Instant) -> Bool {
    guard enabled, !tripped, let strokedAt else { return false }
    return now - strokedAt <= Self.window
  }
}
