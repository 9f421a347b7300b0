// SPDX-License-Identifier: Apache-2.0

import AccessControl
import AuditLog
import Cryptography
import Domain
import EveryCase
import Foundation
import LocalTransport
import Messages
import ServiceAPI
import Synchronization
import Testing
import Units

@testable import pump_serviced

/// A service with real sockets and a real store, between a controller that the tests play and clients.
final class Rig {
  let folder: String
  let records: SealedRecords
  let gate = Gate()
  let cases: UseCases
  let people: PeopleSocket
  let secrets = WorkThread("secrets")
  let clock: MonotonicSource
  let told: Told
  var service: Service
  var control: Hub
  var status = ControlStatus()
  var heard: [Command] = []
  var frames: Subscription
  private var number: UInt32 = 0

  /// What went to the audit log.
  final class Told: Sendable {
    private let entries = Mutex<[AuditEntry]>([])
    func add(_ entry: AuditEntry) { entries.withLock { $0.append(entry) } }
    var all: [AuditEntry] { entries.withLock { $0 } }
    func count(_ event: AuditEvent) -> Int { all.count { $0.event == event } }
  }

  init(speed: Int64 = 1, folder given: String? = nil, panels: PeerPolicy = .sameUser) throws {
    folder = given ?? NSTemporaryDirectory() + "pump-\(UInt32.random(in: 0...UInt32.max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    clock = MonotonicSource(scale: speed, epoch: MonotonicSource.machine)
    try FileManager.default.createDirectory(
      atPath: folder + "/data", withIntermediateDirectories: true)
    records = SealedRecords(
      folder: folder + "/data", keys: DeviceKeys(folder: folder + "/data"), pause: 0.01)
    let told = Told()
    self.told = told
    let cost = try #require(Argon2id.Cost(passes: 1, memory: 64))
    cases = UseCases(
      trust: SharedTrust(records: records), gate: gate, cost: cost,
      uploads: UploadBook(folder: folder)
    ) { told.add($0) }
    people = try PeopleSocket(
      path: folder + "/people.sock", clients: .sameUser, panels: panels, cases: cases,
      secrets: secrets, clock: clock)
    secrets.start()
    people.start()
    control = try Hub(path: folder + "/control.sock", maximumAge: .seconds(1_000))
    service = try Service(run: folder, gate: gate, panels: panels)
    frames = Subscription(to: folder + "/service.sock")
    _ = frames.receive(at: clock.now())
    let end = ContinuousClock.now + .seconds(30)
    while gate.people == .unknown, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.01) }
    #expect(gate.people != .unknown)
    step(5)
  }

  func close(keeping: Bool = false) {
    people.close()
    secrets.close()
    records.close()
    if !keeping { try? FileManager.default.removeItem(atPath: folder) }
  }

  func step(_ rounds: Int = 1) {
    for _ in 0..<rounds {
      let now = clock.now()
      control.accept()
      control.send(.control(status), at: now)
      service.step(at: now)
      while let frame = control.receive(at: now) {
        if case .command(let command) = frame, command.kind != .heartbeat { heard.append(command) }
      }
    }
  }

  func ask(_ request: ServiceRequest) throws -> ServiceAnswer { try ask(bytes: request.bytes) }

  func ask(bytes: [UInt8]) throws -> ServiceAnswer {
    let connection = try Connection(to: folder + "/people.sock")
    #expect(connection.send(text: bytes) == .sent)
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      if case .text(let bytes) = connection.receiveText() { return try ServiceAnswer(bytes) }
      step()
      _ = connection.wait(upTo: .milliseconds(1))
    }
    throw NotUnderstood("no answer")
  }

  /// The code that somebody at the pump finds.
  func code() throws -> String {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      let answer = cases.answer(.panel, at: clock.now(), by: .panel)
      if case .panel(let news) = answer, let code = news.code { return code }
      Thread.sleep(forTimeInterval: 0.01)
    }
    throw NotUnderstood("no code")
  }

  static let password = Credential(secret: "correct horse battery")

  func commission() throws {
    let answer = try ask(.commission(code: code(), login: "root-person", Self.password))
    #expect(answer == .code("", person: 1))
  }

  func signIn(_ login: String, _ credential: Credential = password) throws -> String {
    guard case .session(let session, _) = try ask(.signIn(login: login, credential)) else {
      throw NotUnderstood("not signed in")
    }
    return session
  }

  /// A session of the administrator who just gave their secret again.
  func administrator() throws -> String {
    let session = try signIn("root-person")
    guard case .session(let stepped, _) = try ask(.stepUp(session: session, Self.password)) else {
      throw NotUnderstood("no step-up")
    }
    return stepped
  }

  func add(_ login: String, _ role: Role, by session: String) throws -> Int64 {
    guard
      case .code(let code, let person) = try ask(
        .addPerson(session: session, login: login, role: role.title))
    else { throw NotUnderstood("not added") }
    #expect(try ask(.setSecret(login: login, code: code, Self.password)) == .done)
    return person
  }

  /// Gives a command and says what the service answers, and whether the controller heard it.
  func command(
    _ kind: CommandKind, _ session: String?, emergency: Bool = false,
    draft: PrescriptionDraft = small
  ) throws -> (answer: ServiceAnswer, reached: Bool) {
    number += 1
    heard = []
    let answer = try ask(
      .command(
        kind, number: number, draft: kind == .program ? draft : nil, session: session,
        emergency: emergency))
    step(3)
    let number = number
    return (answer, heard.contains { $0.number == number && $0.origin == .service })
  }

  static let ward = NetworkPeer(
    node: "ward.test", certificate: [UInt8](repeating: 7, count: 32))

  static let small = PrescriptionDraft(
    syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(10))

  /// Sends a command as a frame, without a session; whether the controller heard it.
  func reached(
    _ kind: CommandKind, _ origin: CommandOrigin, _ draft: PrescriptionDraft? = nil
  ) -> Bool {
    let number = UInt32.random(in: 1...UInt32.max)
    heard = []
    _ = frames.send(
      .command(Command(kind, from: origin, number: number, draft: draft)), at: clock.now())
    step(5)
    while frames.receive(at: clock.now()) != nil {}
    return heard.contains { $0.number == number }
  }

  func set(_ condition: Condition) {
    switch condition {
    case .standby: status.state = .standby
    case .therapy: status.state = .paused
    case .fault: status.state = .faulted
    }
    status.held = condition == .therapy ? Self.small : nil
    step(3)
  }
}

@Suite(.serialized) struct `People at the service's socket` {
  @Test(.tags(.`SRS-151`))
  func `SRS-151 a new pump has nobody, and its code makes one administrator once`() throws {
    let rig = try Rig()
    defer { rig.close() }
    #expect(try rig.ask(.setup) == .setup(hasPeople: false, isReady: true))
    #expect(
      try rig.ask(.signIn(login: "root-person", Rig.password))
        == .refused(ServiceRefusal(.wrongSecret)))
    let code = try rig.code()
    for name in try FileManager.default.subpathsOfDirectory(atPath: rig.folder) {
      let bytes = FileManager.default.contents(atPath: rig.folder + "/" + name) ?? Data()
      #expect(bytes.range(of: Data(code.utf8)) == nil, "the code is in \(name)")
    }
    #expect(
      try rig.ask(.commission(code: "AAAAAAAAAA", login: "mallory", Rig.password))
        == .refused(ServiceRefusal(.wrongCode)))
    try rig.commission()
    #expect(
      try rig.ask(.commission(code: code, login: "mallory", Rig.password))
        == .refused(ServiceRefusal(.wrongCode)))
    #expect(try rig.ask(.setup) == .setup(hasPeople: true, isReady: true))
    let end = ContinuousClock.now + .seconds(10)
    var shown: String? = code
    while shown != nil, ContinuousClock.now < end {
      guard case .panel(let news) = try rig.ask(.panel) else { break }
      shown = news.code
    }
    #expect(shown == nil)
    #expect(rig.told.count(.personCreated) == 1 && rig.told.count(.accessDenied) == 2)
  }

  @Test(.tags(.`SRS-152`))
  func `SRS-152 people outlive a restart in the sealed store, sessions do not`() throws {
    let folder = NSTemporaryDirectory() + "pump-\(UInt32.random(in: 0...UInt32.max))"
    let session = try firstLife(in: folder)
    // The threads of the first life may still be letting go of their socket.
    let end = ContinuousClock.now + .seconds(10)
    while (try? Connection(to: folder + "/people.sock")) != nil, ContinuousClock.now < end {
      Thread.sleep(forTimeInterval: 0.01)
    }
    let again = try Rig(folder: folder)
    defer { again.close() }
    #expect(try again.ask(.whoAmI(session: session)) == .refused(ServiceRefusal(.notSignedIn)))
    let fresh = try again.signIn("root-person")
    #expect(
      try again.ask(.whoAmI(session: fresh))
        == .person(
          PersonView(number: 1, login: "root-person", role: "administrator", active: true),
          steppedUp: false))
    // No name and no secret is in any file in the clear.
    for name in try FileManager.default.subpathsOfDirectory(atPath: again.folder) {
      guard let bytes = FileManager.default.contents(atPath: again.folder + "/" + name) else {
        continue
      }
      for canary in ["root-person", "correct horse", fresh] {
        #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(canary) in \(name)")
      }
    }
  }

  /// A session of a service that has ended since.
  private func firstLife(in folder: String) throws -> String {
    let rig = try Rig(folder: folder)
    defer { rig.close(keeping: true) }
    try rig.commission()
    return try rig.signIn("root-person")
  }

  // The table's whole product at the real socket: 7 roles × 3 conditions × 23 actions asked about, and
  // × 7 commands given, plain and as break-glass.
  @Test(.tags(.`SEC-011`, .`SEC-013`, .`SEC-018`, .`SRS-153`))
  func `SEC-011 SEC-013 SEC-018 SRS-153 role by command by state is as the table says`() throws {
    let rig = try Rig()
    defer { rig.close() }
    try rig.commission()
    let administrator = try rig.administrator()
    var sessions: [(role: Role?, session: String?)] = [(nil, nil)]
    for role in Role.allCases {
      let login = "the-\(role.title)"
      _ = try rig.add(login, role, by: administrator)
      sessions.append((role, try rig.signIn(login)))
    }
    try everyCase(of: pairs(Condition.allCases, sessions)) { condition, person in
      let (role, session) = person
      rig.set(condition)
      for action in Action.allCases {
        let needed = Permissions.requirement(for: action, by: role, in: condition)
        let denied = ServiceRefusal(role == nil ? .notSignedIn : .notPermitted)
        #expect(
          try rig.ask(.may(action: action.title, session: session))
            == needed.map { .requirement($0.title) } ?? .refused(denied))
      }
      for kind in CommandKind.allCases where kind != .heartbeat {
        let action = CommandPolicy.action(of: kind)
        let needed = Permissions.requirement(for: action, by: role, in: condition)
        let isFree = Permissions.requirement(for: action, by: nil, in: condition) == .nothing
        let plain = try rig.command(kind, session)
        #expect(
          plain.reached == (needed == .session || needed == .nothing), "\(kind) \(condition)")
        if !plain.reached {
          let reason: ServiceRefusal.Reason = role == nil ? .notSignedIn : .notPermitted
          #expect(plain.answer == .refused(ServiceRefusal(reason)))
        }
        let before = rig.told.count(.breakGlass)
        let urgent = try rig.command(kind, session, emergency: true)
        let isOpen = isFree || condition == .therapy || (condition == .standby && kind != .start)
        #expect(urgent.reached == isOpen, "\(kind) \(condition) as break-glass")
        #expect(rig.told.count(.breakGlass) - before == (isOpen && !isFree ? 1 : 0))
      }
    }
  }

  @Test(.tags(.`SEC-018`, .`SRS-150`))
  func `SEC-018 SRS-150 break-glass ends at its limits, and a halted infusion may go on`() throws {
    let rig = try Rig()
    defer { rig.close() }
    try rig.commission()
    rig.set(.standby)
    func draft(_ rate: FlowRate, _ vtbi: Volume) -> PrescriptionDraft {
      PrescriptionDraft(syringe: .mL50, rate: rate, vtbi: vtbi)
    }
    let refused = ServiceAnswer.refused(ServiceRefusal(.beyondEmergencyLimits))
    for (order, isIn) in [
      (draft(.mLPerHour(100), .millilitres(50)), true),
      (draft(.nLPerHour(100_000_001), .millilitres(50)), false),
      (draft(.mLPerHour(100), .nanolitres(50_000_001)), false),
    ] {
      let result = try rig.command(.program, nil, emergency: true, draft: order)
      #expect(result.reached == isIn)
      #expect(isIn || result.answer == refused)
    }
    rig.status.held = draft(.mLPerHour(200), .millilitres(50))
    for (state, isIn) in [
      (TherapyState.programmed, false), (.awaitingConfirm, false), (.paused, true), (.halted, true),
    ] {
      rig.status.state = state
      rig.step(3)
      #expect(try rig.command(.start, nil, emergency: true).reached == isIn, "\(state)")
    }
  }

  @Test(.tags(.`SEC-333`, .`SEC-008`))
  func `SEC-333 SEC-008 a frame without a session gets what the table gives to nobody`() throws {
    let rig = try Rig()
    defer { rig.close() }
    let large = PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(500), vtbi: .millilitres(10))
    rig.set(.standby)
    // A pump without people works as a bench pump does.
    for kind in CommandKind.allCases where kind != .heartbeat {
      #expect(rig.reached(kind, .service, kind == .program ? large : nil), "\(kind)")
    }
    try rig.commission()
    for condition in Condition.allCases {
      rig.set(condition)
      for kind in CommandKind.allCases where kind != .heartbeat {
        let isFree = [.pause, .stop, .silence, .cancel].contains(kind)
        let order = kind == .program ? Rig.small : nil
        #expect(rig.reached(kind, .service, order) == isFree, "\(kind) \(condition)")
        let atPanel = isFree || condition == .therapy || (condition == .standby && kind != .start)
        #expect(rig.reached(kind, .panel, order) == atPanel, "\(kind) \(condition) at the panel")
      }
    }
    rig.set(.standby)
    #expect(!rig.reached(.program, .panel, large))
  }

  @Test(.tags(.`SEC-008`))
  func `SEC-008 with a user for the panel a client is not taken for it`() throws {
    let rig = try Rig(panels: PeerPolicy(users: [4_000_000]))
    defer { rig.close() }
    try rig.commission()
    rig.set(.standby)
    #expect(!rig.reached(.program, .panel, Rig.small))
    #expect(rig.reached(.stop, .panel))
  }

  @Test(.tags(.`SEC-015`, .`SRS-154`))
  func `SEC-015 SRS-154 an idle session ends, is on record, and no command follows from it`() throws
  {
    let rig = try Rig(speed: 1_000)
    defer { rig.close() }
    try rig.commission()
    rig.set(.therapy)
    rig.status.state = .infusing
    let session = try rig.signIn("root-person")
    rig.heard = []
    let end = ContinuousClock.now + .seconds(20)
    while rig.told.count(.automaticLogoff) == 0, ContinuousClock.now < end {
      rig.step()
      Thread.sleep(forTimeInterval: 0.005)
    }
    #expect(rig.told.count(.automaticLogoff) == 1)
    #expect(rig.told.all.first { $0.event == .automaticLogoff }?.actor?.name == "root-person")
    #expect(try rig.ask(.whoAmI(session: session)) == .refused(ServiceRefusal(.notSignedIn)))
    #expect(rig.heard == [])
  }

  @Test(.tags(.`SEC-016`, .`SRS-155`))
  func `SEC-016 SRS-155 people are managed after a step-up, and a change ends their sessions`()
    throws
  {
    let rig = try Rig()
    defer { rig.close() }
    try rig.commission()
    let plain = try rig.signIn("root-person")
    #expect(
      try rig.ask(.people(session: plain, from: 0)) == .refused(ServiceRefusal(.needsStepUp)))
    let session = try rig.administrator()
    let nurse = try rig.add("nurse", .clinician, by: session)
    #expect(
      try rig.ask(.addPerson(session: session, login: "nurse", role: "clinician"))
        == .refused(ServiceRefusal(.loginTaken)))
    #expect(
      try rig.ask(.addPerson(session: session, login: "x", role: "king"))
        == .refused(ServiceRefusal(.noSuchRole)))
    #expect(
      try rig.ask(.setPerson(session: session, person: 1, role: "auditor", active: true))
        == .refused(ServiceRefusal(.lastAdministrator)))
    let hers = try rig.signIn("nurse")
    #expect(try rig.ask(.people(session: hers, from: 0)) == .refused(ServiceRefusal(.notPermitted)))
    #expect(
      try rig.ask(.setPerson(session: session, person: nurse, role: "clinician", active: false))
        == .done)
    #expect(try rig.ask(.whoAmI(session: hers)) == .refused(ServiceRefusal(.notSignedIn)))
    #expect(
      try rig.ask(.signIn(login: "nurse", Rig.password)) == .refused(ServiceRefusal(.wrongSecret)))
    // The list comes in pages.
    for number in 0..<70 {
      _ = try rig.ask(.addPerson(session: session, login: "p\(number)", role: "auditor"))
    }
    guard case .people(let first, let more) = try rig.ask(.people(session: session, from: 0)) else {
      Issue.record("no page")
      return
    }
    #expect(first.count == 64 && more)
    #expect(
      try rig.ask(.people(session: session, from: 65))
        == .people(
          (65...72).map {
            PersonView(number: Int64($0), login: "p\($0 - 3)", role: "auditor", active: true)
          }, more: false))
    #expect(rig.told.all.contains { $0.event == .personChanged && $0.actor?.name == "root-person" })
  }

  @Test(.tags(.`SRS-156`))
  func `SRS-156 what a person does is on record under their name, and no secret is`() throws {
    let rig = try Rig()
    defer { rig.close() }
    try rig.commission()
    let session = try rig.administrator()
    _ = try rig.add("nurse", .clinician, by: session)
    // A password typed where the login belongs.
    _ = try rig.ask(.signIn(login: "Tr0ub4dor&3-and-more", Credential(secret: "nurse")))
    _ = try rig.ask(.signIn(login: "nurse", Credential(secret: "wrong horse battery")))
    let hers = try rig.signIn("nurse")
    rig.set(.standby)
    #expect(try rig.command(.program, hers).reached)
    _ = try rig.ask(.signOut(session: hers))
    let entries = rig.told.all
    #expect(rig.told.count(.loginFailed) == 2 && rig.told.count(.logout) == 1)
    let request = entries.last { $0.event == .requestReceived }
    #expect(request?.actor?.name == "nurse" && request?.actor?.role == Role.clinician.rawValue)
    let login = entries.last { $0.event == .loginSucceeded }
    #expect(login?.actor?.session == request?.actor?.session && request?.actor?.session != 0)
    for entry in entries {
      for secret in ["Tr0ub4dor", "horse", hers, session] {
        #expect(!"\(entry)".contains(secret))
      }
    }
  }

  @Test(.tags(.`SEC-017`, .`SEC-334`))
  func `SEC-017 SEC-334 a flood takes its turn, one hash at a time, and few places`() throws {
    let rig = try Rig()
    defer { rig.close() }
    try rig.commission()
    var mine: [Connection] = []
    let patience = ContinuousClock.now + .seconds(20)
    while mine.count < 20, ContinuousClock.now < patience {
      // Refused while more wait than the listener keeps.
      if let connection = try? Connection(to: rig.folder + "/people.sock") {
        mine.append(connection)
      } else {
        Thread.sleep(forTimeInterval: 0.01)
      }
    }
    #expect(mine.count == 20)
    Thread.sleep(forTimeInterval: 0.3)
    // What is beyond the places of one process was closed unheard; the others get their answer.
    var answered = 0
    for (index, connection) in mine.enumerated() {
      _ = connection.send(
        text: ServiceRequest.signIn(login: "guess-\(index)", Credential(secret: "x")).bytes)
    }
    let end = ContinuousClock.now + .seconds(20)
    while answered < PeopleSocket.capacityOfProcess, ContinuousClock.now < end {
      for connection in mine {
        if case .text(let bytes) = connection.receiveText() {
          #expect(try ServiceAnswer(bytes) == .refused(ServiceRefusal(.wrongSecret)))
          answered += 1
        }
      }
      Thread.sleep(forTimeInterval: 0.002)
    }
    #expect(answered == PeopleSocket.capacityOfProcess)
    #expect(mine.count { $0.receiveText() == .closed } == mine.count - answered)
  }

  @Test(.tags(.`SEC-330`, .`SEC-331`))
  func `SEC-330 SEC-331 garbage gets an answer, and the next request is heard`() throws {
    let rig = try Rig()
    defer { rig.close() }
    var chance = SystemRandomNumberGenerator()
    for length in [1, 2, 7, 100, 4_096, Connection.longestText] {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &chance) }
      guard case .refused(let refusal) = try rig.ask(bytes: bytes) else {
        Issue.record("taken: \(bytes)")
        continue
      }
      #expect(refusal.reason == .notUnderstood && refusal.detail != nil)
    }
    #expect(try rig.ask(.setup) == .setup(hasPeople: false, isReady: true))
  }
}
