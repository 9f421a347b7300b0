// SPDX-License-Identifier: Apache-2.0

import AccessControl
import AuditLog
import Domain
import EveryCase
import Foundation
import LocalTransport
import ServiceAPI
import Synchronization
import Testing
import Units

@testable import pump_serviced

/// People who ask the service over the network, as the gateway passes it on.
@Suite(.serialized) struct `People on the network` {
  private static let ward = Asker.node(Rig.ward)
  private static let other = Asker.node(
    NetworkPeer(node: "ward.test", certificate: [UInt8](repeating: 8, count: 32)))

  private static func signIn(
    _ rig: Rig, _ login: String, by asker: Asker = ward, stepUp: Bool = false
  ) throws -> String {
    let now = rig.clock.now()
    guard
      case .session(let session, _) = rig.cases.answer(
        .signIn(login: login, Rig.password), at: now, by: asker)
    else { throw NotUnderstood("not signed in") }
    guard stepUp else { return session }
    guard
      case .session(let stepped, _) = rig.cases.answer(
        .stepUp(session: session, Rig.password), at: now, by: asker)
    else { throw NotUnderstood("no step-up") }
    return stepped
  }

  private static func rig() throws -> Rig {
    let rig = try Rig()
    try rig.commission()
    let session = try rig.administrator()
    for role in Role.allCases where role != .administrator {
      _ = try rig.add("the-\(role.title)", role, by: session)
    }
    return rig
  }

  private static func login(_ role: Role) -> String {
    role == .administrator ? "root-person" : "the-\(role.title)"
  }

  /// Stands for the updater: answers one request after the other with what it is given.
  private final class Updater: Sendable {
    private let heard = Mutex<[IntakeRequest]>([])
    private let listener: Listener
    private let answers: [IntakeAnswer]

    init(_ folder: String, _ answers: [IntakeAnswer]) throws {
      listener = try Listener(path: folder + "/intake.sock")
      self.answers = answers
      let thread = Thread { [self] in serve() }
      thread.start()
    }

    var requests: [IntakeRequest] { heard.withLock { $0 } }

    private func serve() {
      for answer in answers {
        _ = waitForInput(on: [listener.descriptor], upTo: .seconds(10))
        guard case .connection(let peer) = listener.accept(),
          let bytes = peer.next(patience: .seconds(10)), let request = try? IntakeRequest(bytes)
        else { return }
        heard.withLock { $0.append(request) }
        _ = peer.send(text: answer.bytes)
      }
    }
  }

  @Test(.tags(.`SRS-230`, .`SEC-423`))
  func `SRS-230 SEC-423 a permit is for who may take in an update after a step-up, and on record`()
    throws
  {
    let rig = try Self.rig()
    defer { rig.close() }
    func ask(_ session: String) -> NetworkAnswer {
      rig.cases.upload(session: session, key: "k", length: 77, by: Rig.ward, at: rig.clock.now())
    }
    let view = IntakeView(state: .taken, number: 3, length: 77, received: 77)
    let updater = try Updater(
      rig.folder,
      [
        .permitted, .intake(view), .refused(.busy), .refused(.keyUsed),
        .refused(.noSpace), .refused(.notPermitted), .go,
      ])
    try everyCase(of: Role.allCases.filter { $0 != .gateway }) { role in
      let session = try Self.signIn(rig, Self.login(role))
      let wanted: ServiceRefusal.Reason = role == .service ? .needsStepUp : .notPermitted
      #expect(ask(session) == .refused(ServiceRefusal(wanted)))
      let denied = try #require(rig.told.all.last)
      #expect(denied.event == .accessDenied && denied.subject == UInt32(Action.takeUpdate.rawValue))
      #expect(denied.reference == "from ward.test" && denied.actor?.name == Self.login(role))
    }
    #expect(updater.requests.isEmpty)
    let session = try Self.signIn(rig, "the-service", stepUp: true)
    guard case .permit(let token) = ask(session), case .permit(let permit) = updater.requests.last
    else { throw NotUnderstood("no permit") }
    #expect(permit.token == token && permit.length == 77 && permit.node == "ward.test")
    let entry = try #require(rig.told.all.last)
    #expect(entry.event == .requestReceived && entry.a == Int64(permit.number) && entry.b == 77)
    #expect(entry.actor?.name == "the-service")
    #expect(entry.reference == "update upload from ward.test")
    // What becomes of it stands under the person's name; of a permit of before, under its number.
    let refused = rig.cases.uploads.entry("expired", number: 4, permit: permit.number)
    #expect(refused.actor?.name == "the-service" && refused.reference == "expired from ward.test")
    #expect(refused.b == Int64(permit.number) && refused.number == 4)
    let unknown = rig.cases.uploads.entry("expired", number: 5, permit: 99)
    #expect(unknown.actor == nil && unknown.reference == "expired permit 99")
    #expect(rig.cases.uploads.entry("expired", number: 6, permit: 0).reference == "expired")
    #expect(ask(session) == .intake(view))
    for reason: ServiceRefusal.Reason in [
      .uploadBusy, .keyUsed, .noSpace, .noUpdater, .noUpdater, .noUpdater,
    ] {
      #expect(ask(session) == .refused(ServiceRefusal(reason)))
      let entry = try #require(rig.told.all.last)
      #expect(entry.event == .updateRefused && entry.outcome == .refused)
      #expect(entry.reference == "\(reason.rawValue) from ward.test")
      #expect(entry.actor?.name == "the-service")
    }
  }

  @Test(.tags(.`SEC-404`, .`SRS-217`))
  func `SEC-404 SRS-217 a session belongs to its certificate and ends with the pump's place`()
    throws
  {
    let rig = try Self.rig()
    defer { rig.close() }
    let now = rig.clock.now()
    let session = try Self.signIn(rig, "the-clinician")
    let person = rig.cases.answer(.whoAmI(session: session), at: now, by: Self.ward)
    guard case .person(let view, false) = person else { throw NotUnderstood("\(person)") }
    #expect(view.login == "the-clinician" && view.role == "clinician")
    let signedIn = rig.told.all.last { $0.event == .loginSucceeded }
    #expect(signedIn?.reference == "from ward.test" && signedIn?.actor?.name == "the-clinician")
    // With another certificate of the same node, at the pump, and the other way round.
    let here = try rig.signIn("the-clinician")
    for (token, asker) in [(session, Self.other), (session, .local), (here, Self.ward)] {
      for request in [
        ServiceRequest.whoAmI(session: token), .stepUp(session: token, Rig.password),
        .people(session: token, from: 1),
      ] {
        let answer = rig.cases.answer(request, at: now, by: asker)
        #expect(answer == .refused(ServiceRefusal(.notSignedIn)), "\(request) \(asker)")
      }
      #expect(rig.cases.answer(.signOut(session: token), at: now, by: asker) == .done)
    }
    #expect(rig.told.count(.logout) == 0)
    // Its certificate, list or nodes are others now.
    let root = try rig.administrator()
    #expect(try rig.ask(.leaveNetwork(session: root)) == .done)
    #expect(
      rig.cases.answer(.whoAmI(session: session), at: now, by: Self.ward)
        == .refused(ServiceRefusal(.notSignedIn)))
    #expect(try rig.ask(.whoAmI(session: here)) == .person(view, steppedUp: false))
    let ended = rig.told.all.last { $0.event == .automaticLogoff }
    #expect(ended?.reference == "network changed" && ended?.actor?.name == "the-clinician")
    // And by sign-out.
    let again = try Self.signIn(rig, "the-auditor")
    #expect(rig.cases.answer(.signOut(session: again), at: now, by: Self.ward) == .done)
    #expect(rig.told.all.last { $0.event == .logout }?.reference == "from ward.test")
    #expect(
      rig.cases.answer(.whoAmI(session: again), at: now, by: Self.ward)
        == .refused(ServiceRefusal(.notSignedIn)))
    for secret in [session, here, again] {
      #expect(!rig.told.all.contains { "\($0)".contains(secret) })
    }
  }

  // Every request of people, by every role and nobody: what the network does not have is refused, and what it
  // has is answered as the table says.
  @Test(.tags(.`SEC-406`, .`SRS-218`, .`SEC-011`))
  func `SEC-406 SRS-218 SEC-011 the network has a closed list of requests, by the table`() throws {
    let rig = try Self.rig()
    defer { rig.close() }
    var sessions: [Role: String] = [:]
    for role in Role.allCases { sessions[role] = try Self.signIn(rig, Self.login(role)) }
    let stepped = try Self.signIn(rig, "root-person", stepUp: true)
    let now = rig.clock.now()
    let nobody = String(repeating: "0a", count: 32)
    let badge = Credential(secret: "739154", badge: "01")
    func never(_ session: String) -> [ServiceRequest] {
      [
        .setup, .commission(code: "A", login: "b", Rig.password), .badgeSignIn(badge),
        .signIn(login: "the-clinician", badge), .stepUp(session: session, badge),
        .may(action: "stop", session: session), .may(action: "stop", session: nil),
        .setSecret(login: "the-clinician", code: "A", Rig.password),
        .requestCertificate(session: session, name: "pump.test"),
        .setNetwork(session: session, NetworkChange(nodes: [])), .network(session: session),
        .leaveNetwork(session: session), .proposals(session: session),
        .takeProposal(session: session, proposal: 1, number: 1),
        .dropProposal(session: session, proposal: 1), .panel, .emergencyUsed(1),
        .agreeUpdate(session: session, image: ""), .agreeUpdate(session: nil, image: ""),
      ]
        + CommandKind.allCases.flatMap { kind in
          [true, false].map { isEmergency in
            ServiceRequest.command(
              kind, number: 1, draft: kind == .program ? Rig.small : nil, session: session,
              emergency: isEmergency)
          }
        }
    }
    func managing(_ session: String) -> [ServiceRequest] {
      [
        .people(session: session, from: 1),
        .addPerson(session: session, login: "new-person", role: "clinician"),
        .setPerson(session: session, person: 2, role: "clinician", active: true),
        .resetPerson(session: session, person: 2),
      ]
    }
    let people = Role.allCases.map { sessions[$0] ?? "" } + [nobody, stepped]
    let refusal = ServiceAnswer.refused(ServiceRefusal(.notPermitted))
    everyCase(of: people.flatMap(never)) { request in
      #expect(rig.cases.answer(request, at: now, by: Self.ward) == refusal, "\(request)")
      #expect(!rig.cases.isCostly(request, at: now, by: Self.ward), "\(request)")
    }
    #expect(rig.gate.take().isEmpty && rig.gate.takeAgreement() == nil)
    for role in Role.allCases {
      let needed = Permissions.requirement(for: .managePeople, by: role, in: .standby)
      for request in managing(sessions[role] ?? "") {
        #expect(
          rig.cases.answer(request, at: now, by: Self.ward)
            == .refused(ServiceRefusal(needed == nil ? .notPermitted : .needsStepUp)), "\(role)")
      }
      let denied = rig.told.all.last { $0.event == .accessDenied }
      #expect(denied?.actor?.role == role.rawValue && denied?.reference == "from ward.test")
    }
    for request in managing(nobody) {
      #expect(
        rig.cases.answer(request, at: now, by: Self.ward) == .refused(ServiceRefusal(.notSignedIn)))
    }
    for request in managing(stepped) {
      let answer = rig.cases.answer(request, at: now, by: Self.ward)
      if case .refused = answer { Issue.record("\(request): \(answer)") }
    }
    let made = rig.told.all.last { $0.event == .personCreated }
    #expect(made?.reference == "from ward.test" && made?.actor?.name == "root-person")
  }

  @Test(.tags(.`SRS-219`, .`SEC-005`))
  func `SRS-219 SEC-005 an order in a person's name is one of who may program`() throws {
    let rig = try Self.rig()
    defer { rig.close() }
    let now = rig.clock.now()
    rig.step(3)
    for role in Role.allCases {
      let session = try Self.signIn(rig, Self.login(role))
      let answer = rig.cases.propose(
        Rig.small, from: Rig.ward, key: role.title, session: session, at: now)
      let entry = rig.told.all.last
      if Permissions.requirement(for: .program, by: role, in: .standby) == .session {
        guard case .proposal(_, isNew: true) = answer else { throw NotUnderstood("\(answer)") }
        #expect(entry?.event == .requestReceived && entry?.reference == "proposal from ward.test")
      } else {
        #expect(answer == .refused(ServiceRefusal(.notPermitted)), "\(role)")
        #expect(entry?.event == .accessDenied && entry?.reference == "proposal from ward.test")
      }
      #expect(entry?.actor?.name == Self.login(role) && entry?.actor?.role == role.rawValue)
    }
    #expect(rig.cases.proposals(of: "ward.test", at: now).map(\.by) == ["the-clinician"])
    // Under that key it is this person's, and nobody else's.
    let key = Role.clinician.title
    #expect(
      rig.cases.propose(Rig.small, from: Rig.ward, key: key, at: now)
        == .refused(ServiceRefusal(.keyUsed)))
    // A session of another certificate, of nobody, and at the pump is none.
    let here = try rig.signIn("the-clinician")
    for session in [here, String(repeating: "0a", count: 32)] {
      #expect(
        rig.cases.propose(Rig.small, from: Rig.ward, key: "x", session: session, at: now)
          == .refused(ServiceRefusal(.notSignedIn)))
    }
    // Without one it is the node's own, as before.
    guard
      case .proposal(_, isNew: true) = rig.cases.propose(
        Rig.small, from: Rig.ward, key: "own", at: now)
    else { throw NotUnderstood("not proposed") }
    let own = rig.told.all.last
    #expect(own?.actor?.name == "ward.test" && own?.reference == "proposal")
    // Nothing of it reached the controller.
    #expect(rig.heard.isEmpty && rig.gate.take().isEmpty)
  }

  @Test(.tags(.`SRS-248`, .`SEC-441`))
  func `SRS-248 SEC-441 a withdrawal is of who proposed, and on record under them`() throws {
    let rig = try Self.rig()
    defer { rig.close() }
    rig.step(3)
    let stranger = NetworkPeer(node: "other.test", certificate: Rig.ward.certificate)
    func propose(_ key: String, _ session: String? = nil) throws -> Int64 {
      guard
        case .proposal(let number, isNew: true) = rig.cases.propose(
          Rig.small, from: Rig.ward, key: key, session: session, at: rig.clock.now())
      else { throw NotUnderstood("not proposed") }
      return number
    }
    func withdraw(
      _ number: Int64, _ session: String? = nil, of peer: NetworkPeer = Rig.ward
    ) -> NetworkAnswer {
      rig.cases.withdraw(number, of: peer, session: session, at: rig.clock.now())
    }
    func refused(_ reason: ServiceRefusal.Reason) -> NetworkAnswer {
      .refused(ServiceRefusal(reason))
    }
    let clinician = try Self.signIn(rig, "the-clinician")
    let auditor = try Self.signIn(rig, "the-auditor")
    let here = try rig.signIn("the-clinician")
    let (own, named) = (try propose("1"), try propose("2", clinician))
    let before = rig.told.all.count
    // Of another node's it is said what is said of none.
    for number in [own, named, 99] {
      #expect(withdraw(number, of: stranger) == refused(.noProposal))
      #expect(
        rig.cases.proposal(number, of: "other.test", at: rig.clock.now()) == refused(.noProposal))
    }
    #expect(withdraw(named) == refused(.notSignedIn))
    for session in [here, String(repeating: "0a", count: 32)] {
      #expect(withdraw(named, session) == refused(.notSignedIn))
    }
    #expect(rig.told.all.count == before)
    #expect(withdraw(named, auditor) == refused(.notPermitted))
    var entry = try #require(rig.told.all.last)
    #expect(entry.event == .accessDenied && entry.actor?.name == "the-auditor")
    #expect(entry.a == named && entry.reference == "withdrawal from ward.test")
    #expect(rig.cases.proposals(of: "ward.test", at: rig.clock.now()).count == 2)
    #expect(withdraw(named, clinician) == .withdrawn)
    entry = try #require(rig.told.all.last)
    #expect(entry.event == .requestRefused && entry.outcome == .refused && entry.a == named)
    #expect(entry.actor?.name == "the-clinician")
    #expect(entry.reference == "proposal withdrawn from ward.test")
    #expect(withdraw(own) == .withdrawn)
    entry = try #require(rig.told.all.last)
    #expect(entry.event == .requestRefused && entry.a == own && entry.actor?.name == "ward.test")
    #expect(entry.actor?.role == Role.gateway.rawValue && entry.reference == "proposal withdrawn")
    let after = rig.told.all.count
    #expect(withdraw(own) == refused(.proposalEnded))
    #expect(rig.told.all.count == after)
    #expect(rig.heard.isEmpty && rig.gate.take().isEmpty)
  }

  @Test(.tags(.`SRS-247`))
  func `SRS-247 a node is told what the controller replied to a taken proposal`() throws {
    let rig = try Self.rig()
    defer { rig.close() }
    rig.step(3)
    let session = try rig.signIn("the-clinician")
    func taken(_ key: String, _ number: UInt32, _ refusal: Domain.Refusal?) throws
      -> ProposalState?
    {
      guard
        case .proposal(let proposal, isNew: true) = rig.cases.propose(
          Rig.small, from: Rig.ward, key: key, at: rig.clock.now())
      else { throw NotUnderstood("not proposed") }
      #expect(
        try rig.ask(.takeProposal(session: session, proposal: proposal, number: number))
          == .passedOn(number: number))
      rig.step(3)
      let command = try #require(rig.heard.last { $0.number == number })
      rig.status.reply = Reply(to: command, refusal: refusal)
      rig.step(3)
      guard
        case .proposalStanding(let standing) = rig.cases.proposal(
          proposal, of: "ward.test", at: rig.clock.now())
      else { return nil }
      return standing.state
    }
    #expect(try taken("1", 3, nil) == .taken)
    #expect(try taken("2", 4, .therapyActive) == .refused(.therapyActive))
    #expect(try taken("3", 5, nil) == .taken)
  }
}
