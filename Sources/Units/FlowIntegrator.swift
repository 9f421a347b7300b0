// SPDX-License-Identifier: Apache-2.0

/// A running volume that loses nothing to rounding.
///
/// Adding `rate.volume(over: step)` a hundred times a second would round a hundred times a second;
/// the integrator carries the remainder in nL·ns/h, so that the total after any number of steps
/// equals the exact sum cut to whole nanolitres.
// RC-099 SRS-057: a day runs through.
public struct FlowIntegrator: Hashable, Sendable, BitwiseCopyable {
  /// The volume so far, cut towards zero to whole nanolitres.
  public let volume: Volume
  /// What the cut left over: nL·ns/h, magnitude below 3.6 × 10¹².
  public let remainder: Int64

  @inlinable public init() {
    self.init(.zero, carrying: 0)
  }

  /// Takes up a total that was stored; a remainder out of range is brought back into it.
  public init(volume: Volume, remainder: Int64) {
    self.init(volume, carrying: remainder % Interval.nanosecondsPerHour)
  }

  /// `remainder` is known to be in its range.
  @inlinable init(_ volume: Volume, carrying remainder: Int64) {
    self.volume = volume
    self.remainder = remainder
  }

  /// Adds `rate × time`, saturating.
  // RC-098 SRS-102: a running total loses nothing.
  @inlinable
  public mutating func add(_ rate: FlowRate, over time: Interval) {
    let (product, overflow) = rate.native.multipliedReportingOverflow(by: time.native)
    let (sum, carried) = product.addingReportingOverflow(remainder)
    if !overflow, !carried {
      let (whole, rest) = sum.quotientAndRemainder(dividingBy: Interval.nanosecondsPerHour)
      self = FlowIntegrator(volume + Volume(native: whole), carrying: rest)
      return
    }
    addWide(rate, over: time)
  }

  /// The same through 128 bits.
  @usableFromInline
  mutating func addWide(_ rate: FlowRate, over time: Interval) {
    let wide = Int128(rate.native) &* Int128(time.native) + Int128(remainder)
    let hour = Int128(Interval.nanosecondsPerHour)
    let whole = wide / hour
    self = FlowIntegrator(
      volume + Volume(native: Scale.narrow(whole)),
      carrying: Int64(truncatingIfNeeded: wide - whole * hour))
  }
}
