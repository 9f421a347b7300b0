// SPDX-License-Identifier: Apache-2.0

/// Why a knob was not turned.
///
/// Nothing has changed when it is thrown.
public enum KnobError: Error, Sendable, Equatable {
  /// No knob has this name.
  case unknownName(String)
  /// The value is not a number, or infinite.
  case notFinite(Knob)
  /// The value lies outside the knob's range.
  case outOfRange(Knob, value: Double)
  /// The value lies within the range and is none of those that a switch or a choice can take.
  case notAChoice(Knob, value: Double)
}

extension KnobError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownName(let name):
      return "there is no knob '\(name)'"
    case .notFinite(let knob):
      return "\(knob.rawValue) must be a finite number, \(Self.limits(of: knob))"
    case .outOfRange(let knob, let value):
      return "\(knob.rawValue) = \(value) is out of range, \(Self.limits(of: knob))"
    case .notAChoice(let knob, let value):
      return "\(knob.rawValue) = \(value) is not possible, \(Self.limits(of: knob))"
    }
  }

  private static func limits(of knob: Knob) -> String {
    let spec = knob.spec
    let unit = spec.unit.isEmpty ? "" : " \(spec.unit)"
    switch spec.kind {
    case .continuous, .impulse:
      return "\(spec.range.lowerBound) to \(spec.range.upperBound)\(unit)"
    case .toggle:
      return "0 or 1"
    case .choice:
      return "one of \(spec.choices.map { "\($0)" }.joined(separator: ", "))\(unit)"
    }
  }
}
