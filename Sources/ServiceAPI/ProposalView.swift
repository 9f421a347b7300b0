// SPDX-License-Identifier: Apache-2.0

public import Domain
public import StrictJSON

/// An order that a node proposed, as the service shows it.
public struct ProposalView: Hashable, Sendable {
  public var number: Int64
  /// The name of the node.
  public var from: String
  /// The login of the person who proposed it there; nil without one.
  public var by: String?
  /// Whole seconds until it lapses.
  public var secondsLeft: Int64
  public var draft: PrescriptionDraft

  public init(
    number: Int64, from: String, by: String? = nil, secondsLeft: Int64, draft: PrescriptionDraft
  ) {
    self.number = number
    self.from = from
    self.by = by
    self.secondsLeft = secondsLeft
    self.draft = draft
  }

  /// The longest key of a sender's, in bytes.
  public static let longestKey = 64
  /// The most in one answer.
  public static let most = 16

  package init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    self.init(
      number: try fields.integer("number"), from: try fields.string("from"),
      by: try Self.person(fields.take("by")),
      secondsLeft: try fields.integer("seconds_left"),
      draft: try PrescriptionDraft(json: fields.take("order")))
    try fields.end()
  }

  public var json: JSONNode {
    .object([
      ("by", by.map { .string($0) } ?? .null), ("from", .string(from)),
      ("number", .integer(number)), ("order", draft.json),
      ("seconds_left", .integer(secondsLeft)),
    ])
  }

  private static func person(_ node: JSONNode) throws(NotUnderstood) -> String? {
    if node.content == .null { return nil }
    guard let login = node.string else { throw NotUnderstood("\"by\": expected a string or null") }
    return login
  }

  package static func list(_ node: JSONNode) throws(NotUnderstood) -> [ProposalView] {
    guard let nodes = node.array, nodes.count <= most else {
      throw NotUnderstood("\"proposals\": expected a list of at most \(most)")
    }
    var list: [ProposalView] = []
    for node in nodes { list.append(try ProposalView(json: node)) }
    return list
  }
}
