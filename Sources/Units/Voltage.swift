// SPDX-License-Identifier: Apache-2.0

/// An electrical potential in whole microvolts.
public struct Voltage: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in microvolts (µV).
  @inlinable public var microvolts: Int64 { native }

  /// Whole microvolts.
  @inlinable public static func microvolts(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole millivolts, saturating.
  @inlinable public static func millivolts(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000))
  }
}
