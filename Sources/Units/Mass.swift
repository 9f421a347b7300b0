// SPDX-License-Identifier: Apache-2.0

/// A body mass in whole grams: what a dose per kilogram is scaled by.
public struct Mass: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in grams (g).
  @inlinable public var grams: Int64 { native }

  /// Whole grams.
  @inlinable public static func grams(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole kilograms (kg), saturating.
  @inlinable public static func kilograms(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000))
  }
}
