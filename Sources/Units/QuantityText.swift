// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
  /// Why a text is not a quantity.
  public enum QuantityTextError: Error, Hashable, Sendable, CustomStringConvertible {
    case notANumber(String)
    case missingUnit(expected: [String])
    case unknownUnit(String, expected: [String])
    /// More decimals than the native unit resolves.
    case tooPrecise(String)
    case outOfRange(String)

    public var description: String {
      switch self {
      case .notANumber(let text):
        "'\(text)' is not a plain decimal number (no exponent, no thousands separator)"
      case .missingUnit(let expected):
        "the unit is missing; write it after the number: \(expected.joined(separator: ", "))"
      case .unknownUnit(let unit, let expected):
        "unknown unit '\(unit)'; expected \(expected.joined(separator: ", "))"
      case .tooPrecise(let text): "'\(text)' has more decimals than can be held"
      case .outOfRange(let text): "'\(text)' is larger than can be held"
      }
    }
  }

  /// A quantity that a person writes as a plain decimal number and a unit, "12.5 mL/h".
  ///
  /// The number is read in whole-number arithmetic, so that what is written is what is held; an
  /// exponent, a missing unit or a digit that would be lost is refused and never guessed.
  public protocol WrittenQuantity: Quantity {
    /// Unit texts and how many native units one of them is, the preferred one first.
    static var unitTexts: [(text: String, native: Int64)] { get }
  }

  extension WrittenQuantity {
    public init(text: String) throws(QuantityTextError) {
      let trimmed = text.drop(while: { $0 == " " })
      let number = trimmed.prefix(while: { $0 != " " })
      var unit = trimmed.dropFirst(number.count).drop(while: { $0 == " " })
      while unit.last == " " { unit = unit.dropLast() }
      let expected = Self.unitTexts.map(\.text)
      guard !number.isEmpty else { throw .notANumber(text) }
      guard !unit.isEmpty else {
        _ = try DecimalText.native(String(number), per: 1_000_000_000)
        throw .missingUnit(expected: expected)
      }
      guard let scale = Self.unitTexts.first(where: { $0.text == unit })?.native else {
        throw .unknownUnit(String(unit), expected: expected)
      }
      self.init(native: try DecimalText.native(String(number), per: scale))
    }
  }

  /// Plain decimal numbers, exactly.
  public enum DecimalText {
    /// Reads `text` as a multiple of `1/one`: "12.5" per 1000 is 12 500.
    public static func native(_ text: String, per one: Int64) throws(QuantityTextError) -> Int64 {
      var digits = text.utf8[...]
      var negative = false
      if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        negative = sign == UInt8(ascii: "-")
        digits = digits.dropFirst()
      }
      var value: Int128 = 0
      var divisor: Int128 = 1
      var seenPoint = false
      var seenDigit = false
      for byte in digits {
        if byte == UInt8(ascii: "."), !seenPoint, seenDigit {
          seenPoint = true
        } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
          seenDigit = true
          value = value * 10 + Int128(byte - UInt8(ascii: "0"))
          if seenPoint { divisor *= 10 }
          guard value < 1_000_000_000_000_000_000_000, divisor <= 1_000_000_000_000_000 else {
            throw seenPoint ? .tooPrecise(text) : .outOfRange(text)
          }
        } else {
          throw .notANumber(text)
        }
      }
      guard seenDigit, digits.last != UInt8(ascii: ".") else { throw .notANumber(text) }
      let (wide, overflow) = value.multipliedReportingOverflow(by: Int128(one))
      guard !overflow else { throw .outOfRange(text) }
      guard wide % divisor == 0 else { throw .tooPrecise(text) }
      let whole = wide / divisor
      guard whole <= Int128(Int64.max) else { throw .outOfRange(text) }
      return negative ? -Int64(whole) : Int64(whole)
    }
  }

  extension Volume: WrittenQuantity {
    public static var unitTexts: [(text: String, native: Int64)] {
      [("mL", 1_000_000), ("µL", 1_000), ("uL", 1_000), ("nL", 1), ("L", 1_000_000_000)]
    }
  }

  extension FlowRate: WrittenQuantity {
    public static var unitTexts: [(text: String, native: Int64)] {
      [("mL/h", 1_000_000), ("µL/h", 1_000), ("uL/h", 1_000), ("nL/h", 1)]
    }
  }

  extension Interval: WrittenQuantity {
    public static var unitTexts: [(text: String, native: Int64)] {
      [
        ("s", 1_000_000_000), ("ms", 1_000_000), ("min", 60_000_000_000),
        ("h", 3_600_000_000_000), ("µs", 1_000), ("us", 1_000), ("ns", 1),
      ]
    }
  }

  extension Pressure: WrittenQuantity {
    // mmHg is 133.322 Pa: a whole number of mmHg is held to the nearest pascal by `.mmHg`, so the
    // text form offers the units that are exact.
    public static var unitTexts: [(text: String, native: Int64)] {
      [("kPa", 1_000), ("Pa", 1)]
    }
  }
#endif
