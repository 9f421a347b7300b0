// SPDX-License-Identifier: Apache-2.0

/// A running volume that loses nothing to rounding.
///
/// Adding `rate.volume(over: step)` a hundred times a second would round a hundred times a second;
/// the integrator carries the remainder in nL·ns/h, so that the total after any number of steps
/// equals the exact sum cut to whole nanolitres.
// RC-099 SRS-057: a day runs through.
public struct FlowIntegrator: Hashable, Sendable, BitwiseCopyable {
  /// The volume so far, cut towards zero to whole nanolitres.
  public private(set) var volume: Volume
  /// What the cut left over: nL·ns/h, magnitude below 3.6 × 10¹².
  public private(set) var remainder: Int64

  @inlinable public init() {
    self.init(volume: .zero, remainder: 0)
  }

  /// Takes up a total that was stored; a remainder out of range is brought back into it.
  public init(volume: Volume, remainder: Int64) {
    self.volume = volume
    self.remainder = remainder % Interval.nanosecondsPerHour
  }

  /// Adds `rate × time`, saturating.
  // RC-098 SRS-102: a running total loses nothing.
  public mutating func add(_ rate: FlowRate, over time: Interval) {
    let wide = Int128(rate.native) &* Int128(time.native) + Int128(remainder)
    let hour = Int128(Interval.nanosecondsPerHour)
    let whole = wide / hour
    remainder = Int64(truncatingIfNeeded: wide - whole * hour)
    volume += Volume(native: Scale.narrow(whole))
  }
}
