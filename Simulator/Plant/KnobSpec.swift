// SPDX-License-Identifier: Apache-2.0

/// What a knob is: the row of the knob table that people read.
public struct KnobSpec: Sendable, Equatable {
  /// How a knob behaves when it is turned.
  public enum Kind: String, Sendable {
    /// Any value within the range; it stays.
    case continuous
    /// 0 for no, 1 for yes; it stays.
    case toggle = "switch"
    /// One of the listed ``KnobSpec/choices``; it stays.
    case choice
    /// Acts once, with the value as its size, when it is turned; it always reads as its default.
    case impulse
  }

  /// The knob's dotted name.
  public let name: String
  /// The unit of its value; empty for a switch.
  public let unit: String
  /// The least and the greatest value.
  public let range: ClosedRange<Double>
  /// The value on the nominal rig.
  public let `default`: Double
  /// One sentence that says what it does.
  public let summary: String
  /// How it behaves when it is turned.
  public let kind: Kind
  /// The only values of a ``Kind/choice``; empty otherwise.
  public let choices: [Double]

  /// Whether a value may be set: within the range and, for a switch or a choice, one of its values.
  public func accepts(_ value: Double) -> Bool {
    guard range.contains(value) else { return false }
    switch kind {
    case .continuous, .impulse: return true
    case .toggle: return value == 0 || value == 1
    case .choice: return choices.contains(value)
    }
  }

  static func continuous(
    _ knob: Knob, _ unit: String, _ range: ClosedRange<Double>, default: Double, _ summary: String
  ) -> KnobSpec {
    KnobSpec(
      name: knob.rawValue, unit: unit, range: range, default: `default`, summary: summary,
      kind: .continuous, choices: [])
  }

  static func impulse(
    _ knob: Knob, _ unit: String, _ range: ClosedRange<Double>, default: Double, _ summary: String
  ) -> KnobSpec {
    KnobSpec(
      name: knob.rawValue, unit: unit, range: range, default: `default`, summary: summary,
      kind: .impulse, choices: [])
  }

  static func toggle(_ knob: Knob, default: Double, _ summary: String) -> KnobSpec {
    KnobSpec(
      name: knob.rawValue, unit: "", range: 0...1, default: `default`, summary: summary,
      kind: .toggle, choices: [])
  }

  /// The choice among the barrels of ``Barrel``.
  static func barrel(_ knob: Knob, default: Double, _ summary: String) -> KnobSpec {
    KnobSpec(
      name: knob.rawValue, unit: "mL", range: 1...50, default: `default`, summary: summary,
      kind: .choice, choices: Barrel.allCases.map { Double($0.rawValue) })
  }
}
