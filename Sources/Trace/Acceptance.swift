// SPDX-License-Identifier: Apache-2.0

/// Writes down that items were reviewed: stamps fingerprints into pages and inspections.
public struct Acceptance: Sendable {
  /// What is stamped.
  public enum Choice: Sendable {
    /// All relations and inspections of these items.
    case items(Set<ItemID>)
    /// The relations of any item that have no fingerprint.
    case unreviewed
  }

  /// The files that change, with their new text.
  public private(set) var changed: [String: String] = [:]
  /// How many relations and inspections were stamped.
  public private(set) var stamped = 0

  public init(_ choice: Choice, in project: Project) {
    let statements = Dictionary(
      project.items.map { ($0.id, $0.fingerprint) }, uniquingKeysWith: { first, _ in first })
    for page in project.pages {
      guard let text = project.files[page.path] else { continue }
      var lines = text.lines.map(String.init)
      var touched = false
      for item in page.items {
        for relation in item.relations where Self.takes(choice, item.id, relation) {
          guard let now = statements[relation.parent], now != relation.fingerprint else { continue }
          touched = Self.stamp(now, relation, in: &lines) || touched
          stamped += 1
        }
      }
      if touched { changed[page.path] = lines.joined(separator: "\n") }
    }
    if case .items(let ids) = choice { inspections(of: ids, in: project) }
  }

  private static func takes(_ choice: Choice, _ id: ItemID, _ relation: Item.Relation) -> Bool {
    switch choice {
    case .items(let ids): ids.contains(id)
    case .unreviewed: relation.fingerprint == nil
    }
  }

  /// A relation may go over several lines: its fingerprint is replaced where it stands, else added to
  /// the line that names the parent.
  private static func stamp(_ now: String, _ relation: Item.Relation, in lines: inout [String])
    -> Bool
  {
    let first = relation.line - 1
    var last = first
    while last + 1 < lines.count, !lines[last + 1].allSatisfy(\.isWhitespace),
      !lines[last + 1].trimmed.hasPrefix("- ")
    { last += 1 }
    if let old = relation.fingerprint {
      for index in first...last where lines[index].contains(old) {
        lines[index] = lines[index].replacing(
          "**Fingerprint**: \(old)", with: "**Fingerprint**: \(now)")
        return true
      }
      return false
    }
    for index in first...last where lines[index].contains(relation.parent.description) {
      lines[index] = "\(lines[index].trimmedEnd) **Fingerprint**: \(now)"
      return true
    }
    return false
  }

  private mutating func inspections(of ids: Set<ItemID>, in project: Project) {
    guard var text = project.files[Project.Path.inspections] else { return }
    for inspection in project.inspections where ids.contains(inspection.id) {
      guard let content = project.files[inspection.path] else { continue }
      let now = SHA256.hex(content)
      guard now != inspection.sha256 else { continue }
      var lines = text.lines.map(String.init)
      let head = "\(inspection.id),\(inspection.path),"
      let index = inspection.line - 1
      guard lines[index].hasPrefix(head + inspection.sha256 + ",") else { continue }
      lines[index] = head + now + lines[index].dropFirst(head.count + inspection.sha256.count)
      text = lines.joined(separator: "\n")
      changed[Project.Path.inspections] = text
      stamped += 1
    }
  }
}

extension String {
  fileprivate var trimmed: Substring { drop(while: \.isWhitespace) }

  fileprivate var trimmedEnd: String {
    var text = self
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
