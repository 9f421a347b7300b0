// SPDX-License-Identifier: Apache-2.0

/// A body surface area in whole square centimetres: what a dose per m² is scaled by.
public struct BodySurface: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in square centimetres (cm²).
  @inlinable public var squareCentimetres: Int64 { native }

  /// Whole square centimetres.
  @inlinable public static func squareCentimetres(_ value: Int64) -> Self {
    Self(native: value)
  }
}
