// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// A quantity as a person types it: a plain decimal number, and a unit.
///
/// Read exactly, in whole numbers: what has more digits than the pump can hold is refused and not
/// rounded, and so are signs, exponents and numbers without a unit.
// SRS-118: command line reads quantities exactly.
enum QuantityText {
  struct Mistake: Error, Hashable, CustomStringConvertible {
    let description: String
  }

  static func rate(_ text: String) throws(Mistake) -> FlowRate {
    FlowRate(
      native: try read(
        text, ["mL/h": 1_000_000, "uL/h": 1_000, "µL/h": 1_000, "nL/h": 1], like: "5 mL/h"))
  }

  static func volume(_ text: String) throws(Mistake) -> Volume {
    Volume(
      native: try read(text, ["mL": 1_000_000, "uL": 1_000, "µL": 1_000, "nL": 1], like: "10 mL"))
  }

  static func time(_ text: String) throws(Mistake) -> Interval {
    Interval(
      native: try read(
        text, ["h": 3_600_000_000_000, "min": 60_000_000_000, "s": 1_000_000_000], like: "2 h"))
  }

  static func pressure(_ text: String) throws(Mistake) -> Pressure {
    if text.hasSuffix("mmHg") {
      return .mmHg(try read(text, ["mmHg": 1], like: "450 mmHg"))
    }
    return Pressure(native: try read(text, ["kPa": 1_000, "Pa": 1], like: "450 mmHg"))
  }

  static func syringe(_ text: String) throws(Mistake) -> Syringe {
    let size = try volume(text)
    guard let syringe = Syringe.allCases.first(where: { $0.capacity == size }) else {
      throw Mistake(
        description: "'\(text)' is no syringe of this pump; it takes 1, 3, 5, 10, 20, 30 and 50 mL")
    }
    return syringe
  }

  private static func read(
    _ text: String, _ units: KeyValuePairs<String, Int64>, like example: String
  ) throws(Mistake) -> Int64 {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = String(text.dropFirst(digits.count).drop { $0 == " " })
    guard !digits.isEmpty else {
      throw Mistake(description: "'\(text)' is not a number with a unit, like '\(example)'")
    }
    guard let scale = units.first(where: { $0.key == unit })?.value else {
      let known = units.map(\.key).joined(separator: ", ")
      let what = unit.isEmpty ? "has no unit" : "has a unit that does not fit here"
      throw Mistake(description: "'\(text)' \(what); give one of: \(known), like '\(example)'")
    }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
      throw Mistake(description: "'\(text)' is not a plain decimal number")
    }
    var value: Int64 = 0
    var divisor: Int64 = 1
    for (index, part) in parts.enumerated() {
      for digit in part.utf8 {
        let (shifted, tooLong) = value.multipliedReportingOverflow(by: 10)
        let (sum, tooLarge) = shifted.addingReportingOverflow(Int64(digit) - 48)
        let (places, tooFine) =
          index == 0 ? (1, false) : divisor.multipliedReportingOverflow(by: 10)
        guard !tooLong, !tooLarge, !tooFine else {
          throw Mistake(description: "'\(text)' has more digits than the pump can hold")
        }
        value = sum
        divisor = places
      }
    }
    let (quotient, remainder) = (Int128(value) * Int128(scale))
      .quotientAndRemainder(dividingBy: Int128(divisor))
    guard remainder == 0 else {
      throw Mistake(description: "'\(text)' is finer than the pump can hold")
    }
    guard let whole = Int64(exactly: quotient) else {
      throw Mistake(description: "'\(text)' is larger than the pump can hold")
    }
    return whole
  }
}
