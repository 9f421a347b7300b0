// SPDX-License-Identifier: Apache-2.0

public import Units

/// A DRV8825 as its inputs see it: counts the rises of STEP, and how often a pulse was outside the
/// data sheet's timing, when the real one might have missed it.
public final class SimDRV8825 {
  /// STEP is high, and low, for at least this long.
  private static let pulse = Interval.nanoseconds(1_900)
  /// DIR and nENBL stand for this long before a rise.
  private static let setUp = Interval.nanoseconds(650)

  /// Microsteps made.
  public private(set) var position: Int64 = 0
  /// Pulses outside the timing of the data sheet.
  public private(set) var violations = 0
  /// The motor supply as the board's gate leaves it.
  public var supplied = false
  /// Overcurrent or overheating: nFAULT is low and the outputs are off.
  public var fault = false

  private var enabled = false
  private var step = false
  private var backwards = false
  private var stepChangedAt = Instant.min
  private var setAt = Instant.min

  public init() {}

  /// The motor has current.
  public var energised: Bool { enabled && supplied && !fault }

  /// The levels of the inputs from `now` on; `enabled` is nENBL undone.
  public func take(step: Bool, backwards: Bool, enabled: Bool, at now: Instant) {
    if backwards != self.backwards || enabled != self.enabled { setAt = now }
    self.backwards = backwards
    self.enabled = enabled
    guard step != self.step else { return }
    self.step = step
    if now - stepChangedAt < Self.pulse { violations += 1 }
    stepChangedAt = now
    guard step, energised else { return }
    if now - setAt < Self.setUp { violations += 1 }
    position += backwards ? -1 : 1
  }
}
