// SPDX-License-Identifier: Apache-2.0

public import Domain
import StrictJSON

/// What the gateway can ask of the service, at a socket of its own.
///
/// One request is one packet of JSON, and gets one answer. None of them is a command to the pump. Which of the
/// requests of people the network has is the service's to say.
public enum NetworkRequest: Hashable, Sendable {
  /// What the pump is on the network now.
  case standing
  /// A signature by the pump's TLS key over what the server signs in a handshake of TLS 1.3.
  case sign([UInt8])
  /// Puts an order before those who may program; the key makes a repeated proposal of the node the same one.
  /// With a session it is in a person's name as well.
  case propose(NetworkPeer, key: String, session: String?, PrescriptionDraft)
  /// The orders of a node that wait.
  case proposals(node: String)
  /// One of a node, and what became of it.
  case proposal(node: String, number: Int64)
  /// Takes back one of a node that waits; one in a person's name with a session of theirs alone.
  case withdraw(NetworkPeer, session: String?, number: Int64)
  /// What a person asks who sits at a node.
  case person(NetworkPeer, ServiceRequest)
  /// What a person asks of the audit log there.
  case audit(NetworkPeer, session: String, AuditQuestion)
  /// Who came, went and was refused at the door.
  case report([DoorReport])
  /// A person asks to bring a bundle of so many bytes; the key makes a repeated upload of the node the same one.
  case upload(NetworkPeer, session: String, key: String, length: Int64)
}

/// Who is at the far end of a connection, as the gateway found in its handshake.
public struct NetworkPeer: Hashable, Sendable {
  /// The name of the node.
  public var node: String
  /// The SHA-256 of its certificate: 32 bytes.
  public var certificate: [UInt8]

  public init(node: String, certificate: [UInt8]) {
    self.node = node
    self.certificate = certificate
  }

  init(_ fields: inout Fields) throws(NotUnderstood) {
    node = try fields.string("node")
    certificate = try fields.bytes("certificate", longest: 32)
    guard certificate.count == 32 else {
      throw NotUnderstood("\"certificate\": expected 64 digits")
    }
  }

  var members: [(String, JSONNode)] {
    [("node", .string(node)), ("certificate", .hex(certificate))]
  }
}

extension NetworkRequest {
  static let version: Int64 = 1
  static let limits = JSONLimits(depth: 6, size: 16_384, integer: JSONLimits.exactInteger)
  /// What is signed in a handshake has 146 bytes at the most.
  static let longestContent = 256

  private enum Verb: String {
    case standing, sign, propose, proposals, proposal, withdraw, person, audit, report, upload
  }

  // SEC-372: any bytes give a request or a reason, and nothing that is not understood is passed over.
  /// Reads a request.
  public init(_ bytes: [UInt8]) throws(NotUnderstood) {
    var fields = try Fields(bytes, limits: Self.limits, version: Self.version)
    switch try fields.word("do", as: Verb.self) {
    case .standing: self = .standing
    case .propose:
      self = .propose(
        try NetworkPeer(&fields),
        key: try fields.string("key", longest: ProposalView.longestKey),
        session: try ServiceRequest.optionalSession(&fields),
        try PrescriptionDraft(json: fields.take("order")))
    case .person:
      self = .person(
        try NetworkPeer(&fields), try ServiceRequest(json: fields.take("request")))
    case .upload:
      self = .upload(
        try NetworkPeer(&fields), session: try ServiceRequest.session(&fields),
        key: try fields.string("key", longest: IntakePermit.longestKey),
        length: try fields.integer("length", in: 0...IntakePermit.largest))
    case .report: self = .report(try DoorReport.list(fields.take("reports")))
    case .audit:
      self = .audit(
        try NetworkPeer(&fields), session: try ServiceRequest.session(&fields),
        try AuditQuestion(json: fields.take("question")))
    case .proposals: self = .proposals(node: try fields.string("node"))
    case .proposal:
      self = .proposal(node: try fields.string("node"), number: try fields.integer("number"))
    case .withdraw:
      self = .withdraw(
        try NetworkPeer(&fields), session: try ServiceRequest.optionalSession(&fields),
        number: try fields.integer("number"))
    case .sign: self = .sign(try fields.bytes("content", longest: Self.longestContent))
    }
    try fields.end()
  }

  /// The request as a packet.
  public var bytes: [UInt8] {
    let (verb, rest): (Verb, [(String, JSONNode)]) =
      switch self {
      case .standing: (.standing, [])
      case .propose(let peer, let key, let session, let draft):
        (
          .propose,
          peer.members + [("key", .string(key)), ("order", draft.json)]
            + ServiceRequest.members(session)
        )
      case .person(let peer, let request):
        (.person, peer.members + [("request", request.json)])
      case .report(let reports): (.report, [("reports", .array(reports.map(\.json)))])
      case .audit(let peer, let session, let question):
        (
          .audit,
          peer.members + [("session", .string(session)), ("question", question.json)]
        )
      case .upload(let peer, let session, let key, let length):
        (
          .upload,
          peer.members + [
            ("session", .string(session)), ("key", .string(key)), ("length", .integer(length)),
          ]
        )
      case .proposals(let node): (.proposals, [("node", .string(node))])
      case .proposal(let node, let number):
        (.proposal, [("node", .string(node)), ("number", .integer(number))])
      case .withdraw(let peer, let session, let number):
        (
          .withdraw,
          peer.members + [("number", .integer(number))] + ServiceRequest.members(session)
        )
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
  case proposalStanding(ProposalStanding)
  case withdrawn
  /// What the service says to a person.
  case person(ServiceAnswer)
  case audit(AuditAnswer)
  /// The report goes on record.
  case noted
  /// The bundle may be brought to pump-updated with this token.
  case permit(token: [UInt8])
  /// It was brought before; this became of it.
  case intake(IntakeView)
  case refused(ServiceRefusal)
}

extension NetworkAnswer {
  private enum Kind: String {
    case none, standing, signature, proposal, proposals, withdrawn, person, audit, noted, permit,
      intake, refused
    case proposalStanding = "proposal-standing"
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
    case .proposalStanding:
      self = .proposalStanding(try ProposalStanding(json: fields.take("proposal")))
    case .withdrawn: self = .withdrawn
    case .person: self = .person(try ServiceAnswer(json: fields.take("answer")))
    case .noted: self = .noted
    case .permit: self = .permit(token: try fields.bytes("token", longest: IntakePermit.tokenSize))
    case .intake: self = .intake(try IntakeView(json: fields.take("intake")))
    case .audit: self = .audit(try AuditAnswer(json: fields.take("answer")))
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
      case .proposalStanding(let standing): (.proposalStanding, [("proposal", standing.json)])
      case .withdrawn: (.withdrawn, [])
      case .signature(let signature): (.signature, [("signature", .hex(signature))])
      case .person(let answer): (.person, [("answer", answer.json)])
      case .noted: (.noted, [])
      case .permit(let token): (.permit, [("token", .hex(token))])
      case .intake(let view): (.intake, [("intake", view.json)])
      case .audit(let answer): (.audit, [("answer", answer.json)])
      case .refused(let refusal): (.refused, refusal.members)
      }
    return CanonicalJSON.text(.object([("is", .string(kind.rawValue))] + rest))
  }
}
