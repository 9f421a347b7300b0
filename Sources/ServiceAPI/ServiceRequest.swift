// SPDX-License-Identifier: Apache-2.0

public import Domain
public import StrictJSON
import Units

/// What a person proves themselves with, as it is written in a request.
public struct Credential: Hashable, Sendable {
  /// The password, or with a badge the PIN.
  public var secret: String
  /// The badge's number in hexadecimal; nil with a password.
  public var badge: String?

  public init(secret: String, badge: String? = nil) {
    self.secret = secret
    self.badge = badge
  }
}

/// What can be asked of the service at its socket for people and sessions.
///
/// One request is one packet of JSON, and gets one answer. Which role may ask for it in which state of the
/// pump is decided by one table in the service; this type only says what can be meant.
public enum ServiceRequest: Hashable, Sendable {
  /// Whether the pump has people, and whether they can be read now.
  case setup
  /// Makes the first administrator.
  case commission(code: String, login: String, Credential)
  case signIn(login: String, Credential)
  /// Begins a session of the person whose badge this is; the credential has one.
  case badgeSignIn(Credential)
  /// Gives the secret again; the answer has a new session in the place of this one.
  case stepUp(session: String, Credential)
  case signOut(session: String)
  case whoAmI(session: String)
  /// What it would take to do that now; nothing is done or recorded.
  case may(action: String, session: String?)
  /// At most ``ServiceAnswer/page`` people, from this number on.
  case people(session: String, from: Int64)
  case addPerson(session: String, login: String, role: String)
  case setPerson(session: String, person: Int64, role: String, active: Bool)
  /// Gives a code with which the person sets a new secret.
  case resetPerson(session: String, person: Int64)
  /// Sets a secret with such a code.
  case setSecret(login: String, code: String, Credential)
  /// Makes a request for a certificate of this DNS name; a key that has one already is followed by a new one.
  case requestCertificate(session: String, name: String)
  /// Takes what is given and keeps the rest; the first time a certificate, its authority and its list are needed.
  case setNetwork(session: String, NetworkChange)
  /// What the pump is on the network.
  case network(session: String)
  /// Takes the pump off the network.
  case leaveNetwork(session: String)
  /// The orders that nodes proposed and that wait.
  case proposals(session: String)
  /// Programs a proposed order as it is; the controller answers with its next status under `number`.
  case takeProposal(session: String, proposal: Int64, number: UInt32)
  case dropProposal(session: String, proposal: Int64)
  /// What the panel shows of the service; its user alone gets an answer.
  case panel
  /// So many orders and starts were asked for at the panel past a silent service; for the record.
  case emergencyUsed(Int64)
  /// A person at the panel agrees to install the image with this SHA-256, in hexadecimal digits.
  case agreeUpdate(session: String?, image: String)
  /// Passes a command on to the controller, whose answer comes with its next status under this number.
  case command(
    CommandKind, number: UInt32, draft: PrescriptionDraft?, session: String?, emergency: Bool)
}

extension ServiceRequest {
  static let version: Int64 = 1
  static let limits = JSONLimits(depth: 4, size: 16_384, integer: JSONLimits.exactInteger)
  static let hexDigitsOfSession = 64

  private enum Verb: String {
    case setup, commission, people, may, command, whoami, panel
    case badgeSignIn = "badge-sign-in"
    case agreeUpdate = "agree-update"
    case emergencyUsed = "emergency-used"
    case signIn = "sign-in"
    case stepUp = "step-up"
    case signOut = "sign-out"
    case addPerson = "add-person"
    case setPerson = "set-person"
    case resetPerson = "reset-person"
    case setSecret = "set-secret"
    case requestCertificate = "request-certificate"
    case setNetwork = "set-network"
    case network
    case leaveNetwork = "leave-network"
    case proposals
    case takeProposal = "take-proposal"
    case dropProposal = "drop-proposal"
  }

  // SEC-007 SEC-331: any bytes give a request or a reason, and nothing that is not understood is passed over.
  /// Reads a request.
  public init(_ bytes: [UInt8]) throws(NotUnderstood) {
    var fields = try Fields(bytes, limits: Self.limits)
    try self.init(&fields)
  }

  /// Reads a request out of JSON.
  public init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    try self.init(&fields)
  }

  private init(_ fields: inout Fields) throws(NotUnderstood) {
    try fields.version(Self.version)
    self = try Self.read(fields.word("do", as: Verb.self), &fields)
    try fields.end()
  }

  private static func read(
    _ verb: Verb, _ fields: inout Fields
  ) throws(NotUnderstood) -> ServiceRequest {
    switch verb {
    case .setup: .setup
    case .commission:
      .commission(
        code: try fields.string("code"), login: try fields.string("login"),
        try Credential(&fields))
    case .signIn: .signIn(login: try fields.string("login"), try Credential(&fields))
    case .badgeSignIn: .badgeSignIn(try Credential(&fields))
    case .panel: .panel
    case .emergencyUsed:
      .emergencyUsed(try fields.integer("commands", in: 1...Int64(UInt32.max)))
    case .agreeUpdate:
      .agreeUpdate(
        session: try optionalSession(&fields), image: try fields.string("image", longest: 64))
    case .stepUp: .stepUp(session: try session(&fields), try Credential(&fields))
    case .signOut: .signOut(session: try session(&fields))
    case .whoami: .whoAmI(session: try session(&fields))
    case .may:
      .may(action: try fields.string("action"), session: try optionalSession(&fields))
    case .people:
      .people(session: try session(&fields), from: try fields.integer("from"))
    case .addPerson:
      .addPerson(
        session: try session(&fields), login: try fields.string("login"),
        role: try fields.string("role"))
    case .setPerson:
      .setPerson(
        session: try session(&fields), person: try fields.integer("person"),
        role: try fields.string("role"), active: try fields.bool("active"))
    case .resetPerson:
      .resetPerson(session: try session(&fields), person: try fields.integer("person"))
    case .setSecret:
      .setSecret(
        login: try fields.string("login"), code: try fields.string("code"),
        try Credential(&fields))
    case .requestCertificate:
      .requestCertificate(session: try session(&fields), name: try fields.string("name"))
    case .setNetwork: .setNetwork(session: try session(&fields), try NetworkChange(&fields))
    case .network: .network(session: try session(&fields))
    case .leaveNetwork: .leaveNetwork(session: try session(&fields))
    case .proposals: .proposals(session: try session(&fields))
    case .takeProposal:
      .takeProposal(
        session: try session(&fields), proposal: try fields.integer("proposal"),
        number: try number(&fields))
    case .dropProposal:
      .dropProposal(session: try session(&fields), proposal: try fields.integer("proposal"))
    case .command: try command(&fields)
    }
  }

  private static func command(_ fields: inout Fields) throws(NotUnderstood) -> ServiceRequest {
    let name = try fields.string("command")
    // A heartbeat is the service's own.
    guard let kind = CommandKind(name: name), kind != .heartbeat else {
      throw NotUnderstood("\"command\": there is no '\(name)'")
    }
    let number = try number(&fields)
    var draft: PrescriptionDraft?
    if kind == .program { draft = try PrescriptionDraft(json: fields.take("draft")) }
    return .command(
      kind, number: number, draft: draft,
      session: try optionalSession(&fields), emergency: try fields.bool("emergency"))
  }

  private static func number(_ fields: inout Fields) throws(NotUnderstood) -> UInt32 {
    UInt32(truncatingIfNeeded: try fields.integer("number", in: 1...Int64(UInt32.max)))
  }

  static func session(_ fields: inout Fields) throws(NotUnderstood) -> String {
    let text = try fields.string("session", longest: hexDigitsOfSession)
    guard text.utf8.count == hexDigitsOfSession else {
      throw NotUnderstood("\"session\": expected \(hexDigitsOfSession) digits")
    }
    return text
  }

  static func optionalSession(
    _ fields: inout Fields
  ) throws(NotUnderstood) -> String? {
    guard let node = fields.optional("session") else { return nil }
    var own = try Fields(.object([("session", node)]))
    return try session(&own)
  }

  /// The request as a packet.
  public var bytes: [UInt8] { CanonicalJSON.text(json) }

  var json: JSONNode { .object([("v", .integer(Self.version))] + members) }

  private var members: [(String, JSONNode)] {
    func named(_ verb: Verb, _ rest: [(String, JSONNode)] = []) -> [(String, JSONNode)] {
      [("do", .string(verb.rawValue))] + rest
    }
    return switch self {
    case .setup: named(.setup)
    case .commission(let code, let login, let credential):
      named(
        .commission, [("code", .string(code)), ("login", .string(login))] + credential.members)
    case .signIn(let login, let credential):
      named(.signIn, [("login", .string(login))] + credential.members)
    case .badgeSignIn(let credential): named(.badgeSignIn, credential.members)
    case .panel: named(.panel)
    case .emergencyUsed(let count): named(.emergencyUsed, [("commands", .integer(count))])
    case .agreeUpdate(let session, let image):
      named(.agreeUpdate, [("image", .string(image))] + Self.members(session))
    case .stepUp(let session, let credential):
      named(.stepUp, [("session", .string(session))] + credential.members)
    case .signOut(let session): named(.signOut, [("session", .string(session))])
    case .whoAmI(let session): named(.whoami, [("session", .string(session))])
    case .may(let action, let session):
      named(.may, [("action", .string(action))] + Self.members(session))
    case .people(let session, let from):
      named(.people, [("session", .string(session)), ("from", .integer(from))])
    case .addPerson(let session, let login, let role):
      named(
        .addPerson,
        [("session", .string(session)), ("login", .string(login)), ("role", .string(role))])
    case .setPerson(let session, let person, let role, let active):
      named(
        .setPerson,
        [
          ("session", .string(session)), ("person", .integer(person)), ("role", .string(role)),
          ("active", .bool(active)),
        ])
    case .resetPerson(let session, let person):
      named(.resetPerson, [("session", .string(session)), ("person", .integer(person))])
    case .setSecret(let login, let code, let credential):
      named(.setSecret, [("login", .string(login)), ("code", .string(code))] + credential.members)
    case .requestCertificate(let session, let name):
      named(.requestCertificate, [("session", .string(session)), ("name", .string(name))])
    case .setNetwork(let session, let change):
      named(.setNetwork, [("session", .string(session))] + change.members)
    case .network(let session): named(.network, [("session", .string(session))])
    case .leaveNetwork(let session): named(.leaveNetwork, [("session", .string(session))])
    case .proposals(let session): named(.proposals, [("session", .string(session))])
    case .takeProposal(let session, let proposal, let number):
      named(
        .takeProposal,
        [
          ("session", .string(session)), ("proposal", .integer(proposal)),
          ("number", .integer(Int64(number))),
        ])
    case .dropProposal(let session, let proposal):
      named(.dropProposal, [("session", .string(session)), ("proposal", .integer(proposal))])
    case .command(let kind, let number, let draft, let session, let emergency):
      named(
        .command,
        [
          ("command", .string(kind.name)), ("number", .integer(Int64(number))),
          ("emergency", .bool(emergency)),
        ] + Self.members(session) + (draft.map { [("draft", $0.json)] } ?? []))
    }
  }

  static func members(_ session: String?) -> [(String, JSONNode)] {
    session.map { [("session", .string($0))] } ?? []
  }
}

extension Credential {
  /// The longest secret that is read; what is good is the service's to say.
  static let longest = 512

  init(_ fields: inout Fields) throws(NotUnderstood) {
    secret = try fields.string("secret", longest: Self.longest)
    if let node = fields.optional("badge") {
      var own = try Fields(.object([("badge", node)]))
      badge = try own.string("badge", longest: Self.longest)
    }
  }

  var members: [(String, JSONNode)] {
    [("secret", .string(secret))] + (badge.map { [("badge", .string($0))] } ?? [])
  }
}

extension CommandKind {
  /// The command's word in a request.
  public var name: String { "\(self)" }

  public init?(name: String) {
    guard let kind = Self.allCases.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
      return nil
    }
    self = kind
  }
}
