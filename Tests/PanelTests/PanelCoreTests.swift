// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import Panel
import ServiceAPI
import Testing
import Units

@Suite struct PanelCoreTests {
  /// A panel with a pump in front of it whose status is always fresh.
  private struct Bench {
    var core: PanelCore
    var now = Instant.nanoseconds(1_000_000_000)

    init(_ status: ControlStatus? = nil) {
      core = PanelCore(now: now)
      core.view.serviceAlive = true
      hear(status)
    }

    mutating func hear(_ status: ControlStatus?) {
      core.view.control = status
      core.view.controlAt = now
    }

    /// Holds keys for a time, looked at every 10 ms; returns everything sent.
    mutating func hold(_ keys: PanelKeys, for time: Interval) -> [PanelCore.Action] {
      var sent: [PanelCore.Action] = []
      let end = now + time
      while now < end {
        if let action = core.step(keys: keys, now: now) { sent.append(action) }
        now = now + .milliseconds(10)
        if core.view.control != nil { core.view.controlAt = now }
      }
      return sent
    }

    /// Presses and releases.
    mutating func press(_ keys: PanelKeys) -> PanelCore.Action? {
      let sent = hold(keys, for: .milliseconds(40))
      return (sent + hold([], for: .milliseconds(40))).first
    }
  }

  @Test(.tags(.`RC-091`, .`SRS-005`)) func `RC-091 SRS-005 counts a held key once`() {
    var bench = Bench(Scene.status(.infusing))
    #expect(bench.hold(.pause, for: .seconds(30)).count == 1)
  }

  @Test(.tags(.`RC-091`, .`SRS-005`))
  func `RC-091 SRS-005 does not count a key that bounces for less than 20 ms`() {
    var bench = Bench(Scene.status(.infusing))
    for _ in 0..<50 {
      #expect(bench.hold(.pause, for: .milliseconds(10)).isEmpty)
      #expect(bench.hold([], for: .milliseconds(10)).isEmpty)
    }
  }

  @Test(.tags(.`RC-008`, .`SRS-086`))
  func `RC-008 SRS-086 sends pause and silence to the controller itself, service or not`() {
    var bench = Bench(Scene.status(.infusing))
    bench.core.view.serviceAlive = false
    let pause = bench.press(.pause)
    #expect(pause?.command.kind == .pause)
    #expect(pause?.route == .controller)
    let silence = bench.press(.silence)
    #expect(silence?.command.kind == .silence)
    #expect(silence?.route == .controller)
  }

  @Test(.tags(.`SRS-086`)) func `SRS-086 pauses the audio even when no status comes`() {
    var bench = Bench()
    #expect(bench.press(.silence)?.command.kind == .silence)
    #expect(bench.press(.start) == nil)
    #expect(bench.press(.ok) == nil)
  }

  @Test func `does nothing on a status that is no longer the present`() {
    var bench = Bench(Scene.status(.programmed))
    bench.core.view.controlAt = bench.now - .seconds(5)
    bench.core.view.control = nil
    #expect(bench.press(.start) == nil)
    #expect(bench.press(.pause) == nil)
  }

  @Test func `drops a read-back with PAUSE`() {
    var bench = Bench(Scene.status(.awaitingConfirm))
    #expect(bench.press(.pause)?.command.kind == .cancel)
    var change = Scene.status(.infusing)
    change.pending = Scene.order(rate: .mLPerHour(8))
    bench.hear(change)
    #expect(bench.press(.pause)?.command.kind == .cancel)
  }

  @Test func `keys in an order while an alarm lasts that stops nothing`() {
    var status = Scene.status(.standby)
    status.alarms.insert(.mainsLost)
    status.conditions.insert(.mainsLost)
    var bench = Bench(status)
    #expect(bench.press(.ok) == nil)
    #expect(bench.core.view.editor != nil)
  }

  @Test(.tags(.`SRS-095`)) func `SRS-095 drops an order that an alarm or a read-back covers`() {
    var alarmed = Scene.status(.programmed)
    alarmed.alarms.insert(.doorOpen)
    for (status, kind) in [(alarmed, CommandKind.clear), (Scene.status(.awaitingConfirm), nil)] {
      var bench = Bench(Scene.status(.programmed))
      #expect(bench.press(.ok) == nil)
      bench.hear(status)
      #expect(bench.press(.ok)?.command.kind == kind)
      #expect(bench.core.view.editor == nil)
    }
  }

  @Test func `clears alarms with OK`() {
    var status = Scene.status(.halted)
    status.alarms.insert(.occlusionDownstream)
    var bench = Bench(status)
    let action = bench.press(.ok)
    #expect(action?.command.kind == .clear)
    #expect(action?.route == .service)
  }

  @Test func `sends a keyed order to the service under its own number`() {
    var bench = Bench(Scene.status(.standby))
    for _ in 0..<3 { #expect(bench.press(.ok) == nil) }
    #expect(bench.core.view.editor?.field == .vtbi)
    let action = bench.press(.ok)
    #expect(action?.route == .service)
    #expect(action?.command.kind == .program)
    #expect(action?.command.draft?.rate == .mLPerHour(5))
    #expect(bench.core.view.editor == nil)
    #expect(bench.press(.start)?.command.number == (action?.command.number ?? 0) + 1)
  }

  @Test(.tags(.`SRS-125`))
  func `SRS-125 opens the menu with LEFT and leaves it after half a minute`() {
    var bench = Bench(Scene.status(.infusing))
    #expect(bench.press(.left) == nil)
    #expect(bench.core.view.menu != nil)
    _ = bench.hold([], for: .seconds(29))
    #expect(bench.core.view.menu != nil)
    _ = bench.hold([], for: .seconds(2))
    #expect(bench.core.view.menu == nil)
  }

  @Test(.tags(.`RC-002`, .`SRS-124`))
  func `RC-002 SRS-124 pauses from the menu and with locked keys`() {
    var bench = Bench(Scene.status(.infusing))
    _ = bench.press(.left)
    #expect(bench.press(.pause)?.command.kind == .pause)
    #expect(bench.core.view.menu == nil)
    bench.core.view.lock.lock()
    #expect(bench.press(.pause)?.command.kind == .pause)
    #expect(bench.press(.silence)?.command.kind == .silence)
  }

  @Test(.tags(.`SRS-124`))
  func `SRS-124 holds back every other key while locked, until the three that open`() {
    var bench = Bench(Scene.status(.programmed))
    bench.core.view.lock.lock()
    for key in [.start, .ok, .up, .down, .right] as [PanelKeys] {
      #expect(bench.press(key) == nil)
      #expect(bench.core.view.editor == nil && bench.core.view.menu == nil)
    }
    #expect(bench.core.view.lock.locked)
    // A slip in the middle begins again; a repeated first key still counts as the first.
    for key in [.left, .up, .left, .left, .right, .ok] as [PanelKeys] {
      #expect(bench.core.view.lock.locked)
      #expect(bench.press(key) == nil)
    }
    #expect(!bench.core.view.lock.locked)
    #expect(bench.press(.start)?.command.kind == .start)
  }

  @Test func `changes its language in the menu and sends nothing`() {
    var bench = Bench(Scene.status(.infusing))
    for key in [.left, .down, .down, .ok] as [PanelKeys] { #expect(bench.press(key) == nil) }
    #expect(bench.core.view.language == .german)
    #expect(bench.press(.ok) == nil)
    #expect(bench.core.view.language == .english)
  }

  @Test(.tags(.`SRS-125`)) func `SRS-125 lets an alarm that takes the screen close the menu`() {
    var bench = Bench(Scene.status(.infusing))
    _ = bench.press(.left)
    var status = Scene.status(.halted)
    status.alarms.insert(.occlusionDownstream)
    bench.hear(status)
    #expect(bench.press(.ok)?.command.kind == .clear)
    #expect(bench.core.view.menu == nil)
  }

  // RC-001, RC-008: no key of the panel confirms, and what the panel may not ask it does not send.
  @Test(.tags(.`RC-001`, .`RC-007`, .`RC-008`, .`RC-130`, .`SRS-094`, .`SRS-200`))
  func
    `RC-001 RC-007 RC-008 RC-130 SRS-094 SRS-200 never sends what the panel may not in a million random keys`()
    throws
  {
    var chance = Chance(seed: 11)
    var bench = Bench(Scene.status(.standby))
    var judge = KeyJudge()
    for round in 0..<1_000_000 {
      if round % 4_096 == 0 { try Self.signIn(&bench, &judge, &chance) }
      if round % 16 == 0 {
        bench.hear(Self.anyStatus(&chance))
        bench.core.view.serviceAlive = chance.below(8) > 0
        judge.isLost = bench.core.view.isServiceLost
      }
      if round % 64 == 0 {
        bench.core.view.update.hear(
          Scene.notice(chance.below(2) == 0 ? .offered : .none), at: bench.now)
      }
      let one = PanelKeys(rawValue: 1 << UInt8(chance.below(8)))
      let keys = chance.below(10) == 0 ? one.union(.ok) : one
      let action = Self.tap(keys, &bench)
      // RC-002: whatever is open, asked or locked, PAUSE and SILENCE go through where they mean something.
      if keys == .silence { try #require(action?.command.kind == .silence) }
      if let action { try judge.take(action) }
      try Self.serve(&bench, &judge, &chance)
    }
    #expect(judge.kinds == [.program, .start, .pause, .silence, .clear, .cancel])
    #expect(judge.underSession == [.program, .start, .clear, .cancel])
    #expect(
      judge.abouts == [
        "news", "signIn", "stepUp", "signOut", "proposals", "take", "agree", "command", "emergency",
      ])
    #expect(judge.pastService == [.program, .start, .clear, .cancel])
  }

  private static func serve(
    _ bench: inout Bench, _ judge: inout KeyJudge, _ chance: inout Chance
  ) throws {
    while let request = bench.core.takeRequest() {
      try judge.take(request)
      if let answer = judge.answer(request, &chance) {
        bench.core.hear(answer, to: request.about, at: bench.now)
      }
    }
  }

  /// Chance signs nobody in often enough: whoever is not gets the keys of it.
  private static func signIn(
    _ bench: inout Bench, _ judge: inout KeyJudge, _ chance: inout Chance
  ) throws {
    bench.hear(Scene.status(.standby))
    bench.core.hear(.panel(PanelNews(hasPeople: true)), to: .news, at: bench.now)
    bench.core.view.serviceAlive = true
    judge.isLost = false
    var keys: [PanelKeys] = [.left, .right, .ok, .pause] + Scene.toPIN + Scene.pin
    // Whoever is signed in by now agrees to an update, and is asked for the PIN again.
    keys += [.pause, .start, .ok] + Scene.pin
    for (place, key) in keys.enumerated() {
      if place == keys.count - Scene.pin.count - 2 {
        bench.core.view.update.hear(Scene.notice(.none), at: bench.now)
        bench.core.view.update.hear(Scene.notice(.offered), at: bench.now)
      }
      if let action = tap(key, &bench) { try judge.take(action) }
      try serve(&bench, &judge, &chance)
    }
  }

  /// Looks at everything that the panel sends, and answers for the service.
  private struct KeyJudge {
    var last: UInt32 = 0
    var kinds: Set<CommandKind> = []
    var underSession: Set<CommandKind> = []
    var abouts: Set<String> = []
    /// The service is silent, and the controller misses it too.
    var isLost = false
    var pastService: Set<CommandKind> = []
    private var count = 0

    mutating func take(_ action: PanelCore.Action) throws {
      let command = action.command
      kinds.insert(command.kind)
      try #require(command.origin == .panel)
      switch action.route {
      case .controller:
        if !command.origin.mayAsk(command.kind) {
          try #require(isLost && command.origin.mayAskWithoutService(command.kind))
          pastService.insert(command.kind)
        }
      case .service:
        try #require([CommandKind.program, .start, .clear, .cancel].contains(command.kind))
      }
      try number(command.number, command.kind, command.draft)
    }

    mutating func take(_ request: PanelRequest) throws {
      abouts.insert("\(request.about)")
      let asked = try ServiceRequest(request.bytes)
      switch asked {
      case .command(let kind, let number, let draft, let session, let emergency):
        try #require([CommandKind.program, .start, .clear, .cancel].contains(kind))
        try #require(session == Scene.token && !emergency)
        underSession.insert(kind)
        try self.number(number, kind, draft)
      case .takeProposal(let session, let proposal, let number):
        try #require(session == Scene.token && [7, 8].contains(proposal))
        last = number
      case .proposals(let session), .signOut(let session): try #require(session == Scene.token)
      case .agreeUpdate(let session, let image):
        try #require((session == nil || session == Scene.token) && image == Scene.imageHex)
      case .emergencyUsed(let count): try #require(count > 0)
      case .stepUp(Scene.token, let credential), .badgeSignIn(let credential):
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let badge = try #require(credential.badge)
        try #require((1...10).contains(badge.utf8.count))
        try #require((6...12).contains(credential.secret.utf8.count))
        try #require((badge + credential.secret).utf8.allSatisfy(digits.contains))
      case .panel: break
      default: throw NotUnderstood("the panel asked \(asked)")
      }
    }

    /// Every command has the next number, and every draft is an order within the device's limits.
    private mutating func number(
      _ number: UInt32, _ kind: CommandKind, _ draft: PrescriptionDraft?
    ) throws {
      try #require(number == last + 1)
      last = number
      try #require((draft != nil) == (kind == .program))
      count += 1
      if let draft, count % 20 == 0 { _ = try Prescription(draft) }
    }

    func answer(_ request: PanelRequest, _ chance: inout Chance) -> ServiceAnswer? {
      switch request.about {
      case .news:
        return .panel(PanelNews(hasPeople: chance.below(8) > 0, proposals: Int64(chance.below(3))))
      case .signIn: return .session(Scene.token, person: Scene.nurse)
      case .proposals: return .proposals(chance.below(4) == 0 ? [] : Scene.proposals)
      case .stepUp: return .session(Scene.token, person: Scene.nurse)
      case .emergency: return .done
      case .agree: return chance.below(2) == 0 ? .done : .refused(ServiceRefusal(.needsStepUp))
      case .take, .command:
        if chance.below(6) == 0 {
          return .refused(ServiceRefusal(chance.pick(from: ServiceRefusal.Reason.allCases)))
        }
        return .passedOn(number: 1)
      case .signOut: return .done
      }
    }
  }

  /// One press of 20 ms in the four looks that it takes at least.
  private static func tap(_ keys: PanelKeys, _ bench: inout Bench) -> PanelCore.Action? {
    var sent: PanelCore.Action?
    for keys in [keys, []] {
      for _ in 0..<2 {
        if let action = bench.core.step(keys: keys, now: bench.now) { sent = action }
        bench.now = bench.now + .milliseconds(20)
      }
    }
    if bench.core.view.control != nil { bench.core.view.controlAt = bench.now }
    return sent
  }

  private static func anyStatus(_ chance: inout Chance) -> ControlStatus? {
    guard chance.below(12) > 0 else { return nil }
    var status = ControlStatus()
    status.state = chance.pick(from: TherapyState.allCases)
    if status.state != .standby {
      status.held = Scene.order(rate: .mLPerHour(Int64(1 + chance.below(1_200))))
    }
    if status.state == .infusing, chance.below(3) == 0 { status.pending = status.held }
    if chance.below(3) == 0 { status.alarms = AlarmSet(bits: chance.next() & chance.next()) }
    if chance.below(3) == 0 { status.conditions.insert(.serviceLost) }
    return status
  }
}
