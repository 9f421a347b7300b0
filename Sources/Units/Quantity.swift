// SPDX-License-Identifier: Apache-2.0

/// A physical quantity held as a whole number of one native unit.
///
/// Every quantity of the pump is its own type over `Int64`, so that a volume cannot be added to a
/// rate by mistake. The native unit is an implementation detail: write `.mLPerHour(5)`, read
/// `.nanolitresPerHour`. Arithmetic between equals saturates at the ends of `Int64` and never
/// traps: a value from outside can at worst become a limit that the next range check refuses.
///
/// | expression | result |
/// |---|---|
/// | `Volume ± Volume` | `Volume` (likewise for each quantity) |
/// | `Instant − Instant` | `Interval` |
/// | `Instant ± Interval` | `Instant` |
/// | `Instant + Instant` | not allowed |
/// | `FlowRate.volume(over: Interval)` | `Volume` |
/// | `Volume.duration(at: FlowRate)` | `Interval?` |
/// | `Volume.rate(over: Interval)` | `FlowRate?` |
///
/// Divisions round by the one rule of ``Scale``.
public protocol Quantity: Comparable, Hashable, Sendable, BitwiseCopyable {
  /// The value in the type's native unit.
  var native: Int64 { get }
  /// Makes a quantity from its native unit.
  init(native: Int64)
}

extension Quantity {
  /// Nothing of this quantity.
  @inlinable public static var zero: Self { Self(native: 0) }
  /// The largest value; also what saturating arithmetic ends at.
  @inlinable public static var max: Self { Self(native: .max) }
  /// The smallest value; also what saturating arithmetic ends at.
  @inlinable public static var min: Self { Self(native: .min) }

  @inlinable public static func < (left: Self, right: Self) -> Bool { left.native < right.native }
  @inlinable public static func == (left: Self, right: Self) -> Bool { left.native == right.native }
}

/// A quantity of which two may be added: everything but a point in time.
public protocol AdditiveQuantity: Quantity {}

extension AdditiveQuantity {
  // RC-095 RC-098 SRS-100: sums saturate instead of trapping.
  /// Adds, saturating.
  @inlinable public static func + (left: Self, right: Self) -> Self {
    Self(native: Scale.saturatingAdd(left.native, right.native))
  }

  /// Subtracts, saturating.
  @inlinable public static func - (left: Self, right: Self) -> Self {
    Self(native: Scale.saturatingSubtract(left.native, right.native))
  }

  @inlinable public static func += (left: inout Self, right: Self) { left = left + right }
  @inlinable public static func -= (left: inout Self, right: Self) { left = left - right }

  /// Negates, saturating.
  @inlinable public static prefix func - (value: Self) -> Self { zero - value }

  /// Multiplies by a whole number, saturating.
  @inlinable public static func * (left: Self, right: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(left.native, right))
  }

  /// The distance from zero, saturating.
  @inlinable public var magnitude: Self { native < 0 ? -self : self }

  /// The value times `numerator / denominator`, rounded by the rule of ``Scale``; `nil` when the
  /// denominator is zero.
  @inlinable public func scaled(by numerator: Int64, over denominator: Int64) -> Self? {
    Scale.multiplyDivide(native, numerator, denominator).map { Self(native: $0) }
  }
}
