// SPDX-License-Identifier: Apache-2.0

/// A volume of fluid in whole nanolitres; ± 9.2 million litres.
public struct Volume: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in nanolitres (nL).
  @inlinable public var nanolitres: Int64 { native }

  /// Whole nanolitres.
  @inlinable public static func nanolitres(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole microlitres (µL), saturating.
  @inlinable public static func microlitres(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000))
  }

  /// Whole millilitres (mL), saturating.
  @inlinable public static func millilitres(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000_000))
  }

  /// How long the volume takes at a rate; `nil` when the rate is not above zero.
  @inlinable public func duration(at rate: FlowRate) -> Interval? {
    guard rate.native > 0 else { return nil }
    return Scale.multiplyDivide(native, Interval.nanosecondsPerHour, rate.native)
      .map { Interval(native: $0) }
  }

  /// The steady rate that delivers the volume in a time; `nil` when the time is not above zero.
  @inlinable public func rate(over time: Interval) -> FlowRate? {
    guard time.native > 0 else { return nil }
    return Scale.multiplyDivide(native, Interval.nanosecondsPerHour, time.native)
      .map { FlowRate(native: $0) }
  }
}
