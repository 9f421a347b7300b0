// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// What the service says to a request.
public enum ServiceAnswer: Hashable, Sendable {
  /// Done; there is nothing more to say.
  case done
  case setup(hasPeople: Bool, isReady: Bool)
  /// A session, by a token that means something to this pump alone.
  case session(String, person: PersonView)
  case person(PersonView, steppedUp: Bool)
  case people([PersonView], more: Bool)
  /// A person, and the code with which they set their secret.
  case code(String, person: Int64)
  /// What it takes: anyone, session, step-up or two persons.
  case requirement(String)
  /// The command is on its way.
  case passedOn(number: UInt32)
  /// A request for a certificate, in PEM (PKCS #10).
  case certificateRequest(String)
  case network(NetworkView)
  case proposals([ProposalView])
  case panel(PanelNews)
  case refused(ServiceRefusal)

  /// The most people in one answer.
  public static let page = 64
}

/// A person as the service shows them.
public struct PersonView: Hashable, Sendable {
  public var number: Int64
  public var login: String
  public var role: String
  public var active: Bool

  public init(number: Int64, login: String, role: String, active: Bool) {
    self.number = number
    self.login = login
    self.role = role
    self.active = active
  }
}

/// Why the service does not do it.
public struct ServiceRefusal: Hashable, Sendable {
  public enum Reason: String, CaseIterable, Sendable {
    case notUnderstood = "not-understood"
    case notSignedIn = "not-signed-in"
    case notPermitted = "not-permitted"
    case needsStepUp = "needs-step-up"
    case needsSecondPerson = "needs-second-person"
    case wrongSecret = "wrong-secret"
    /// Not before the time in ``ServiceRefusal/milliseconds``.
    case wait
    case busy
    case unavailable
    case loginTaken = "login-taken"
    case badgeTaken = "badge-taken"
    case notALogin = "not-a-login"
    case secretTooShort = "secret-too-short"
    case secretTooLong = "secret-too-long"
    case notABadge = "not-a-badge"
    case secretNotDigits = "secret-not-digits"
    case secretGuessable = "secret-guessable"
    case nobody
    case noSuchRole = "no-such-role"
    case lastAdministrator = "last-administrator"
    case wrongCode = "wrong-code"
    case beyondEmergencyLimits = "beyond-emergency-limits"
    /// The order is outside the device's limits; ``ServiceRefusal/detail`` says how.
    case notAnOrder = "not-an-order"
    /// Another order was proposed with this key.
    case keyUsed = "key-used"
    /// There is no such proposal, or at the pump none that waits.
    case noProposal = "no-proposal"
    /// The proposal waits no more, so that it cannot be withdrawn.
    case proposalEnded = "proposal-ended"
    /// A name that no DNS name is.
    case notAName = "not-a-name"
    /// A certificate, authority, list or node is not taken; ``ServiceRefusal/detail`` says which and why.
    case notACertificate = "not-a-certificate"
    /// Another bundle comes or is being verified.
    case uploadBusy = "upload-busy"
    /// A bundle of that length does not fit on the medium.
    case noSpace = "no-space"
    /// The process for updates does not answer.
    case noUpdater = "no-updater"
  }

  public var reason: Reason
  public var milliseconds: Int64?
  /// What exactly, where there is more to say.
  public var detail: String?

  public init(_ reason: Reason, milliseconds: Int64? = nil, detail: String? = nil) {
    self.reason = reason
    self.milliseconds = milliseconds
    self.detail = detail
  }
}

extension ServiceAnswer {
  static let limits = JSONLimits(depth: 5, size: 16_384, integer: JSONLimits.exactInteger)

  private enum Kind: String {
    case done, setup, session, person, people, code, requirement, refused
    case passedOn = "passed-on"
    case certificateRequest = "certificate-request"
    case network, proposals, panel
  }

  /// Reads an answer.
  public init(_ bytes: [UInt8]) throws(NotUnderstood) {
    var fields = try Fields(bytes, limits: Self.limits)
    try self.init(&fields)
  }

  init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    try self.init(&fields)
  }

  private init(_ fields: inout Fields) throws(NotUnderstood) {
    let kind = try fields.word("is", as: Kind.self)
    switch kind {
    case .done: self = .done
    case .setup:
      self = .setup(
        hasPeople: try fields.bool("people"), isReady: try fields.bool("ready"))
    case .session:
      self = .session(
        try fields.string("session"), person: try PersonView(json: fields.take("person")))
    case .person:
      self = .person(
        try PersonView(json: fields.take("person")), steppedUp: try fields.bool("steppedUp"))
    case .people:
      guard let nodes = try fields.take("people").array, nodes.count <= Self.page else {
        throw NotUnderstood("\"people\": expected a list of at most \(Self.page)")
      }
      var people: [PersonView] = []
      for node in nodes { people.append(try PersonView(json: node)) }
      self = .people(people, more: try fields.bool("more"))
    case .code:
      self = .code(try fields.string("code"), person: try fields.integer("person"))
    case .requirement: self = .requirement(try fields.string("requirement"))
    case .passedOn:
      let number = try fields.integer("number", in: 1...Int64(UInt32.max))
      self = .passedOn(number: UInt32(truncatingIfNeeded: number))
    case .refused: self = .refused(try ServiceRefusal(&fields))
    case .certificateRequest:
      self = .certificateRequest(
        try fields.string("request", longest: NetworkStanding.longestCertificate))
    case .proposals: self = .proposals(try ProposalView.list(fields.take("proposals")))
    case .panel: self = .panel(try PanelNews(&fields))
    case .network: self = .network(try NetworkView(json: fields.take("network")))
    }
    try fields.end()
  }

  /// The answer as a packet.
  public var bytes: [UInt8] { CanonicalJSON.text(json) }

  var json: JSONNode { .object(members) }

  private var members: [(String, JSONNode)] {
    func named(_ kind: Kind, _ rest: [(String, JSONNode)] = []) -> [(String, JSONNode)] {
      [("is", .string(kind.rawValue))] + rest
    }
    return switch self {
    case .done: named(.done)
    case .setup(let hasPeople, let isReady):
      named(.setup, [("people", .bool(hasPeople)), ("ready", .bool(isReady))])
    case .session(let session, let person):
      named(.session, [("session", .string(session)), ("person", person.json)])
    case .person(let person, let steppedUp):
      named(.person, [("person", person.json), ("steppedUp", .bool(steppedUp))])
    case .people(let people, let more):
      named(.people, [("people", .array(people.map(\.json))), ("more", .bool(more))])
    case .code(let code, let person):
      named(.code, [("code", .string(code)), ("person", .integer(person))])
    case .requirement(let words): named(.requirement, [("requirement", .string(words))])
    case .passedOn(let number): named(.passedOn, [("number", .integer(Int64(number)))])
    case .refused(let refusal): named(.refused, refusal.members)
    case .certificateRequest(let request):
      named(.certificateRequest, [("request", .string(request))])
    case .proposals(let list): named(.proposals, [("proposals", .array(list.map(\.json)))])
    case .panel(let news): named(.panel, news.members)
    case .network(let view): named(.network, [("network", view.json)])
    }
  }
}

extension PersonView {
  package init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    self.init(
      number: try fields.integer("number"), login: try fields.string("login"),
      role: try fields.string("role"), active: try fields.bool("active"))
    try fields.end()
  }

  public var json: JSONNode {
    .object([
      ("active", .bool(active)), ("login", .string(login)), ("number", .integer(number)),
      ("role", .string(role)),
    ])
  }
}

extension ServiceRefusal {
  init(_ fields: inout Fields) throws(NotUnderstood) {
    self.init(try fields.word("reason", as: Reason.self))
    if let node = fields.optional("milliseconds") { milliseconds = node.integer }
    if let node = fields.optional("detail") { detail = node.string }
  }

  var members: [(String, JSONNode)] {
    [("reason", .string(reason.rawValue))]
      + (milliseconds.map { [("milliseconds", .integer($0))] } ?? [])
      + (detail.map { [("detail", .string($0))] } ?? [])
  }
}
