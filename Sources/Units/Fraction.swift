// SPDX-License-Identifier: Apache-2.0

/// A share of a whole in parts per million; 1 000 000 is the whole.
public struct Fraction: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in parts per million (ppm).
  @inlinable public var partsPerMillion: Int64 { native }

  /// Parts per million.
  @inlinable public static func partsPerMillion(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole per cent, saturating.
  @inlinable public static func percent(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 10_000))
  }
}
