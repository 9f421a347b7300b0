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
    try self.init(&fields)
    try fields.end()
  }

  fileprivate init(_ fields: inout Fields) throws(NotUnderstood) {
    self.init(
      number: try fields.integer("number"), from: try fields.string("from"),
      by: try Self.person(fields.take("by")),
      secondsLeft: try fields.integer("seconds_left"),
      draft: try PrescriptionDraft(json: fields.take("order")))
  }

  public var json: JSONNode { .object(members) }

  fileprivate var members: [(String, JSONNode)] {
    [
      ("by", by.map { .string($0) } ?? .null), ("from", .string(from)),
      ("number", .integer(number)), ("order", draft.json),
      ("seconds_left", .integer(secondsLeft)),
    ]
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

/// How a proposal stands.
public enum ProposalState: Hashable, Sendable {
  case waits
  /// A person had it passed on to the controller, which was not heard to refuse it.
  case taken
  /// The controller refused it when a person took it.
  case refused(Refusal)
  /// By a person at the pump.
  case dropped
  /// By who proposed it.
  case withdrawn
  case lapsed

  private enum Word: String {
    case waits, taken, refused, dropped, withdrawn, lapsed
  }

  fileprivate init(_ fields: inout Fields) throws(NotUnderstood) {
    let word = try fields.word("state", as: Word.self)
    let reason = try fields.take("reason")
    guard word == .refused || reason.content == .null else {
      throw NotUnderstood("\"reason\": expected null")
    }
    switch word {
    case .waits: self = .waits
    case .taken: self = .taken
    case .dropped: self = .dropped
    case .withdrawn: self = .withdrawn
    case .lapsed: self = .lapsed
    case .refused:
      guard let refusal = Refusal.allCases.first(where: { "\($0)" == reason.string }) else {
        throw NotUnderstood("\"reason\": expected the code of a refusal")
      }
      self = .refused(refusal)
    }
  }

  /// Its word.
  public var name: String {
    let word: Word =
      switch self {
      case .waits: .waits
      case .taken: .taken
      case .refused: .refused
      case .dropped: .dropped
      case .withdrawn: .withdrawn
      case .lapsed: .lapsed
      }
    return word.rawValue
  }

  /// Why the controller refused it; nil when it did not.
  public var refusal: Refusal? {
    guard case .refused(let refusal) = self else { return nil }
    return refusal
  }
}

/// A proposal and what became of it.
public struct ProposalStanding: Hashable, Sendable {
  public var proposal: ProposalView
  public var state: ProposalState

  public init(proposal: ProposalView, state: ProposalState) {
    self.proposal = proposal
    self.state = state
  }

  package init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    proposal = try ProposalView(&fields)
    state = try ProposalState(&fields)
    try fields.end()
  }

  public var json: JSONNode {
    .object(
      proposal.members + [
        ("reason", state.refusal.map { .string("\($0)") } ?? .null), ("state", .string(state.name)),
      ])
  }
}
