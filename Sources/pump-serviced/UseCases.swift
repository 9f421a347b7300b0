// SPDX-License-Identifier: Apache-2.0

import AccessControl
import AuditLog
import Cryptography
import Domain
import ServiceAPI
import Synchronization
import Units

/// Every request of people: asks the access control, puts it on record, does it.
///
/// It knows no socket and reads no clock, so that tests see what a client sees.
final class UseCases: Sendable {
  /// Where records go.
  typealias Recorder = @Sendable (AuditEntry) -> Void

  struct Contents {
    var access: AccessControl?
    /// The one-time code of the first administrator, while the pump has none.
    var code: String?
    /// Attempts that were turned away unheard since the last record of them.
    var throttled: Int64 = 0
    var recordedAt = Instant.min
    /// What the gateway may put on record.
    var share = RecordShare()
  }

  let contents = Mutex(Contents())
  private let trust: SharedTrust
  let network: NetworkIdentity
  let desk: ProposalDesk
  let log: AuditDesk?
  let uploads: UploadBook
  private let gate: Gate
  private let cost: Argon2id.Cost
  let record: Recorder

  init(
    trust: SharedTrust, gate: Gate, cost: Argon2id.Cost = .standard, log: AuditDesk? = nil,
    uploads: UploadBook = UploadBook(), record: @escaping Recorder
  ) {
    self.log = log
    self.uploads = uploads
    self.trust = trust
    network = NetworkIdentity(trust: trust)
    self.gate = gate
    desk = gate.desk
    self.cost = cost
    self.record = record
  }

  var access: AccessControl? { contents.withLock { $0.access } }

  // SRS-217: what was asked over the network is on record with its node.
  func record(_ entry: AuditEntry, _ asker: Asker) {
    var entry = entry
    if let node = asker.node {
      entry.reference += (entry.reference.isEmpty ? "" : " ") + "from \(node)"
    }
    record(entry)
  }

  /// What is to be done now and then: open the people, end sessions, summarise.
  func tick(at now: Instant) {
    if access == nil, trust.records.trust != nil {
      let opened = try? AccessControl(records: trust, keys: trust, cost: cost, at: now)
      contents.withLock { $0.access = opened }
    }
    guard let access else { return }
    gate.people = access.isCommissioned ? .some : .none
    // SRS-154: who was signed off is on record; nothing is asked of the controller.
    for person in access.logOff(at: now) {
      record(AuditEntry(.automaticLogoff, actor: Self.actor(person)))
    }
    let throttled = contents.withLock { contents in
      guard contents.throttled > 0, now - contents.recordedAt >= .seconds(10) else {
        return Int64(0)
      }
      defer { contents.throttled = 0 }
      contents.recordedAt = now
      return contents.throttled
    }
    if throttled > 0 {
      record(AuditEntry(.loginFailed, outcome: .refused, a: throttled, reference: "throttled"))
    }
    let code = (try? access.commissioningCode(at: now)) ?? nil
    contents.withLock { $0.code = code }
  }

  // MARK: Requests

  /// Whether the request takes a secret to be hashed, and so a thread that may take its time.
  ///
  /// An attempt that has to wait is answered at once and costs no hash.
  func isCostly(
    _ request: ServiceRequest, at now: Instant, by asker: Asker = .local
  ) -> Bool {
    if asker.node != nil, !request.isOfNetwork { return false }
    return switch request {
    case .signIn(let login, _):
      access?.wait(for: login, via: asker.way, at: now) == .zero
    case .badgeSignIn(let credential):
      (try? Self.badge(credential)).map { access?.wait(forBadge: $0, at: now) == .zero } ?? false
    case .commission, .stepUp, .setSecret: true
    case .setup, .panel, .emergencyUsed, .agreeUpdate, .signOut, .whoAmI, .may, .people, .addPerson,
      .setPerson,
      .resetPerson, .command,
      .requestCertificate, .setNetwork, .network, .leaveNetwork, .proposals, .takeProposal,
      .dropProposal:
      false
    }
  }

  /// Answers; takes tens of milliseconds when ``isCostly(_:at:)`` says so.
  ///
  func answer(
    _ request: ServiceRequest, at now: Instant, by asker: Asker = .local
  ) -> ServiceAnswer {
    let isPanel = asker == .panel
    do throws(AccessRefusal) {
      if asker.node != nil, !request.isOfNetwork { throw .notPermitted }
      if case .setup = request {
        return .setup(hasPeople: gate.people == .some, isReady: access != nil)
      }
      if case .command(let kind, let number, let draft, let session, let emergency) = request {
        let command = Command(
          kind, from: isPanel ? .panel : .service, number: number, draft: draft)
        return try pass(command, session, isEmergency: emergency, at: now)
      }
      // SEC-365 SEC-392: the code is for the panel's eyes, and nobody else agrees to an update.
      switch request {
      case .panel, .agreeUpdate, .emergencyUsed: guard isPanel else { throw .notPermitted }
      default: break
      }
      if case .panel = request { return .panel(news(at: now)) }
      if case .emergencyUsed(let count) = request {
        // SRS-087: what the service did not see is on record when it is back.
        record(
          AuditEntry(
            .breakGlass, source: .service, a: count, b: Int64(CommandOrigin.panel.rawValue),
            reference: "past the silent service"))
        return .done
      }
      if case .agreeUpdate(let session, let image) = request {
        return try agree(to: image, session, at: now)
      }
      guard let access else { throw .unavailable }
      return try answer(request, access, at: now, asker)
    } catch {
      return .refused(ServiceRefusal(of: error))
    }
  }

  private func answer(
    _ request: ServiceRequest, _ access: AccessControl, at now: Instant, _ asker: Asker
  ) throws(AccessRefusal) -> ServiceAnswer {
    switch request {
    case .commission(let code, let login, let credential):
      return try commission(access, code, login, credential, at: now)
    case .signIn(let login, let credential):
      return try signIn(access, credential, at: now, access.person(login), asker) {
        () throws(AccessRefusal) in
        try access.signIn(login, Self.secret(credential), via: asker.way, at: now)
      }
    case .badgeSignIn(let credential):
      let badge = try Self.badge(credential)
      return try signIn(access, credential, at: now, access.person(badge: badge), asker) {
        () throws(AccessRefusal) in
        try access.signIn(badge: badge, pin: credential.secret, at: now)
      }
    case .stepUp(let session, let credential):
      return try stepUp(access, session, credential, at: now, asker)
    case .signOut(let session):
      if let token = try? asker.token(session), let person = access.signOut(token, at: now) {
        record(AuditEntry(.logout, actor: Self.actor(person, token)), asker)
      }
      return .done
    case .whoAmI(let session):
      let (person, steppedUp) = try access.session(asker.token(session), at: now)
      return .person(PersonView(person), steppedUp: steppedUp)
    case .may(let action, let session): return try may(access, action, session, at: now)
    case .people(let session, let from):
      _ = try permitted(access, session, .managePeople, at: now, asker)
      let all = access.people().filter { $0.id.rawValue >= from }
      return .people(
        all.prefix(ServiceAnswer.page).map(PersonView.init), more: all.count > ServiceAnswer.page)
    case .addPerson(let session, let login, let role):
      return try add(access, session, login, role, at: now, asker)
    case .setPerson(let session, let number, let role, let active):
      return try set(access, session, number, role, active, at: now, asker)
    case .resetPerson(let session, let number):
      let (token, actor) = try permitted(access, session, .managePeople, at: now, asker)
      let id = PersonID(rawValue: number)
      let code = try access.startReset(of: id, by: token, in: condition(now), at: now)
      record(AuditEntry(.credentialChanged, subject: Self.subject(id), actor: actor), asker)
      return .code(code, person: number)
    case .setSecret(let login, let code, let credential):
      let secret = try Self.secret(credential)
      try access.finishReset(login: login, code: code, secret: secret, at: now)
      if let person = access.person(login) {
        record(
          AuditEntry(
            .credentialChanged, subject: Self.subject(person.id), actor: Self.actor(person)))
      }
      return .done
    case .requestCertificate(let session, let name):
      let (_, actor) = try permitted(access, session, .manageNetwork, at: now, asker)
      guard NetworkNode.isName(name) else { return .refused(ServiceRefusal(.notAName)) }
      return try network(actor, "network: certificate requested") {
        () throws(NetworkIdentity.Failure) in
        .certificateRequest(try self.network.request(name: name))
      }
    case .setNetwork(let session, let change):
      let (_, actor) = try permitted(access, session, .manageNetwork, at: now, asker)
      return try setNetwork(change, actor, access)
    case .network(let session):
      let (_, actor) = try permitted(access, session, .manageNetwork, at: now, asker)
      return try network(actor, nil) { () throws(NetworkIdentity.Failure) in
        .network(try self.network.view())
      }
    case .leaveNetwork(let session):
      let (_, actor) = try permitted(access, session, .manageNetwork, at: now, asker)
      return try network(actor, "network: left") { () throws(NetworkIdentity.Failure) in
        _ = try self.network.leave()
        self.endSessionsOfNetwork(access)
        return .done
      }
    case .proposals(let session):
      _ = try programmer(access, session, at: now)
      return .proposals(desk.all(at: now))
    case .takeProposal(let session, let number, let commandNumber):
      _ = try programmer(access, session, at: now)
      let answer = try desk.take(number, by: commandNumber, at: now) {
        (proposal) throws(AccessRefusal) in
        let command = Command(
          .program, from: asker == .panel ? .panel : .service, number: commandNumber,
          draft: proposal.draft)
        return try pass(command, session, isEmergency: false, at: now)
      }
      return answer ?? .refused(ServiceRefusal(.noProposal))
    case .dropProposal(let session, let number):
      let actor = try programmer(access, session, at: now)
      guard let proposal = desk.drop(number, at: now) else {
        return .refused(ServiceRefusal(.noProposal))
      }
      record(AuditEntry(ended: proposal, "dropped", by: actor))
      return .done
    case .setup, .command, .panel, .emergencyUsed, .agreeUpdate: return .done
    }
  }

  // MARK: The panel

  // SRS-200: what the panel cannot know by itself, for its user alone.
  private func news(at now: Instant) -> PanelNews {
    let refusal = gate.refusal
    return PanelNews(
      hasPeople: gate.people != .none, code: contents.withLock { $0.code },
      proposals: Int64(desk.all(at: now).count), refused: refusal?.count,
      reason: refusal?.reason)
  }

  /// What it takes to agree to this content; what nobody offers counts as firmware, the strictest.
  private func action(for image: ContentHash) -> Action {
    guard let offer = gate.offer, offer.image == image else { return .installUpdate }
    switch offer.kind {
    case .firmware: return .installUpdate
    case .drugLibrary: return .activateLibrary
    case .configuration: return .changeConfiguration
    }
  }

  // SEC-393: once the pump has people, who agrees to an update is one who may install it.
  // SEC-382: a library takes who may activate one, a configuration who may change it.
  /// Passes an agreement on to the updater, which follows it only for the image that waits.
  private func agree(
    to image: String, _ session: String?, at now: Instant
  ) throws(AccessRefusal) -> ServiceAnswer {
    guard let digest = ContentHash(hex: image) else {
      return .refused(ServiceRefusal(.notUnderstood, detail: "an image is 64 digits"))
    }
    var actor: AuditActor?
    let action = action(for: digest)
    if gate.people != .none {
      guard let access else { throw .unavailable }
      do throws(AccessRefusal) {
        guard let session, let token = SessionToken(hex: session) else { throw .notSignedIn }
        actor = Self.actor(try access.session(token, at: now).person, token)
        _ = try access.authorize(action, token, in: condition(now), at: now)
      } catch {
        record(
          AuditEntry(
            .accessDenied, outcome: .refused, subject: UInt32(action.rawValue),
            actor: actor, reference: "update: \(error)"))
        throw error
      }
    }
    record(
      AuditEntry(
        .requestReceived, a: Int64(digest.short), b: Int64(CommandOrigin.panel.rawValue),
        actor: actor, reference: "update agreed"))
    gate.agree(to: digest)
    return .done
  }

  // MARK: People

  private func commission(
    _ access: AccessControl, _ code: String, _ login: String, _ credential: Credential,
    at now: Instant
  ) throws(AccessRefusal) -> ServiceAnswer {
    let secret = try Self.secret(credential)
    let id: PersonID
    do throws(AccessRefusal) {
      id = try access.commission(code: code, login: login, secret: secret, at: now)
    } catch {
      record(AuditEntry(.accessDenied, outcome: .refused, reference: "commissioning"))
      throw error
    }
    // From here on who asks is asked for.
    gate.people = .some
    record(
      AuditEntry(
        .personCreated, subject: Self.subject(id), a: Int64(Role.administrator.rawValue),
        reference: "commissioning"))
    return .code("", person: id.rawValue)
  }

  private func signIn(
    _ access: AccessControl, _ credential: Credential, at now: Instant, _ known: Person?,
    _ asker: Asker, _ body: () throws(AccessRefusal) -> SessionToken
  ) throws(AccessRefusal) -> ServiceAnswer {
    let token: SessionToken
    do throws(AccessRefusal) { token = try body() } catch {
      // What was typed as a login may be a secret: only the login of a person goes on record.
      switch error {
      // SRS-158: an attempt that has to wait costs no hash and no record of its own.
      case .wait: contents.withLock { $0.throttled += 1 }
      default:
        record(
          AuditEntry(.loginFailed, outcome: .refused, actor: known.map { Self.actor($0) }), asker)
      }
      throw error
    }
    let (person, _) = try access.session(token, at: now)
    record(
      AuditEntry(.loginSucceeded, actor: Self.actor(person, token, Self.method(credential))), asker)
    return .session(Hex.encode(token.bytes), person: PersonView(person))
  }

  private func stepUp(
    _ access: AccessControl, _ session: String, _ credential: Credential, at now: Instant,
    _ asker: Asker
  ) throws(AccessRefusal) -> ServiceAnswer {
    let old = try asker.token(session)
    let (person, _) = try access.session(old, at: now)
    let token: SessionToken
    do throws(AccessRefusal) {
      token = try access.stepUp(old, Self.secret(credential), at: now)
    } catch {
      record(AuditEntry(.stepUp, outcome: .refused, actor: Self.actor(person, old)), asker)
      throw error
    }
    record(AuditEntry(.stepUp, actor: Self.actor(person, token, Self.method(credential))), asker)
    return .session(Hex.encode(token.bytes), person: PersonView(person))
  }

  private func may(
    _ access: AccessControl, _ name: String, _ session: String?, at now: Instant
  ) throws(AccessRefusal) -> ServiceAnswer {
    guard let action = Action.allCases.first(where: { $0.title == name }) else {
      return .refused(ServiceRefusal(.notUnderstood, detail: "there is no action '\(name)'"))
    }
    var role: Role?
    if let session {
      guard let token = SessionToken(hex: session) else { throw .notSignedIn }
      role = try access.session(token, at: now).person.role
    }
    guard let needed = Permissions.requirement(for: action, by: role, in: condition(now)) else {
      throw role == nil ? .notSignedIn : .notPermitted
    }
    return .requirement(needed.title)
  }

  private func add(
    _ access: AccessControl, _ session: String, _ login: String, _ role: String, at now: Instant,
    _ asker: Asker
  ) throws(AccessRefusal) -> ServiceAnswer {
    let (token, actor) = try permitted(access, session, .managePeople, at: now, asker)
    guard let role = Role(title: role) else { return .refused(ServiceRefusal(.noSuchRole)) }
    let (id, code) = try access.addPerson(
      login: login, role: role, by: token, in: condition(now), at: now)
    record(
      AuditEntry(
        .personCreated, subject: Self.subject(id), a: Int64(role.rawValue), actor: actor), asker)
    return .code(code, person: id.rawValue)
  }

  private func set(
    _ access: AccessControl, _ session: String, _ number: Int64, _ role: String, _ active: Bool,
    at now: Instant, _ asker: Asker
  ) throws(AccessRefusal) -> ServiceAnswer {
    let (token, actor) = try permitted(access, session, .managePeople, at: now, asker)
    guard let role = Role(title: role) else { return .refused(ServiceRefusal(.noSuchRole)) }
    let id = PersonID(rawValue: number)
    let before = access.people().first { $0.id == id }
    try access.setPerson(
      id, role: role, isActive: active, by: token, in: condition(now), at: now)
    let event: AuditEvent = before?.role == role ? .personChanged : .privilegesChanged
    record(
      AuditEntry(
        event, subject: Self.subject(id), a: Int64(role.rawValue), b: active ? 1 : 0, actor: actor),
      asker)
    return .done
  }

  // MARK: Commands

  /// Checks a command and leaves it for the loop.
  private func pass(
    _ command: Command, _ session: String?, isEmergency: Bool, at now: Instant
  ) throws(AccessRefusal) -> ServiceAnswer {
    let wanted = CommandPolicy.action(of: command.kind)
    let status = gate.status(at: now)
    let condition = CommandPolicy.condition(of: status)
    var actor: AuditActor?
    var isBreakGlass = false
    // SEC-013: what needs nobody is not asked about anybody, whatever became of the people.
    if Permissions.requirement(for: wanted, by: nil, in: condition) != .nothing,
      gate.people != .none
    {
      if isEmergency {
        guard Permissions.requirement(for: .emergencyStart, by: nil, in: condition) == .nothing
        else { throw .notPermitted }
        guard EmergencyLimits.allow(command.kind, command.draft, status) else {
          deny(command, "emergency limits")
          return .refused(ServiceRefusal(.beyondEmergencyLimits))
        }
        isBreakGlass = true
      } else {
        actor = try grant(wanted, command, session, condition, at: now)
      }
    }
    if isBreakGlass { record(AuditEntry(breakGlass: command)) }
    // SRS-156: the request is on record under the name of who made it, before it is passed on.
    var entry = AuditEntry(request: command)
    entry.actor = actor
    record(entry)
    // It goes on under the service's own name.
    var passed = command
    passed.origin = .service
    guard gate.leave(passed) else { throw .busy }
    return .passedOn(number: command.number)
  }

  private func grant(
    _ action: Action, _ command: Command, _ session: String?, _ condition: Condition,
    at now: Instant
  ) throws(AccessRefusal) -> AuditActor {
    guard let access else { throw .unavailable }
    do throws(AccessRefusal) {
      guard let session, let token = SessionToken(hex: session) else { throw .notSignedIn }
      _ = try access.authorize(action, token, in: condition, at: now)
      return Self.actor(try access.session(token, at: now).person, token)
    } catch {
      deny(command, "\(error)")
      throw error
    }
  }

  private func deny(_ command: Command, _ why: String) {
    record(
      AuditEntry(
        .accessDenied, outcome: .refused, subject: UInt32(command.kind.rawValue),
        a: Int64(command.number), reference: why))
  }

  // MARK: Below

  func condition(_ now: Instant) -> Condition {
    CommandPolicy.condition(of: gate.status(at: now))
  }

  // SRS-155 SRS-178: people and the network are managed after a step-up alone, by the table.
  /// The token and the name of somebody who may do that now; that somebody may not is on record.
  func permitted(
    _ access: AccessControl, _ session: String, _ action: Action, at now: Instant, _ asker: Asker
  ) throws(AccessRefusal) -> (SessionToken, AuditActor) {
    let token = try asker.token(session)
    let (person, _) = try access.session(token, at: now)
    do throws(AccessRefusal) {
      _ = try access.authorize(action, token, in: condition(now), at: now)
    } catch {
      record(
        AuditEntry(
          .accessDenied, outcome: .refused, subject: UInt32(action.rawValue),
          actor: Self.actor(person, token)), asker)
      throw error
    }
    return (token, Self.actor(person, token))
  }

  private static func secret(_ credential: Credential) throws(AccessRefusal) -> Secret {
    guard credential.badge != nil else { return .password(credential.secret) }
    return .pin(credential.secret, badge: try badge(credential))
  }

  /// The bytes of a badge's number; an odd number of digits has a zero in front.
  private static func badge(_ credential: Credential) throws(AccessRefusal) -> [UInt8] {
    let digits = credential.badge ?? ""
    guard let bytes = Hex.decode(digits.utf8.count.isMultiple(of: 2) ? digits : "0" + digits),
      (1...Person.longestBadge).contains(bytes.count)
    else { throw .wrongSecret }
    return bytes
  }

  private static func method(_ credential: Credential) -> UInt8 { credential.badge == nil ? 1 : 2 }

  static func actor(
    _ person: Person, _ token: SessionToken? = nil, _ method: UInt8 = 0
  ) -> AuditActor {
    AuditActor(
      name: person.login, role: person.role.rawValue, method: method, session: token?.label ?? 0)
  }

  private static func subject(_ id: PersonID) -> UInt32 {
    UInt32(truncatingIfNeeded: id.rawValue)
  }
}

extension AuditEntry {
  /// The record that a proposal ended without being taken.
  init(ended proposal: ProposalDesk.Proposal, _ how: String, by actor: AuditActor) {
    self.init(
      .requestRefused, outcome: .refused, subject: UInt32(CommandKind.program.rawValue),
      a: proposal.number, actor: actor, reference: "proposal \(how)")
  }

  /// The record that a command was taken without a person's name.
  // SEC-018: break-glass is on record before it acts.
  init(breakGlass command: Command) {
    self.init(
      .breakGlass, source: .service, subject: UInt32(command.kind.rawValue),
      a: Int64(command.number), b: Int64(command.origin.rawValue))
  }
}
