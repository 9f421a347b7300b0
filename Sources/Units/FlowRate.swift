// SPDX-License-Identifier: Apache-2.0

/// A volumetric flow in whole nanolitres per hour; the pump's range is 0.01 to 1200 mL/h.
public struct FlowRate: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in nanolitres per hour (nL/h).
  @inlinable public var nanolitresPerHour: Int64 { native }

  /// Whole nanolitres per hour.
  @inlinable public static func nLPerHour(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole microlitres per hour (µL/h), saturating.
  @inlinable public static func microlitresPerHour(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000))
  }

  /// Whole millilitres per hour (mL/h), saturating.
  @inlinable public static func mLPerHour(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000_000))
  }

  /// The volume that flows in a time, rounded by the rule of ``Scale``.
  ///
  /// For a running total use ``FlowIntegrator``, which carries the part a single rounding drops.
  @inlinable public func volume(over time: Interval) -> Volume {
    Volume(native: Scale.multiplyDivide(native, time.native, Interval.nanosecondsPerHour) ?? 0)
  }
}
