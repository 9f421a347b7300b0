// SPDX-License-Identifier: Apache-2.0

import AccessControl
import AuditLog
import DeviceInterface
import Domain
import EveryCase
import Foundation
import LocalTransport
import Messages
import Panel
import ServiceAPI
import Testing
import Units

@testable import pump_serviced

/// The panel's own core, pressed key by key, before a real service with real sockets.
private struct Bedside {
  let rig: Rig
  var core = PanelCore(now: .nanoseconds(1_000_000_000))
  var now = Instant.nanoseconds(1_000_000_000)
  /// What the panel told the controller past the service.
  var direct: [CommandKind] = []
  /// What the panel asked of the service, and what came back; news are left out.
  var answers: [(PanelRequest.About, ServiceAnswer)] = []
  /// Frames that went to the service.
  var frames = 0
  /// A notice was on the screen.
  var noticed = false

  init(_ rig: Rig) { self.rig = rig }

  mutating func step(_ keys: PanelKeys) throws {
    core.view.control = rig.status
    core.view.controlAt = now
    core.view.serviceAlive = true
    if let action = core.step(keys: keys, now: now) {
      switch action.route {
      case .controller:
        #expect(action.command.origin.mayAsk(action.command.kind))
        direct.append(action.command.kind)
      case .service:
        frames += 1
        _ = rig.frames.send(.command(action.command), at: rig.clock.now())
        rig.step(5)
      }
    }
    while let request = core.takeRequest() {
      let answer = try rig.ask(bytes: request.bytes)
      if request.about != .news { answers.append((request.about, answer)) }
      core.hear(answer, to: request.about, at: now)
    }
    noticed = noticed || core.view.notice != nil
    now = now + .milliseconds(20)
  }

  mutating func press(_ keys: [PanelKeys]) throws {
    for key in keys {
      for _ in 0..<2 { try step(key) }
      for _ in 0..<2 { try step([]) }
    }
  }

  /// Lets the panel ask for news.
  mutating func wait() throws {
    now = now + .seconds(1)
    try step([])
  }

  /// The badge's number and the PIN, in the keys of the board.
  static func keys(badge: Int, pin: String) -> [PanelKeys] {
    func digits(_ text: String) -> [PanelKeys] {
      text.flatMap { character in
        Array(repeating: PanelKeys.up, count: character.wholeNumberValue ?? 0) + [.right]
      }
    }
    return digits("\(badge)") + [.ok] + digits(pin) + [.ok]
  }

  mutating func signIn(badge: Int, pin: String = Self.pin) throws {
    rig.status = ControlStatus()
    rig.step(3)
    try wait()
    try press([.left, .ok] + Self.keys(badge: badge, pin: pin))
  }

  static let pin = "739154"
}

@Suite(.serialized) struct `The panel before the real service` {
  /// A rig with a person of each role, whose badge is their place in the list of roles.
  private static func rig() throws -> Rig {
    let rig = try Rig()
    try rig.commission()
    let administrator = try rig.administrator()
    for (index, role) in Role.allCases.enumerated() {
      guard
        case .code(let code, _) = try rig.ask(
          .addPerson(session: administrator, login: "the-\(role.title)", role: role.title))
      else { throw NotUnderstood("not added") }
      let credential = Credential(secret: Bedside.pin, badge: "1\(index)")
      let set = ServiceRequest.setSecret(login: "the-\(role.title)", code: code, credential)
      #expect(try rig.ask(set) == .done)
    }
    return rig
  }

  private static func bedside(_ rig: Rig, _ role: Role?) throws -> Bedside {
    var bedside = Bedside(rig)
    if let index = Role.allCases.firstIndex(where: { $0 == role }) {
      try bedside.signIn(badge: 10 + index)
      #expect(bedside.core.view.person?.login == role.map { "the-\($0.title)" })
    } else {
      try bedside.wait()
    }
    bedside.answers = []
    return bedside
  }

  /// What a person can ask for at the panel, and the keys for it.
  private enum Wish: CaseIterable {
    case program, start, drop, clear, pause, silence, takeProposal

    var kind: CommandKind {
      switch self {
      case .program, .takeProposal: .program
      case .start: .start
      case .drop: .cancel
      case .clear: .clear
      case .pause: .pause
      case .silence: .silence
      }
    }

    var keys: [PanelKeys] {
      switch self {
      case .program: [.ok, .ok, .ok, .ok]
      case .start: [.start]
      case .drop, .pause: [.pause]
      case .clear: [.ok]
      case .silence: [.silence]
      case .takeProposal: [.left, .down, .ok, .ok]
      }
    }

    /// Whether the keys mean that in this state; the panel has no screen for it in the others.
    func isOffered(in state: TherapyState) -> Bool {
      switch self {
      case .program: [.standby, .programmed, .infusing].contains(state)
      case .drop: state == .awaitingConfirm
      case .pause, .takeProposal: state != .awaitingConfirm
      case .start, .clear, .silence: true
      }
    }
  }

  // Made from the table: 7 roles × 10 states × 7 wishes, each pressed as keys.
  @Test(.tags(.`SYS-091`, .`SRS-207`, .`SEC-011`, .`SEC-013`, .`SEC-333`, .`RC-130`))
  func
    `SYS-091 SRS-207 SEC-011 SEC-013 SEC-333 RC-130 role by command by state is as the table says`()
    throws
  {
    let rig = try Self.rig()
    defer { rig.close() }
    let people: [Role?] = [nil] + Role.allCases
    var count = 0
    for role in people {
      let signedIn = try Self.bedside(rig, role)
      try everyCase(of: pairs(TherapyState.allCases, Wish.allCases)) { state, wish in
        guard wish.isOffered(in: state) else { return }
        if wish == .takeProposal { try Self.offerProposal(rig, "\(role?.title ?? "-")\(state)") }
        rig.status = ControlStatus()
        rig.status.state = state
        if state != .standby { rig.status.held = Rig.small }
        if wish == .clear { rig.status.alarms.insert(.keyStuck) }
        rig.step(3)
        count += 1
        try Self.judge(wish, role, state, signedIn)
      }
    }
    #expect(count == 7 * (3 + 10 + 1 + 10 + 9 + 10 + 9))
  }

  private static func offerProposal(_ rig: Rig, _ key: String) throws {
    rig.status = ControlStatus()
    rig.step(3)
    for old in rig.cases.proposals(of: "ward.test", at: rig.clock.now()) {
      let session = try rig.signIn("the-clinician", Credential(secret: Bedside.pin, badge: "10"))
      _ = try rig.ask(.dropProposal(session: session, proposal: old.number))
    }
    guard
      case .proposal(_, isNew: true) = rig.cases.propose(
        Rig.small, from: Rig.ward, key: key, at: rig.clock.now())
    else { throw NotUnderstood("not proposed") }
  }

  private static func judge(
    _ wish: Wish, _ role: Role?, _ state: TherapyState, _ signedIn: Bedside
  ) throws {
    var bedside = signedIn
    let rig = bedside.rig
    try bedside.wait()
    rig.heard = []
    // What a person before this one was told is over.
    bedside.core.view.notice = nil
    bedside.noticed = false
    let before = rig.told.all.count
    try bedside.press(wish.keys)
    rig.step(3)
    try bedside.wait()
    let name = "\(role?.title ?? "nobody"), \(state), \(wish)"
    let fresh = rig.told.all.dropFirst(before)
    let condition = CommandPolicy.condition(of: rig.status)
    let reached = rig.heard.map(\.kind)
    // Nothing but what was meant, and nothing that starts without CONFIRM, which is no command.
    if wish == .pause || wish == .silence {
      #expect(bedside.direct == [wish.kind] && reached.isEmpty, "\(name)")
      return
    }
    #expect(bedside.direct.isEmpty, "\(name)")
    let needed = Permissions.requirement(
      for: CommandPolicy.action(of: wish.kind), by: role, in: condition)
    let isFree = needed == .nothing
    let isBreakGlass =
      role == nil && !isFree && wish != .takeProposal
      && Permissions.requirement(for: .emergencyStart, by: nil, in: condition) == .nothing
      && EmergencyLimits.allow(wish.kind, Rig.small, rig.status)
    let isAllowed = isFree || needed == .session || isBreakGlass
    #expect(reached == (isAllowed ? [wish.kind] : []), "\(name)")
    #expect(rig.heard.allSatisfy { $0.origin == .service }, "\(name)")
    // What is refused is shown, and nothing else is.
    #expect(bedside.noticed == !isAllowed, "\(name)")
    // Without a session it goes as a frame, whose record is the log's own thread's.
    guard isAllowed, let role else { return }
    let request = fresh.last { $0.event == .requestReceived }
    #expect(request?.actor?.name == (isFree ? nil : "the-\(role.title)"), "\(name)")
    #expect(request?.actor?.role == (isFree ? nil : role.rawValue), "\(name)")
    #expect(request?.b == Int64(CommandOrigin.panel.rawValue), "\(name)")
  }

  @Test(.tags(.`SEC-382`, .`SEC-393`))
  func `SEC-382 SEC-393 who may agree follows the kind that the updater offers`() throws {
    let rig = try Self.rig()
    defer { rig.close() }
    let image = ContentHash(0x1a2b_3c4d_0000_0000, 0, 0, 1)
    let kinds: [(UpdateKind, Action)] = [
      (.firmware, .installUpdate), (.drugLibrary, .activateLibrary),
      (.configuration, .changeConfiguration),
    ]
    var updater = Subscription(to: rig.folder + "/update.sock")
    _ = updater.receive(at: rig.clock.now())
    try everyCase(of: pairs(kinds, [nil] + Role.allCases)) { pair, role in
      let (kind, action) = pair
      var bedside = try Self.bedside(rig, role)
      var notice = UpdateNotice()
      notice.kind = kind
      notice.stage = .offered
      notice.digest = image
      rig.step()
      _ = updater.send(.updateNotice(notice), at: rig.clock.now())
      rig.step(3)
      #expect(rig.gate.offer?.kind == kind)
      bedside.core.view.update.hear(notice, at: bedside.now)
      try bedside.press([.start, .ok])
      rig.step(3)
      let reason: ServiceRefusal.Reason =
        switch Permissions.requirement(for: action, by: role, in: .standby) {
        case .stepUp: .needsStepUp
        case nil: role == nil ? .notSignedIn : .notPermitted
        default: .busy
        }
      let name = "\(kind) \(role?.title ?? "nobody")"
      #expect(rig.gate.takeAgreement() == nil, "\(name)")
      #expect(bedside.answers.map(\.1) == [.refused(ServiceRefusal(reason))], "\(name)")
      let denied = rig.told.all.last { $0.event == .accessDenied }
      #expect(denied?.subject == UInt32(action.rawValue), "\(name)")
      guard reason == .needsStepUp else { return }
      try bedside.press(Array(Bedside.keys(badge: 0, pin: Bedside.pin).dropFirst(2)))
      bedside.answers = []
      bedside.core.view.update.hear(notice, at: bedside.now)
      try bedside.press([.start, .ok])
      #expect(bedside.answers.map(\.1) == [.done], "\(name)")
      // The service's loop may have taken the agreement by now; the record of it stays.
      let agreed = rig.told.all.last { $0.event == .requestReceived }
      #expect(agreed?.reference == "update agreed", "\(name)")
      #expect(agreed?.a == Int64(image.short), "\(name)")
      #expect(agreed?.actor?.role == role?.rawValue, "\(name)")
    }
  }

  @Test(.tags(.`SYS-091`, .`SRS-205`, .`SEC-365`, .`SEC-393`))
  func `SYS-091 SRS-205 SEC-365 SEC-393 service alone agrees to an update, after the PIN again`()
    throws
  {
    let rig = try Self.rig()
    defer { rig.close() }
    let image = ContentHash(0x1a2b_3c4d_0000_0000, 0, 0, 1)
    var notice = UpdateNotice()
    notice.stage = .offered
    notice.digest = image
    let offered = notice
    for role in [nil] + Role.allCases {
      var bedside = try Self.bedside(rig, role)
      let before = rig.told.all.count
      func ask() throws {
        bedside.core.view.update.hear(offered, at: bedside.now)
        try bedside.press([.start, .ok])
      }
      try ask()
      rig.step(3)
      #expect(rig.gate.takeAgreement() == nil)
      let name = role?.title ?? "nobody"
      let reason: ServiceRefusal.Reason =
        switch Permissions.requirement(for: .installUpdate, by: role, in: .standby) {
        case .stepUp: .needsStepUp
        case nil: role == nil ? .notSignedIn : .notPermitted
        default: .busy
        }
      #expect(bedside.answers.map(\.1) == [.refused(ServiceRefusal(reason))], "\(name)")
      #expect(bedside.core.view.notice == PanelNotice(ServiceRefusal(reason)), "\(name)")
      let denied = rig.told.all.dropFirst(before).filter { $0.event == .accessDenied }
      #expect(denied.map(\.actor?.name) == [role.map { "the-\($0.title)" }], "\(name)")
      guard role == .service else { continue }
      // A wrong PIN is no PIN.
      try bedside.press(Bedside.keys(badge: 0, pin: "111222").dropFirst(2) + [])
      #expect(bedside.answers.last?.1 == .refused(ServiceRefusal(.wrongSecret)))
      try bedside.press(Array(Bedside.keys(badge: 0, pin: Bedside.pin).dropFirst(2)))
      bedside.answers = []
      try ask()
      #expect(bedside.answers.map(\.1) == [.done])
      let agreed = rig.told.all.last { $0.event == .requestReceived }
      #expect(agreed?.actor?.name == "the-service" && agreed?.reference == "update agreed")
    }
    // The request from anybody but the panel's user gets nothing, whoever is signed in.
    let stepped = try rig.administrator()
    #expect(
      rig.cases.answer(
        .agreeUpdate(session: stepped, image: String(repeating: "1", count: 64)),
        at: rig.clock.now()) == .refused(ServiceRefusal(.notPermitted)))
    #expect(rig.gate.takeAgreement() == nil)
  }

  @Test(.tags(.`SEC-390`, .`SEC-013`, .`SRS-201`))
  func `SEC-390 SEC-013 SRS-201 wrong PINs wait at the panel, and care does not wait with them`()
    throws
  {
    let rig = try Self.rig()
    defer { rig.close() }
    var bedside = Bedside(rig)
    for _ in 0..<3 { try bedside.signIn(badge: 10, pin: "111222") }
    #expect(bedside.answers.map(\.1).allSatisfy { $0 == .refused(ServiceRefusal(.wrongSecret)) })
    #expect(bedside.answers.count == 3)
    #expect(rig.told.all.last { $0.event == .loginFailed }?.actor?.name == "the-clinician")
    bedside.answers = []
    try bedside.press([.left, .left])
    try bedside.signIn(badge: 10)
    guard case .refused(let refusal) = bedside.answers.last?.1 else {
      Issue.record("not made to wait")
      return
    }
    #expect(refusal.reason == .wait && (1...1_000).contains(refusal.milliseconds ?? 0))
    #expect(bedside.core.view.person == nil)
    // A badge of nobody waits alike, and other people do not.
    for round in 0..<4 {
      let answer = try rig.ask(.badgeSignIn(Credential(secret: "111222", badge: "99")))
      guard case .refused(let refusal) = answer else { throw NotUnderstood("signed in") }
      #expect(refusal.reason == (round < 3 ? .wrongSecret : .wait))
    }
    #expect(
      try rig.ask(.badgeSignIn(Credential(secret: Bedside.pin, badge: "12"))).isSession)
    // An emergency order meanwhile.
    try bedside.press([.pause])
    rig.heard = []
    try bedside.press([.ok, .ok, .ok, .ok])
    rig.step(3)
    #expect(rig.heard.map(\.kind) == [.program])
    for entry in rig.told.all { #expect(!"\(entry)".contains(Bedside.pin)) }
  }

  @Test(.tags(.`SRS-087`, .`SEC-018`))
  func `SRS-087 SEC-018 what went past a silent service is on record as break-glass`() throws {
    let rig = try Rig()
    defer { rig.close() }
    #expect(try rig.ask(.emergencyUsed(2)) == .done)
    let entry = rig.told.all.last
    #expect(entry?.event == .breakGlass && entry?.a == 2)
    #expect(entry?.b == Int64(CommandOrigin.panel.rawValue))
    #expect(
      rig.cases.answer(.emergencyUsed(2), at: rig.clock.now())
        == .refused(ServiceRefusal(.notPermitted)))
  }

  @Test(.tags(.`SEC-392`, .`SRS-151`))
  func `SEC-392 SRS-151 the code is for the panel's user alone`() throws {
    let rig = try Rig(panels: PeerPolicy(users: [4_000_000_000]))
    defer { rig.close() }
    #expect(try rig.ask(.panel) == .refused(ServiceRefusal(.notPermitted)))
    #expect(try rig.code().utf8.count == 10)
  }
}

extension ServiceAnswer {
  fileprivate var isSession: Bool { if case .session = self { true } else { false } }
}
