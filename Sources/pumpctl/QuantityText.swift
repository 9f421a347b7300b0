// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// A quantity as a person types it: a plain decimal number, and a unit, with or without a space between.
///
/// Read exactly, by ``WrittenQuantity``: what has more digits than the pump can hold is refused and not
/// rounded, and so are signs, exponents and numbers without a unit.
// SRS-118: command line reads quantities exactly.
enum QuantityText {
  struct Mistake: Error, Hashable, CustomStringConvertible {
    let description: String
  }

  static func rate(_ text: String) throws(Mistake) -> FlowRate { try read(text, like: "5 mL/h") }
  static func volume(_ text: String) throws(Mistake) -> Volume { try read(text, like: "10 mL") }
  static func time(_ text: String) throws(Mistake) -> Interval { try read(text, like: "2 h") }

  /// Whole millimetres of mercury too, to the nearest pascal.
  static func pressure(_ text: String) throws(Mistake) -> Pressure {
    let (number, unit) = apart(text)
    guard unit == "mmHg" else { return try read(text, like: "450 mmHg") }
    do throws(QuantityTextError) {
      return .mmHg(try DecimalText.native(number, per: 1))
    } catch { throw Mistake(description: "'\(text)': \(error); like '450 mmHg'") }
  }

  static func syringe(_ text: String) throws(Mistake) -> Syringe {
    let size = try volume(text)
    guard let syringe = Syringe.allCases.first(where: { $0.capacity == size }) else {
      throw Mistake(
        description: "'\(text)' is no syringe of this pump; it takes 1, 3, 5, 10, 20, 30 and 50 mL")
    }
    return syringe
  }

  private static func read<Q: WrittenQuantity>(
    _ text: String, like example: String
  ) throws(Mistake) -> Q {
    let (number, unit) = apart(text)
    // A sign begins no number here.
    guard !number.isEmpty, unit.last != " " else {
      throw Mistake(description: "'\(text)' is not a number with a unit, like '\(example)'")
    }
    do throws(QuantityTextError) {
      return try Q(text: "\(number) \(unit)")
    } catch { throw Mistake(description: "'\(text)': \(error); like '\(example)'") }
  }

  private static func apart(_ text: String) -> (number: String, unit: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    return (String(digits), String(text.dropFirst(digits.count).drop { $0 == " " }))
  }
}
