// SPDX-License-Identifier: Apache-2.0

/// A span of time in whole nanoseconds; ± 292 years.
public struct Interval: AdditiveQuantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// The value in nanoseconds (ns).
  @inlinable public var nanoseconds: Int64 { native }

  /// Whole nanoseconds.
  @inlinable public static func nanoseconds(_ value: Int64) -> Self {
    Self(native: value)
  }

  /// Whole microseconds, saturating.
  @inlinable public static func microseconds(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000))
  }

  /// Whole milliseconds, saturating.
  @inlinable public static func milliseconds(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000_000))
  }

  /// Whole seconds, saturating.
  @inlinable public static func seconds(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 1_000_000_000))
  }

  /// Whole minutes, saturating.
  @inlinable public static func minutes(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 60_000_000_000))
  }

  /// Whole hours, saturating.
  @inlinable public static func hours(_ value: Int64) -> Self {
    Self(native: Scale.saturatingMultiply(value, 3_600_000_000_000))
  }

  /// 3.6 × 10¹².
  @inlinable public static var nanosecondsPerHour: Int64 { 3_600_000_000_000 }

  /// Whole milliseconds, cut towards zero: for display and records, not for control.
  @inlinable public var milliseconds: Int64 { native / 1_000_000 }

  /// Whole seconds, cut towards zero: for display and records, not for control.
  @inlinable public var seconds: Int64 { native / 1_000_000_000 }
}
