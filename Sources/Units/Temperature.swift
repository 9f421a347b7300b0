// SPDX-License-Identifier: Apache-2.0

/// A Celsius temperature in whole thousandths of a degree.
public struct Temperature: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in thousandths of a degree Celsius.
  @inlinable public var millidegreesCelsius: Int64 { native }

  /// Thousandths of a degree Celsius.
  @inlinable public static func millidegreesCelsius(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole degrees Celsius, saturating.
  @inlinable public static func celsius(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000))
  }
}
