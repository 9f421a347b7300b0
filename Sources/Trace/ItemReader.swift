// SPDX-License-Identifier: Apache-2.0

/// Reads the items of one page, line by line.
///
/// A heading closes the item above it; `**UID**:` opens one. A field holds its own line and those up to
/// the next empty one; a field that begins with an empty line holds the paragraph or list behind it.
struct ItemReader {
  private struct Field {
    var line: Int
    var lines: [(number: Int, text: String)] = []
    var text: String {
      lines.map(\.text).filter { !$0.isEmpty }.joined(separator: " ")
    }
  }

  private struct Draft {
    var title: String
    var line: Int
    var fields: [String: Field] = [:]
    var twice: [(name: String, line: Int)] = []
    var clauses: [ClauseTag] = []
  }

  private let path: String
  private var title = ""
  private var draft: Draft?
  private var drafts: [Draft] = []
  /// The field that a further line belongs to.
  private var open: String?

  init(path: String) { self.path = path }

  /// Takes the next line; says whether it is part of an item.
  mutating func take(_ line: String, number: Int, tags: [ClauseTag]) -> Bool {
    if line.hasPrefix("#"), let heading = line.wholeMatch(of: /#{1,6}\s+(.*?)\s*#*/) {
      close()
      title = String(heading.1)
      return false
    }
    if line.hasPrefix("**"),
      let field = line.wholeMatch(of: /\*\*([A-Z][A-Za-z ]*)\*\*:\s*(.*?)\s*/)
    {
      let name = String(field.1)
      if name == "UID" {
        close()
        draft = Draft(title: title, line: number)
      }
      guard draft != nil else { return false }
      if draft?.fields[name] != nil { draft?.twice.append((name, number)) }
      draft?.fields[name] = Field(line: number, lines: [(number, String(field.2))])
      open = name
    } else if line.allSatisfy(\.isWhitespace) {
      if let name = open, draft?.fields[name]?.text.isEmpty == false { open = nil }
    } else if let name = open {
      let plain = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      draft?.fields[name]?.lines.append((number, plain))
    }
    if draft != nil { draft?.clauses += tags }
    return draft != nil
  }

  private mutating func close() {
    if let draft { drafts.append(draft) }
    (draft, open) = (nil, nil)
  }

  /// The items read; what is wrong with one becomes a finding, and an item without an id is none.
  mutating func finish(findings: inout [Finding]) -> [Item] {
    close()
    return drafts.compactMap { item(from: $0, findings: &findings) }
  }

  private func item(from draft: Draft, findings: inout [Finding]) -> Item? {
    func refuse(_ line: Int, _ message: String) {
      findings.append(Finding(path, line, .format, message))
    }
    let written = draft.fields["UID"]?.text ?? ""
    guard let id = ItemID(written) else {
      refuse(draft.line, "'\(written)' is no id; it is a family and three digits, such as RC-012")
      return nil
    }
    for (name, line) in draft.twice { refuse(line, "\(id): the field \(name) is given twice") }
    let statement = draft.fields["Statement"]?.text ?? ""
    if statement.isEmpty { refuse(draft.line, "\(id) has no Statement") }
    var verification = Item.Verification.test
    if let field = draft.fields["Verification"] {
      if let known = Item.Verification(rawValue: field.text) {
        verification = known
      } else {
        refuse(
          field.line, "\(id): '\(field.text)' is no verification: test, inspection or declaration")
      }
    }
    return Item(
      id: id, title: draft.title, file: path, line: draft.line, statement: statement,
      verification: verification,
      relations: relations(of: id, in: draft.fields["Relations"], findings: &findings),
      clauses: draft.clauses)
  }

  private func relations(of id: ItemID, in field: Field?, findings: inout [Finding]) -> [Item
    .Relation]
  {
    guard let field else { return [] }
    var entries: [(number: Int, text: String)] = []
    for line in field.lines where !line.text.isEmpty {
      if line.text.hasPrefix("- ") {
        entries.append(line)
      } else if let last = entries.indices.last {
        entries[last].text += " " + line.text
      } else {
        findings.append(
          Finding(path, line.number, .format, "\(id): a relation begins with '- **Type**: Parent'"))
      }
    }
    return entries.compactMap { entry in
      var values: [String: String] = [:]
      for match in entry.text.matches(of: /\*\*([A-Za-z]+)\*\*:\s*(\S+)/) {
        values[String(match.1)] = String(match.2)
      }
      let fingerprint = values["Fingerprint"]
      guard values["Type"] == "Parent", let parent = values["ID"].flatMap({ ItemID($0) }),
        fingerprint?.wholeMatch(of: /[0-9a-f]{8}/) != nil || fingerprint == nil
      else {
        findings.append(
          Finding(
            path, entry.number, .format,
            "\(id): write '- **Type**: Parent **ID**: XX-nnn **Fingerprint**: ' and 8 hex digits"))
        return nil
      }
      return Item.Relation(parent: parent, fingerprint: fingerprint, line: entry.number)
    }
  }
}
