// SPDX-License-Identifier: Apache-2.0

public import ServiceAPI
internal import StrictJSON

/// What a pump on a network says of updates and of what is active.
extension Answers {
  /// How the newest upload stands.
  public static func intake(_ bytes: [UInt8]) throws(NotAnAnswer) -> IntakeView {
    try understood { () throws(NotUnderstood) in try IntakeView(json: plain(bytes)) }
  }

  /// The last updates of a kind, in the order in which they came.
  public static func history(
    _ bytes: [UInt8], of kind: UpdateWord
  ) throws(NotAnAnswer) -> [HistoryItem] {
    try understood { () throws(NotUnderstood) in
      var fields = try Fields(plain(bytes))
      guard try fields.string("kind") == kind.rawValue else {
        throw NotUnderstood("\"kind\": expected \(kind.rawValue)")
      }
      guard let nodes = try fields.take("entries").array, nodes.count <= IntakeAnswer.mostHistory
      else {
        throw NotUnderstood("\"entries\": expected a list of at most \(IntakeAnswer.mostHistory)")
      }
      try fields.end()
      var items: [HistoryItem] = []
      for node in nodes { items.append(try HistoryItem(json: node)) }
      return items
    }
  }

  /// What is active of each kind, and what waits.
  public static func configuration(_ bytes: [UInt8]) throws(NotAnAnswer) -> ConfigurationView {
    try understood { () throws(NotUnderstood) in try ConfigurationView(json: plain(bytes)) }
  }

  /// Entries of the active drug library from one on.
  public static func library(
    _ bytes: [UInt8], from first: Int64
  ) throws(NotAnAnswer) -> LibraryPage {
    try understood { () throws(NotUnderstood) in
      let page = try LibraryPage(json: plain(bytes))
      // Forward, so that a list in pages comes to its end.
      if let next = page.next, next <= first || page.entries.isEmpty {
        throw NotUnderstood("\"next\": not beyond \(first)")
      }
      return page
    }
  }

  /// The whole body, in which no text has anything that a terminal would obey (SEC-436).
  static func plain(_ bytes: [UInt8]) throws(NotUnderstood) -> JSONNode {
    let node: JSONNode
    do throws(JSONError) { node = try JSONReader.read(bytes, limits: limits) } catch {
      throw NotUnderstood("\(error.place.line):\(error.place.column): \(error.reason)")
    }
    try plainly(in: node)
    return node
  }
}

/// As deep as the reader's limits let a body be.
func plainly(in node: JSONNode) throws(NotUnderstood) {
  if let text = node.string { try plainly(text) }
  for node in node.array ?? [] { try plainly(in: node) }
  for member in node.members ?? [] { try plainly(in: member.node) }
}
