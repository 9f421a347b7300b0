// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// Writes records for people and spreadsheets, without saying who a person is.
///
/// A person's identifier is replaced by a pseudonym that is the same within one listing and unrelated to
/// that of any other: its key is drawn for the listing and forgotten.
public struct AuditListing {
  private let key: [UInt8]

  /// Fails closed: without chance there are no pseudonyms and no listing.
  public init() throws(AuditError) {
    do { key = try RandomBytes.make(32) } catch { throw .keys("\(error)") }
  }

  /// A listing in parts, which have the same pseudonyms: `key` is as secret as who a person is.
  public init(key: [UInt8]) { self.key = key }

  private func pseudonym(_ name: String) -> String {
    "p-" + Hex.encode(sha256(key + Array(name.utf8)).bytes.prefix(6))
  }

  private static let names = [
    "index", "boot", "monotonic", "wall", "quality", "event", "outcome", "source", "number",
    "subject", "a", "b", "person", "role", "method", "session", "reference", "payload",
  ]

  private enum Cell {
    case number(String)
    case text(String)
  }

  private func cells(_ record: AuditRecord) -> [Cell?] {
    let entry = record.entry
    func some(_ value: some BinaryInteger) -> Cell? { value == 0 ? nil : .number("\(value)") }
    return [
      .number("\(record.index)"), .text(Hex.encode(record.boot)),
      .number("\(record.time.monotonic)"), .text(Self.date(record.time.wall)),
      .text("\(record.time.quality)"), .text("\(entry.event)"), .text("\(entry.outcome)"),
      .text("\(entry.source)"), some(entry.number), some(entry.subject), some(entry.a),
      some(entry.b), entry.actor.map { .text(pseudonym($0.name)) },
      entry.actor.flatMap { some($0.role) }, entry.actor.flatMap { some($0.method) },
      entry.actor.flatMap { some($0.session) },
      entry.reference.isEmpty ? nil : .text(entry.reference),
      entry.payload.isEmpty ? nil : .text(Hex.encode(entry.payload)),
    ]
  }

  /// One line of JSON; what is absent is left out.
  public func json(_ record: AuditRecord) -> String {
    let fields = zip(Self.names, cells(record)).compactMap { name, cell -> String? in
      switch cell {
      case .number(let value)?: "\"\(name)\":\(value)"
      case .text(let value)?: "\"\(name)\":\(Self.quoted(value))"
      case nil: nil
      }
    }
    return "{" + fields.joined(separator: ",") + "}"
  }

  /// The line of names.
  public static var csvHeader: String { names.joined(separator: ",") }

  /// One line of CSV (RFC 4180); no text is taken for a formula by a spreadsheet.
  // SEC-026 SEC-055 SEC-203: names become pseudonyms, and no cell begins a formula.
  public func csv(_ record: AuditRecord) -> String {
    cells(record).map { cell in
      switch cell {
      case .number(let value)?: value
      case .text(let value)?: Self.inert(value)
      case nil: ""
      }
    }.joined(separator: ",")
  }

  /// A line for a person.
  public func line(_ record: AuditRecord) -> String {
    let entry = record.entry
    var line = "\(record.index) \(Self.date(record.time.wall)) \(entry.source) \(entry.event)"
    if entry.outcome != .done { line += " (\(entry.outcome))" }
    if let actor = entry.actor { line += " by \(pseudonym(actor.name))" }
    if entry.subject != 0 { line += " subject \(entry.subject)" }
    if entry.a != 0 || entry.b != 0 { line += " a \(entry.a) b \(entry.b)" }
    if !entry.reference.isEmpty { line += " \(Self.quoted(entry.reference))" }
    return line
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\" + String(scalar)
      // Controls of ASCII and beyond, so that no terminal obeys a record.
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  private static func inert(_ text: String) -> String {
    let safe = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }
    var plain = String(String.UnicodeScalarView(safe))
    if let first = plain.first, "=+-@|%＝＋－＠'".contains(first) { plain = "'" + plain }
    return "\""
      + plain.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  /// Milliseconds since 1970 as UTC in ISO 8601.
  ///
  /// The calendar is computed as in Hinnant's "chrono-compatible low-level date algorithms".
  static func date(_ milliseconds: UInt64) -> String {
    let most: UInt64 = 253_402_300_799_999
    let value = min(milliseconds, most)
    let days = Int64(value / 86_400_000) + 719_468
    let rest = value % 86_400_000
    let era = days / 146_097
    let day = days - era * 146_097
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    func pad(_ value: some BinaryInteger, _ count: Int) -> String {
      let text = "\(value)"
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return pad(year + era * 400 + (month <= 2 ? 1 : 0), 4) + "-" + pad(month, 2) + "-"
      + pad(dayOfYear - (153 * shifted + 2) / 5 + 1, 2) + "T" + pad(rest / 3_600_000, 2) + ":"
      + pad(rest / 60_000 % 60, 2) + ":" + pad(rest / 1_000 % 60, 2) + "." + pad(rest % 1_000, 3)
      + "Z"
  }
}
