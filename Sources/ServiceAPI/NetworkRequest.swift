// SPDX-License-Identifier: Apache-2.0

public import Domain
import StrictJSON

/// What the gateway can ask of the service, at a socket of its own.
///
/// One request is one packet of JSON, and gets one answer. None of them is a command to the pump.
public enum NetworkRequest: Hashable, Sendable {
  /// What the pump is on the network now.
  case standing
  /// A signature by the pump's TLS key over what the server signs in a handshake of TLS 1.3.
  case sign([UInt8])
  /// Puts a node's order before those who may program; the key makes a repeated proposal the same one.
  case propose(node: String, key: String, PrescriptionDraft)
  /// The orders of a node that wait.
  case proposals(node: String)
}

extension NetworkRequest {
  static let version: Int64 = 1
  static let limits = JSONLimits(depth: 4, size: 16_384, integer: JSONLimits.exactInteger)
  /// What is signed in a handshake has 146 bytes at the most.
  static let longestContent = 256

  private enum Verb: String {
    case standing, sign, propose, proposals
  }

  // SEC-372: any bytes give a request or a reason, and nothing that is not understood is passed over.
  /// Reads a request.
  public init(_ bytes: [UInt8]) throws(NotUnderstood) {
    var fields = try Fields(bytes, limits: Self.limits, version: Self.version)
    switch try fields.word("do", as: Verb.self) {
    case .standing: self = .standing
    case .propose:
      self = .propose(
        node: try fields.string("node"),
        key: try fields.string("key", longest: ProposalView.longestKey),
        try PrescriptionDraft(json: fields.take("order")))
    case .proposals: self = .proposals(node: try fields.string("node"))
    case .sign: self = .sign(try fields.bytes("content", longest: Self.longestContent))
    }
    try fields.end()
  }

  /// The request as a packet.
  public var bytes: [UInt8] {
    let (verb, rest): (Verb, [(String, JSONNode)]) =
      switch self {
      case .standing: (.standing, [])
      case .propose(let node, let key, let draft):
        (.propose, [("node", .string(node)), ("key", .string(key)), ("order", draft.json)])
      case .proposals(let node): (.proposals, [("node", .string(node))])
      case .sign(let content): (.sign, [("content", .hex(content))])
      }
    return CanonicalJSON.text(
      .object([("v", .integer(Self.version)), ("do", .string(verb.rawValue))] + rest))
  }
}

/// What the service says to the gateway.
public enum NetworkAnswer: Hashable, Sendable {
  /// The pump was given no place on a network.
  case none
  case standing(NetworkStanding)
  case signature([UInt8])
  /// A proposal waits under this number.
  case proposal(number: Int64, isNew: Bool)
  case proposals([ProposalView])
  case refused(ServiceRefusal)
}

extension NetworkAnswer {
  private enum Kind: String {
    case none, standing, signature, proposal, proposals, refused
  }

  /// Reads an answer.
  public init(_ bytes: [UInt8]) throws(NotUnderstood) {
    var fields = try Fields(bytes, limits: NetworkRequest.limits)
    switch try fields.word("is", as: Kind.self) {
    case .none: self = .none
    case .standing: self = .standing(try NetworkStanding(&fields))
    case .proposal:
      self = .proposal(number: try fields.integer("number"), isNew: try fields.bool("new"))
    case .proposals: self = .proposals(try ProposalView.list(fields.take("proposals")))
    case .signature: self = .signature(try fields.bytes("signature", longest: 128))
    case .refused: self = .refused(try ServiceRefusal(&fields))
    }
    try fields.end()
  }

  /// The answer as a packet.
  public var bytes: [UInt8] {
    let (kind, rest): (Kind, [(String, JSONNode)]) =
      switch self {
      case .none: (.none, [])
      case .standing(let standing): (.standing, standing.members)
      case .proposal(let number, let isNew):
        (.proposal, [("number", .integer(number)), ("new", .bool(isNew))])
      case .proposals(let list): (.proposals, [("proposals", .array(list.map(\.json)))])
      case .signature(let signature): (.signature, [("signature", .hex(signature))])
      case .refused(let refusal): (.refused, refusal.members)
      }
    return CanonicalJSON.text(.object([("is", .string(kind.rawValue))] + rest))
  }
}
