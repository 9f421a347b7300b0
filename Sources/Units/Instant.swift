// SPDX-License-Identifier: Apache-2.0

/// A point on the monotonic clock in nanoseconds since an origin that means nothing by itself.
public struct Instant: Quantity {
  public let native: Int64

  @inlinable public init(native: Int64) { self.native = native }

  /// Nanoseconds since the clock's origin.
  @inlinable public var nanoseconds: Int64 { native }

  /// An instant by its nanoseconds since the clock's origin.
  @inlinable public static func nanoseconds(_ value: Int64) -> Self {
    Self(native: value)
  }

  @inlinable public static func - (left: Instant, right: Instant) -> Interval {
    Interval(native: Scale.saturatingSubtract(left.native, right.native))
  }

  @inlinable public static func + (left: Instant, right: Interval) -> Instant {
    Instant(native: Scale.saturatingAdd(left.native, right.native))
  }

  @inlinable public static func - (left: Instant, right: Interval) -> Instant {
    Instant(native: Scale.saturatingSubtract(left.native, right.native))
  }
}
