// SPDX-License-Identifier: Apache-2.0

import CRealtime
public import Units

/// The clock of a pump: CLOCK_MONOTONIC, or on a simulated pump that clock run faster (RC-011).
///
/// `now = epoch + (real − epoch) × scale`. All processes of one pump are started with the same
/// epoch and scale, so that their instants compare. Setting the wall clock does not move it.
// RC-011 SRS-112: the pump's processes read this clock and no other.
public struct MonotonicSource: Hashable, Sendable {
  /// The range of ``scale``.
  public static var scales: ClosedRange<Int64> { 1...1_000 }

  /// How many of the pump's seconds pass in a real one.
  public let scale: Int64
  /// The instant at which the pump's clock and the machine's read the same.
  public let epoch: Instant

  /// The machine's own clock, or that clock `scale` times as fast from `epoch` on; a scale outside
  /// ``scales`` is brought to its nearer end.
  public init(scale: Int64 = 1, epoch: Instant = .zero) {
    self.scale = Swift.min(Swift.max(scale, Self.scales.lowerBound), Self.scales.upperBound)
    self.epoch = epoch
  }

  public func now() -> Instant { pump(at: Self.machine) }

  /// The machine's clock as it stands: what a new pump takes as its epoch.
  public static var machine: Instant { Instant(native: rp_clock()) }

  /// The real time that a span of the pump's time takes.
  public func real(_ span: Interval) -> Interval { Interval(native: span.native / scale) }

  /// Sleeps until the pump's clock reads `instant`, or until a signal comes.
  public func sleep(until instant: Instant) {
    rp_sleep_until((epoch + real(instant - epoch)).native)
  }

  private func pump(at real: Instant) -> Instant { epoch + (real - epoch) * scale }
}
