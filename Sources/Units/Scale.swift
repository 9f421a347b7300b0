// SPDX-License-Identifier: Apache-2.0

/// Whole-number arithmetic that can neither trap nor lose bits on the way.
///
/// **The rounding rule.** Every division of the project rounds to the nearest whole native unit and
/// a tie to the even neighbour (IEEE 754 roundTiesToEven), so that repeated conversions carry no
/// bias. Intermediates are 128 bits wide; a result outside `Int64` saturates.
// RC-098 SRS-101: division rounds in one way.
public enum Scale {
  @inlinable public static func saturatingAdd(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (b < 0 ? .min : .max) : sum
  }

  @inlinable public static func saturatingSubtract(_ a: Int64, _ b: Int64) -> Int64 {
    let (difference, overflow) = a.subtractingReportingOverflow(b)
    return overflow ? (b < 0 ? .max : .min) : difference
  }

  @inlinable public static func saturatingMultiply(_ a: Int64, _ b: Int64) -> Int64 {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? ((a < 0) == (b < 0) ? .max : .min) : product
  }

  /// `a × b ÷ c` through 128 bits, rounded by the rounding rule, saturating; `nil` when `c` is zero.
  // Always inlined: almost every divisor is a constant, which then costs no division at all.
  @inlinable @inline(__always)
  public static func multiplyDivide(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64? {
    guard c != 0 else { return nil }
    // One machine division where the product fits; `Int64.min` is left to the wide way, whose
    // quotient by −1 fits.
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    if !overflow, product != .min { return divide(product, c) }
    return wideMultiplyDivide(a, b, c)
  }

  /// The same through 128 bits; `c` is not zero.
  @usableFromInline @inline(never)
  static func wideMultiplyDivide(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64 {
    // |a × b| ≤ 2^126, so the product fits; the only quotient that could not is min ÷ −1 of Int128.
    narrow(divide(Int128(a) &* Int128(b), Int128(c)))
  }

  /// Divides, rounding to nearest, ties to even.
  ///
  /// `d` is not zero and `n` is not `Int128.min`.
  @inlinable public static func divide(_ n: Int128, _ d: Int128) -> Int128 {
    // One machine instruction instead of a library call wherever both fit, which is almost always;
    // `Int64.min` is left to the wide way, whose quotient by −1 fits.
    if n > Int128(Int64.min), n <= Int128(Int64.max), d >= Int128(Int64.min), d <= Int128(Int64.max)
    {
      return Int128(divide(Int64(truncatingIfNeeded: n), Int64(truncatingIfNeeded: d)))
    }
    let quotient = n / d
    let remainder = n - quotient * d
    if remainder == 0 { return quotient }
    let doubled = remainder.magnitude &<< 1
    let whole = d.magnitude
    let up = doubled > whole || (doubled == whole && quotient & 1 != 0)
    if !up { return quotient }
    return (n < 0) == (d < 0) ? quotient + 1 : quotient - 1
  }

  /// The same for numbers of 64 bits; `d` is not zero and `n` is not `Int64.min`.
  @inlinable @inline(__always)
  static func divide(_ n: Int64, _ d: Int64) -> Int64 {
    let (quotient, remainder) = n.quotientAndRemainder(dividingBy: d)
    // Half or more is left when the rest is no smaller than what it lacks of the whole.
    let rest = remainder.magnitude
    let missing = d.magnitude &- rest
    let up = rest > missing || (rest == missing && quotient & 1 != 0)
    if !up { return quotient }
    return (n < 0) == (d < 0) ? quotient + 1 : quotient - 1
  }

  /// Brings a wide value into `Int64`, saturating.
  @inlinable public static func narrow(_ wide: Int128) -> Int64 {
    if wide > Int128(Int64.max) { return .max }
    if wide < Int128(Int64.min) { return .min }
    return Int64(truncatingIfNeeded: wide)
  }
}
