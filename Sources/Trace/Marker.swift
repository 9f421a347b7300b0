// SPDX-License-Identifier: Apache-2.0

/// A line of code that says which control or requirement it implements: `// RC-012: why`.
public struct Marker: Hashable, Sendable {
  public let id: ItemID
  public let file: String
  public let line: Int
}

extension Marker {
  /// The folders whose code implements something; tests and tools only talk about it.
  public static let folders = ["Sources/", "Hardware/", "Simulator/"]

  /// The markers of a file: comments that begin with ids and a colon.
  ///
  /// A doc comment (`///`) describes what is declared and marks nothing.
  public static func all(in text: String, file: String) -> [Marker] {
    var found: [Marker] = []
    for (index, line) in text.lines.enumerated() {
      guard let comment = comment(of: line) else { continue }
      let mentions = Mention.all(in: comment)
      guard !mentions.isEmpty, let colon = comment.firstIndex(of: ":") else { continue }
      let head = comment[..<colon]
      let words = head.split { $0 == " " || $0 == "," }
      guard words.allSatisfy({ ItemID($0) != nil }) else { continue }
      found += words.compactMap { ItemID($0) }.map { Marker(id: $0, file: file, line: index + 1) }
    }
    return found
  }

  /// The text of a comment on this line, in Swift, C and JavaScript (`//`) or in shell (`#`).
  private static func comment(of line: Substring) -> Substring? {
    if let start = line.firstRange(of: "//") {
      let text = line[start.upperBound...]
      return text.hasPrefix("/") ? nil : text
    }
    let trimmed = line.drop { $0 == " " }
    return trimmed.hasPrefix("# ") ? trimmed.dropFirst(2) : nil
  }
}
