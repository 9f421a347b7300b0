// SPDX-License-Identifier: Apache-2.0

/// A table as data: CSV after RFC 4180, with named columns and `#` remarks between the rows.
public struct Table: Sendable {
  public struct Row: Sendable {
    /// The line of the file on which the row begins.
    public let line: Int
    private let cells: [String: String]

    init(line: Int, cells: [String: String]) {
      self.line = line
      self.cells = cells
    }

    /// The content of a column; empty when it holds nothing.
    public subscript(column: String) -> String { cells[column] ?? "" }
  }

  public let path: String
  public let columns: [String]
  public let rows: [Row]

  /// Reads a table that has exactly these columns in this order; whatever is wrong becomes a finding.
  public init(path: String, text: String, columns: [String], findings: inout [Finding]) {
    self.path = path
    self.columns = columns
    var rows: [Row] = []
    var head: [String]?
    for record in Self.records(path: path, text: text, findings: &findings) {
      guard head != nil else {
        head = record.fields
        if record.fields != columns {
          findings.append(
            Finding(
              path, record.line, .format,
              "the columns are \(record.fields.joined(separator: ",")); "
                + "write \(columns.joined(separator: ","))"))
          break
        }
        continue
      }
      guard record.fields.count == columns.count else {
        findings.append(
          Finding(
            path, record.line, .format,
            "\(record.fields.count) fields instead of \(columns.count); a field that holds a comma "
              + "stands in \"quotes\""))
        continue
      }
      rows.append(
        Row(line: record.line, cells: Dictionary(uniqueKeysWithValues: zip(columns, record.fields)))
      )
    }
    if head == nil {
      findings.append(
        Finding(path, 1, .format, "empty; its first line is \(columns.joined(separator: ","))"))
    }
    self.rows = rows
  }

  private struct Record {
    var line: Int
    var fields: [String]
  }

  private static func records(path: String, text: String, findings: inout [Finding]) -> [Record] {
    var records: [Record] = []
    var open: (line: Int, text: String)?
    for (index, line) in text.lines.enumerated() {
      if open == nil, line.hasPrefix("#") || line.isEmpty { continue }
      let start = open?.line ?? index + 1
      let whole = open.map { $0.text + "\n" + line } ?? String(line)
      // An odd number of quotes: the row goes on behind this line.
      if whole.utf8.count(where: { $0 == 0x22 }) % 2 == 1 {
        open = (start, whole)
        continue
      }
      open = nil
      if let fields = fields(of: whole) {
        records.append(Record(line: start, fields: fields))
      } else {
        findings.append(
          Finding(path, start, .format, "a quote inside a field; double it and quote the field"))
      }
    }
    if let open {
      findings.append(Finding(path, open.line, .format, "a quote that is opened is not closed"))
    }
    return records
  }

  /// The fields of one record, or `nil` when a quote stands where none may.
  private static func fields(of record: String) -> [String]? {
    var fields: [String] = []
    var field = ""
    var quoted = false
    var closed = false
    var characters = record[...]
    while let character = characters.popFirst() {
      if quoted {
        if character != "\"" {
          field.append(character)
        } else if characters.first == "\"" {
          field.append("\"")
          characters.removeFirst()
        } else {
          (quoted, closed) = (false, true)
        }
      } else if character == "," {
        fields.append(field)
        (field, closed) = ("", false)
      } else if character == "\"", field.isEmpty, !closed {
        quoted = true
      } else if character == "\"" || closed {
        return nil
      } else {
        field.append(character)
      }
    }
    fields.append(field)
    return fields
  }
}

extension StringProtocol {
  /// The lines of a text, empty ones too, without a carriage return before the line feed.
  var lines: [SubSequence] {
    split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }
}
