// SPDX-License-Identifier: Apache-2.0

/// An item of the documents: a need, a hazard, a control or a requirement.
public struct Item: Sendable {
  /// How an item is shown to hold.
  public enum Verification: String, Sendable {
    case test
    case inspection
    case declaration
  }

  /// A parent, and what its statement was when this item was last held against it.
  public struct Relation: Sendable {
    public let parent: ItemID
    public let fingerprint: String?
    public let line: Int
  }

  public let id: ItemID
  public let title: String
  public let file: String
  public let line: Int
  public let statement: String
  public let verification: Verification
  public let relations: [Relation]
  public let clauses: [ClauseTag]

  /// Names the statement: a child that carries another one was reviewed against another statement.
  public var fingerprint: String { Self.fingerprint(of: statement) }

  /// The first 8 hex digits of the SHA-256 of the statement, white space made single.
  public static func fingerprint(of statement: String) -> String {
    let words = statement.split(whereSeparator: \.isWhitespace)
    return String(SHA256.hex(words.joined(separator: " ")).prefix(8))
  }
}

/// `[[MDR:I.18.8]]`: a row of a clause table, named by an item or a page.
public struct ClauseTag: Hashable, Sendable {
  public let source: String
  public let row: String
  public let line: Int
}

/// What a Markdown page says, as far as the checker needs it.
public struct Page: Sendable {
  /// The line that every page carries.
  public static let stamp = "SPECIMEN – not a medical device"

  public let path: String
  public let items: [Item]
  /// The tags outside items.
  public let clauses: [ClauseTag]
  public let mentions: [Mention]

  public init(path: String, text: String, findings: inout [Finding]) {
    self.path = path
    if !text.contains(Self.stamp) {
      findings.append(
        Finding(path, 1, .stamp, "write the line '\(Self.stamp).' below the title"))
    }
    let prose = Self.withoutCode(text)
    mentions = Mention.all(in: prose.joined(separator: "\n"))
    var reader = ItemReader(path: path)
    var clauses: [ClauseTag] = []
    for (index, line) in Self.withoutFences(text).enumerated() {
      let tags = Self.tags(in: prose[index], line: index + 1, path: path, findings: &findings)
      if !reader.take(line, number: index + 1, tags: tags) { clauses += tags }
    }
    items = reader.finish(findings: &findings)
    self.clauses = clauses
  }

  /// The lines of a page with the fenced blocks made empty.
  static func withoutFences(_ text: String) -> [String] {
    var fence: Substring?
    return text.lines.map { line in
      let start = line.drop { $0 == " " }
      if let open = fence {
        if start.hasPrefix(open) { fence = nil }
        return ""
      }
      if start.hasPrefix("```") || start.hasPrefix("~~~") {
        fence = start.prefix(3)
        return ""
      }
      return String(line)
    }
  }

  /// As ``withoutFences(_:)``, and without what stands between backticks.
  static func withoutCode(_ text: String) -> [String] {
    withoutFences(text).map { line in
      line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "" }.joined(separator: " ")
    }
  }

  private static func tags(
    in line: String, line number: Int, path: String, findings: inout [Finding]
  ) -> [ClauseTag] {
    guard line.contains("[[") else { return [] }
    return line.matches(of: /\[\[([^\[\]]*)\]\]/).compactMap { match in
      let parts = match.1.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        findings.append(
          Finding(
            path, number, .clause, "'\(match.0)' is no clause; write it as [[SOURCE:row]]"))
        return nil
      }
      return ClauseTag(source: String(parts[0]), row: String(parts[1]), line: number)
    }
  }
}
