// SPDX-License-Identifier: Apache-2.0

/// A cross-section in whole square micrometres: what a syringe barrel is.
public struct Area: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in square micrometres (µm²).
  @inlinable public var squareMicrometres: Int64 { native }

  /// Whole square micrometres.
  @inlinable public static func squareMicrometres(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// The volume swept over a travel: µm² × nm ÷ 10⁹ = nL, rounded by ``Scale``.
  @inlinable public func volume(over travel: Length) -> Volume {
    Volume(native: Scale.multiplyDivide(native, travel.native, 1_000_000_000) ?? 0)
  }

  /// The travel that sweeps a volume; `nil` when the area is zero.
  @inlinable public func travel(for volume: Volume) -> Length? {
    Scale.multiplyDivide(volume.native, 1_000_000_000, native).map { Length(native: $0) }
  }
}
