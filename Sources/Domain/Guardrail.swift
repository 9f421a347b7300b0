// SPDX-License-Identifier: Apache-2.0

public import Units

/// A limit with two fences: the recommended range lies inside the absolute one by construction.
///
/// The absolute range is made by widening the recommended one, so a library with its soft limit
/// outside its hard limit cannot be expressed.
public struct Guardrail<Value: AdditiveQuantity>: Hashable, Sendable, BitwiseCopyable {
  /// Inside: no question asked.
  public let recommended: Bounds<Value>
  /// Outside: refused, whoever asks.
  public let absolute: Bounds<Value>

  /// Widens `recommended` by `below` and `above`; a negative margin counts as its magnitude.
  // SRS-104: soft lies within hard.
  public init(recommended: Bounds<Value>, below: Value, above: Value) {
    self.recommended = recommended
    let lower = recommended.lower - below.magnitude
    let upper = recommended.upper + above.magnitude
    self.absolute = Bounds(lower: lower, width: upper - lower)
  }

  /// Where a value stands against the two fences.
  public enum Verdict: UInt8, Sendable {
    case recommended = 0
    case belowRecommended = 1
    case aboveRecommended = 2
    case belowAbsolute = 3
    case aboveAbsolute = 4
  }

  public func verdict(on value: Value) -> Verdict {
    if value < absolute.lower { return .belowAbsolute }
    if value > absolute.upper { return .aboveAbsolute }
    if value < recommended.lower { return .belowRecommended }
    if value > recommended.upper { return .aboveRecommended }
    return .recommended
  }
}

#if !hasFeature(Embedded)
  extension Guardrail.Verdict: CaseIterable {}
#endif
