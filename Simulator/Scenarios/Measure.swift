// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import Units

/// A decimal number as it was written: `digits × 10^−places`, exactly.
public struct WrittenNumber: Hashable, Sendable {
  public let digits: Int64
  public let places: Int

  /// Reads a plain decimal number.
  ///
  /// No exponent, no sign but a minus, at most 18 digits. `nil` for anything else.
  public init?(_ text: Substring) {
    var value: Int64 = 0
    var count = 0
    var places: Int?
    let negative = text.first == "-"
    for character in negative ? text.dropFirst() : text {
      if character == ".", places == nil, count > 0 {
        places = 0
      } else if let byte = character.asciiValue, byte >= 0x30, byte <= 0x39, count < 18 {
        value = value * 10 + Int64(byte - 0x30)
        count += 1
        if let seen = places { places = seen + 1 }
      } else {
        return nil
      }
    }
    guard count > 0, places != 0 else { return nil }
    digits = negative ? -value : value
    self.places = places ?? 0
  }

  /// `10^places`; at most 10^17.
  public var divisor: Int64 { (0..<places).reduce(1) { power, _ in power * 10 } }

  /// The nearest binary number: the same on every machine, as one correctly rounded division of two
  /// exact numbers whenever `digits` is below 2⁵³.
  public var binary: Double { Double(digits) / Double(divisor) }
}

/// A number and its unit, apart.
struct Measure {
  let number: WrittenNumber
  /// The number's text.
  let text: Substring
  let unit: String

  /// Takes `"5 mL/h"` apart: a decimal number, one space, a unit.
  init(_ node: JSONNode, _ what: String) throws(InputError) {
    if case .integer(let bare) = node.content {
      throw InputError(.unit, at: node.place, "\(what) = \(bare) has no unit; write \"\(bare) …\"")
    }
    let text = try node.string(what)
    let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let number = WrittenNumber(first) else {
      throw InputError(
        .number, at: node.place,
        "\(what) = \"\(text)\" does not begin with a plain decimal number of at most 18 digits")
    }
    guard parts.count == 2, !parts[1].isEmpty else {
      throw InputError(.unit, at: node.place, "\(what) = \"\(text)\" has no unit")
    }
    self.number = number
    self.text = first
    unit = Measure.usual(parts[1])
  }

  /// The one spelling of a unit that keyboards write in several ways.
  private static func usual(_ unit: Substring) -> String {
    switch unit {
    case "uL", "\u{3bc}L": "µL"
    case "uL/h", "\u{3bc}L/h": "µL/h"
    case "degC": "°C"
    default: String(unit)
    }
  }
}

extension JSONNode {
  /// A quantity with its unit, exactly.
  func quantity<Q: WrittenQuantity>(_ type: Q.Type, _ what: String) throws(InputError) -> Q {
    let measure = try Measure(self, what)
    do { return try Q(text: "\(measure.text) \(measure.unit)") } catch {
      throw InputError(error.kind, at: place, "\(what): \(error)")
    }
  }

  /// A pressure; whole millimetres of mercury are rounded to the nearest pascal.
  func pressure(_ what: String) throws(InputError) -> Pressure {
    let measure = try Measure(self, what)
    guard measure.unit == "mmHg" else { return try positive(Pressure.self, what) }
    guard measure.number.places == 0, measure.number.digits > 0 else {
      throw InputError(.outOfRange, at: place, "\(what) must be a whole number of mmHg above zero")
    }
    return .mmHg(measure.number.digits)
  }

  /// A share of a whole in per cent.
  func share(_ what: String) throws(InputError) -> Fraction {
    let measure = try Measure(self, what)
    guard measure.unit == "%", measure.number.places <= 4, measure.number.digits >= 0 else {
      throw InputError(.outOfRange, at: place, "\(what) must be in %, with at most four decimals")
    }
    return Fraction(
      native: Scale.saturatingMultiply(
        measure.number.digits, 10_000 / measure.number.divisor))
  }

  /// A quantity that is zero or more.
  func amount<Q: WrittenQuantity>(_ type: Q.Type, _ what: String) throws(InputError) -> Q {
    let value = try quantity(type, what)
    guard value >= .zero else {
      throw InputError(.outOfRange, at: place, "\(what) must not be negative")
    }
    return value
  }

  /// A quantity above zero.
  func positive<Q: WrittenQuantity>(_ type: Q.Type, _ what: String) throws(InputError) -> Q {
    let value = try quantity(type, what)
    guard value > .zero else {
      throw InputError(.outOfRange, at: place, "\(what) must be above zero")
    }
    return value
  }
}

extension QuantityTextError {
  fileprivate var kind: InputError.Kind {
    switch self {
    case .notANumber: .number
    case .missingUnit, .unknownUnit: .unit
    case .tooPrecise, .outOfRange: .outOfRange
    }
  }
}
