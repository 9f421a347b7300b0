// SPDX-License-Identifier: Apache-2.0

/// The documents and the code of a project, read but not yet judged.
public struct Project: Sendable {
  /// A known lack of an item, stated with its reason.
  public struct Gap: Sendable {
    public let id: ItemID
    public let missing: [Lack]
    public let reason: String
    public let line: Int
  }

  /// What a person looked at, and what it contained then.
  public struct Inspection: Sendable {
    public let id: ItemID
    public let path: String
    public let sha256: String
    public let finding: String
    public let line: Int
  }

  /// One row of a clause table.
  public struct ClauseRow: Sendable {
    public enum Verdict: String, Sendable, CaseIterable, Encodable {
      case met
      case partly
      case gap
      case notApplicable = "n/a"
    }

    public let source: String
    public let row: String
    public let title: String
    public let ids: [ItemID]
    public let documents: [String]
    public let verdict: Verdict?
    public let reason: String
    public let file: String
    public let line: Int
  }

  public enum Path {
    public static let gaps = "Docs/Verification/gaps.csv"
    public static let inspections = "Docs/Verification/inspections.csv"
    public static let retired = "Docs/Requirements/retired.csv"
    public static let clauses = "Docs/MDR/clauses/"
  }

  /// The text of every file, by its path from the top of the project.
  public let files: [String: String]
  public private(set) var pages: [Page] = []
  public private(set) var markers: [Marker] = []
  public private(set) var gaps: [Gap] = []
  public private(set) var inspections: [Inspection] = []
  public private(set) var retired: [ItemID: Int] = [:]
  public private(set) var clauses: [ClauseRow] = []
  /// What is wrong with the form of a file, whatever it says.
  public private(set) var findings: [Finding] = []

  public init(files: [String: String]) {
    self.files = files
    for (path, text) in files.sorted(by: { $0.key < $1.key }) {
      if path.hasPrefix("Docs/"), path.hasSuffix(".md") {
        pages.append(Page(path: path, text: text, findings: &findings))
      } else if Marker.folders.contains(where: path.hasPrefix) {
        markers += Marker.all(in: text, file: path)
      }
    }
    readTables()
  }

  /// Every item, in the order of the pages.
  public var items: [Item] { pages.flatMap(\.items) }

  private mutating func readTables() {
    for row in table(Path.retired, ["id", "reason"]) {
      if let id = id(row["id"], Path.retired, row.line) { retired[id] = row.line }
    }
    for row in table(Path.gaps, ["id", "missing", "reason"]) {
      guard let id = id(row["id"], Path.gaps, row.line) else { continue }
      let words = row["missing"].split(separator: " ").map(String.init)
      let missing = words.compactMap { Lack(rawValue: $0) }
      if missing.isEmpty || missing.count != words.count {
        refuse(Path.gaps, row.line, "missing is one or more of parent, child, code, test")
      }
      if row["reason"].isEmpty { refuse(Path.gaps, row.line, "a gap has a reason") }
      gaps.append(Gap(id: id, missing: missing, reason: row["reason"], line: row.line))
    }
    for row in table(Path.inspections, ["id", "path", "sha256", "finding"]) {
      guard let id = id(row["id"], Path.inspections, row.line) else { continue }
      if row["finding"].isEmpty { refuse(Path.inspections, row.line, "say what was found") }
      inspections.append(
        Inspection(
          id: id, path: row["path"], sha256: row["sha256"], finding: row["finding"],
          line: row.line))
    }
    for path in files.keys.sorted() where path.hasPrefix(Path.clauses) && path.hasSuffix(".csv") {
      readClauses(path)
    }
  }

  private mutating func readClauses(_ path: String) {
    let source = String(path.dropFirst(Path.clauses.count).dropLast(".csv".count))
    for row in table(path, ["row", "title", "answered_by", "verdict", "reason"]) {
      var ids: [ItemID] = []
      var documents: [String] = []
      for answer in row["answered_by"].split(separator: " ") {
        if let id = ItemID(answer) { ids.append(id) } else { documents.append(String(answer)) }
      }
      if row["row"].wholeMatch(of: /[A-Za-z0-9.\-]+/) == nil {
        refuse(path, row.line, "'\(row["row"])' is no row: letters, digits, '.' and '-'")
      }
      if row["title"].isEmpty { refuse(path, row.line, "a row has a title") }
      clauses.append(
        ClauseRow(
          source: source, row: row["row"], title: row["title"], ids: ids, documents: documents,
          verdict: ClauseRow.Verdict(rawValue: row["verdict"]), reason: row["reason"],
          file: path, line: row.line))
    }
  }

  private mutating func table(_ path: String, _ columns: [String]) -> [Table.Row] {
    guard let text = files[path] else {
      refuse(path, 1, "missing; its first line is \(columns.joined(separator: ","))")
      return []
    }
    return Table(path: path, text: text, columns: columns, findings: &findings).rows
  }

  private mutating func id(_ text: String, _ path: String, _ line: Int) -> ItemID? {
    if let id = ItemID(text) { return id }
    refuse(path, line, "'\(text)' is no id; it is a family and three digits, such as RC-012")
    return nil
  }

  private mutating func refuse(_ path: String, _ line: Int, _ message: String) {
    findings.append(Finding(path, line, .format, message))
  }
}

/// What an item can lack.
public enum Lack: String, Sendable, CaseIterable, Comparable, Encodable {
  case parent
  case child
  case code
  case test

  public static func < (left: Lack, right: Lack) -> Bool { left.rawValue < right.rawValue }
}
