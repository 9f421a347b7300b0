// SPDX-License-Identifier: Apache-2.0

/// A length in whole nanometres; ± 9.2 thousand kilometres.
public struct Length: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in nanometres (nm).
  @inlinable public var nanometres: Int64 { native }

  /// Whole nanometres.
  @inlinable public static func nanometres(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole micrometres (µm), saturating.
  @inlinable public static func micrometres(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000))
  }

  /// Whole millimetres (mm), saturating.
  @inlinable public static func millimetres(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000_000))
  }
}
