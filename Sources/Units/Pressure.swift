// SPDX-License-Identifier: Apache-2.0

/// A pressure against atmosphere in whole pascals.
public struct Pressure: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in pascals (Pa).
  @inlinable public var pascals: Int64 { native }

  /// Whole pascals.
  @inlinable public static func pascals(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole kilopascals (kPa), saturating.
  @inlinable public static func kilopascals(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000))
  }

  /// Whole millimetres of mercury (mmHg = 133.322 Pa, ISO 80000-4), rounded by ``Scale``.
  @inlinable public static func mmHg(_ value: Int64) -> Self {
    Self(native: Scale.multiplyDivide(value, 133_322, 1_000) ?? 0)
  }

  /// The value in millimetres of mercury, rounded by ``Scale``.
  @inlinable public var millimetresOfMercury: Int64 {
    Scale.multiplyDivide(native, 1_000, 133_322) ?? 0
  }
}
