// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import EveryCase
import Panel
import ServiceAPI
import Testing
import Units

@Suite struct `People at the panel` {
  @Test(.tags(.`SRS-200`, .`SRS-201`))
  func `SRS-200 SRS-201 badge and PIN become one request, and an order goes under the session`()
    throws
  {
    var desk = PanelWithService()
    for key in Scene.toPIN + Scene.pin { desk.press(key) }
    #expect(
      desk.asked.map(\.request) == [.badgeSignIn(Credential(secret: "739154", badge: "104"))])
    #expect(desk.core.view.person == nil && desk.sent.isEmpty)
    desk.core.hear(.session(Scene.token, person: Scene.nurse), to: .signIn, at: desk.now)
    #expect(desk.core.view.person == Scene.nurse && desk.core.view.signIn == nil)
    desk.asked = []
    for _ in 0..<4 { desk.press(.ok) }
    #expect(desk.sent.isEmpty)
    let (about, request) = try #require(desk.asked.last)
    #expect(about == .command)
    guard case .command(.program, _, let draft, let session, emergency: false) = request else {
      Issue.record("\(String(describing: request))")
      return
    }
    #expect(draft?.rate == .mLPerHour(5) && session == Scene.token)
    desk.status = Scene.status(.programmed)
    desk.press(.start)
    guard case .command(.start, _, nil, Scene.token, emergency: false) = desk.asked.last?.request
    else {
      Issue.record("START went elsewhere")
      return
    }
    // Stopping and silencing go past the service, signed in or not.
    desk.press(.pause)
    desk.press(.silence)
    #expect(desk.sent.map(\.command.kind) == [.pause, .silence])
    #expect(desk.sent.allSatisfy { $0.route == .controller })
  }

  @Test(.tags(.`SEC-391`, .`SRS-201`))
  func `SEC-391 SRS-201 no screen tells one PIN from another`() {
    // The same number of keys, other digits: every picture on the way is the same.
    let others: [[PanelKeys]] = [
      Array(repeating: [.up, .right], count: 6).flatMap { $0 },
      Array(repeating: [.down, .right], count: 6).flatMap { $0 },
    ]
    var pictures: [[Picture]] = []
    for keys in others {
      var desk = PanelWithService()
      for key in Scene.toPIN { desk.press(key) }
      var drawn: [Picture] = []
      for key in keys {
        for held in [key, key, []] {
          desk.step(held)
          drawn.append(desk.picture)
        }
      }
      pictures.append(drawn)
    }
    #expect(pictures[0] == pictures[1])
    #expect(Set(pictures[0].map(\.art)).count > 6)
    // Nor does anything that a screen is drawn from.
    var desk = PanelWithService()
    for key in Scene.toPIN + Scene.pin.dropLast() { desk.press(key) }
    #expect(!"\(desk.core.view)".contains("73915"))
  }

  @Test(.tags(.`SEC-391`)) func `SEC-391 a PIN is gone once it was sent, given up or left alone`() {
    for way in 0..<4 {
      var desk = PanelWithService()
      for key in Scene.toPIN + Scene.pin.dropLast() { desk.press(key) }
      // Five digits were taken and one is being changed.
      #expect(Self.digits(desk.core)?.filter { $0 != 0 } == [7, 3, 9, 1, 5])
      switch way {
      case 0: desk.press(.ok)
      case 1: desk.press(.pause)
      case 2:
        desk.status.alarms.insert(.doorOpen)
        desk.press(.ok)
      default: desk.wait(.seconds(31))
      }
      #expect(Self.digits(desk.core) == Array(repeating: 0, count: 12), "\(way)")
      #expect(desk.core.view.signIn?.given ?? 0 == 0, "\(way)")
    }
  }

  /// What lies where the digits of a PIN lie.
  private static func digits(_ core: PanelCore) -> [UInt8]? {
    func part(_ name: String, of value: Any?) -> Any? {
      value.flatMap { Mirror(reflecting: $0).children.first { $0.label == name }?.value }
    }
    guard let digits = part("digits", of: part("pin", of: core)) as? InlineArray<12, UInt8> else {
      return nil
    }
    return digits.indices.map { digits[$0] }
  }

  @Test(.tags(.`SEC-391`)) func `SEC-391 a request is wiped where it lies`() throws {
    var core = PanelWithService()
    core.news = nil
    for key in Scene.toPIN + Scene.pin.dropLast() { core.press(key) }
    _ = core.core.step(keys: .ok, now: core.now)
    _ = core.core.step(keys: .ok, now: core.now + .milliseconds(20))
    var found = 0
    while var request = core.core.takeRequest() {
      guard request.about == .signIn else { continue }
      found += 1
      let wanted = ServiceRequest.badgeSignIn(Credential(secret: "739154", badge: "104"))
      #expect(try ServiceRequest(request.bytes) == wanted)
      request.wipe()
      #expect(request.bytes.allSatisfy { $0 == 0 })
    }
    #expect(found == 1)
  }

  @Test(.tags(.`SRS-204`, .`SEC-333`))
  func `SRS-204 SEC-333 what the service refuses is shown with its reason`() {
    everyCase(of: pairs(ServiceRefusal.Reason.allCases, Language.allCases)) { reason, language in
      var desk = PanelWithService()
      desk.signIn()
      desk.core.view.language = language
      desk.status = Scene.status(.programmed)
      desk.answers = .refused(ServiceRefusal(reason, milliseconds: 8_000))
      let before = desk.picture
      desk.press(.start)
      #expect(desk.picture != before && desk.core.view.notice != nil, "\(reason)")
      if reason == .wait { #expect(desk.picture.shows("8 s")) }
      if reason == .notPermitted, language == .english {
        #expect(desk.picture.shows("Not permitted now"))
      }
      #expect((desk.core.view.person == nil) == (reason == .notSignedIn))
      desk.wait(.seconds(7))
      #expect(!desk.picture.shows("Not permitted now"))
    }
  }

  @Test(.tags(.`SRS-204`, .`SEC-333`))
  func `SRS-204 SEC-333 a frame that was refused is told once, and an old refusal never`() {
    var desk = PanelWithService(news: nil)
    desk.news = PanelNews(hasPeople: true, refused: 3, reason: .beyondEmergencyLimits)
    desk.wait(.seconds(2))
    #expect(desk.core.view.notice == nil)
    desk.news = PanelNews(hasPeople: true, refused: 4, reason: .beyondEmergencyLimits)
    desk.wait(.seconds(2))
    #expect(desk.picture.shows("100 mL/h, 50 mL"))
    desk.wait(.seconds(8))
    #expect(!desk.picture.shows("100 mL/h, 50 mL"))
  }

  @Test(.tags(.`RC-131`, .`SRS-202`, .`SEC-015`))
  func
    `RC-131 SRS-202 SEC-015 nobody stays signed in, and nothing but the name and the draft goes`()
  {
    everyCase(of: TherapyState.allCases) { state in
      var desk = PanelWithService()
      desk.signIn()
      desk.status = Scene.status(state)
      desk.status.alarms.insert(.batteryLow)
      var other = PanelWithService()
      other.status = desk.status
      desk.wait(.seconds(125))
      other.wait(desk.now - other.now)
      #expect(desk.core.view.person == nil)
      #expect(desk.asked.map(\.request) == [.signOut(session: Scene.token)])
      #expect(desk.sent.isEmpty, "\(state)")
      desk.wait(.seconds(7))
      other.wait(desk.now - other.now)
      // The screen is that of a pump at which nobody signed in.
      #expect(desk.picture == other.picture, "\(state)")
    }
  }

  @Test(.tags(.`SRS-202`))
  func `SRS-202 a sign-in that was left before its answer signs nobody in`() {
    var desk = PanelWithService()
    for key in Scene.toPIN + Scene.pin + [.pause] { desk.press(key) }
    desk.core.hear(.session(Scene.token, person: Scene.nurse), to: .signIn, at: desk.now)
    desk.step([])
    #expect(desk.core.view.person == nil)
    #expect(desk.asked.last?.request == .signOut(session: Scene.token))
  }

  @Test(.tags(.`SRS-203`, .`RC-130`))
  func `SRS-203 RC-130 without a sign-in an order goes as before and is marked`() {
    for news in [PanelNews(hasPeople: true), PanelNews(hasPeople: false), nil] {
      var desk = PanelWithService(news: news)
      desk.press(.ok)
      desk.press(.ok)
      #expect(desk.picture.shows("EMERGENCY") == (news?.hasPeople ?? false))
      desk.press(.ok)
      desk.press(.ok)
      #expect(desk.sent.map(\.command.kind) == [.program] && desk.sent[0].route == .service)
      #expect(desk.asked.isEmpty)
    }
  }

  @Test(.tags(.`SRS-087`, .`RC-130`))
  func
    `SRS-087 RC-130 with the service lost an order goes to the controller, and is told afterwards`()
  {
    var desk = PanelWithService()
    desk.signIn()
    desk.core.view.serviceAlive = false
    // The controller does not miss it yet: there is nobody to ask.
    for _ in 0..<4 { desk.press(.ok) }
    #expect(desk.picture.shows("Service: no answer"))
    desk.status.conditions.insert(.serviceLost)
    desk.status.alarms.insert(.serviceLost)
    desk.asked = []
    desk.sent = []
    desk.press(.ok)
    desk.press(.ok)
    #expect(desk.picture.shows("EMERGENCY"))
    desk.press(.ok)
    desk.press(.ok)
    desk.status.state = .programmed
    desk.status.held = Scene.order(rate: .mLPerHour(5))
    desk.press(.start)
    #expect(desk.sent.map(\.command.kind) == [.program, .start])
    #expect(desk.sent.allSatisfy { $0.route == .controller && $0.command.origin == .panel })
    // Told once it is back, again until it is taken, and once.
    desk.core.view.serviceAlive = true
    desk.status.conditions = AlarmSet()
    desk.status.alarms = AlarmSet()
    desk.asked = []
    desk.answers = .refused(ServiceRefusal(.unavailable))
    desk.wait(.seconds(2))
    #expect(desk.asked.allSatisfy { $0.request == .emergencyUsed(2) } && !desk.asked.isEmpty)
    desk.answers = .done
    desk.wait(.seconds(2))
    desk.asked = []
    desk.wait(.seconds(5))
    #expect(desk.asked.isEmpty)
  }

  @Test(.tags(.`SRS-205`, .`SEC-393`))
  func `SRS-205 SEC-393 an agreement goes under the session, and the PIN is asked for again`() {
    var desk = PanelWithService()
    desk.signIn(PersonView(number: 3, login: "bio", role: "service", active: true))
    desk.core.view.update.hear(Scene.notice(.offered), at: desk.now)
    desk.answers = .refused(ServiceRefusal(.needsStepUp))
    desk.press(.start)
    desk.press(.ok)
    #expect(
      desk.asked.map(\.request) == [.agreeUpdate(session: Scene.token, image: Scene.imageHex)])
    #expect(desk.core.view.signIn?.step == .pin)
    desk.wait(.seconds(7))
    #expect(desk.picture.shows("PIN again"))
    desk.asked = []
    desk.answers = nil
    for key in Scene.pin { desk.press(key) }
    #expect(
      desk.asked.map(\.request) == [
        .stepUp(session: Scene.token, Credential(secret: "739154", badge: "104"))
      ])
    let fresh = String(repeating: "6b", count: 32)
    desk.core.hear(
      .session(fresh, person: PersonView(number: 3, login: "bio", role: "service", active: true)),
      to: .stepUp, at: desk.now)
    desk.core.view.update.hear(Scene.notice(.offered), at: desk.now)
    desk.asked = []
    desk.press(.start)
    desk.press(.ok)
    #expect(desk.asked.map(\.request) == [.agreeUpdate(session: fresh, image: Scene.imageHex)])
    #expect(desk.sent.isEmpty)
  }

  @Test(.tags(.`SRS-206`, .`SYS-092`))
  func `SRS-206 SYS-092 a waiting order is taken as it is on the screen, and nothing starts`() {
    var desk = PanelWithService(news: PanelNews(hasPeople: true, proposals: 2))
    // Nobody is signed in: there is nothing to ask with.
    for key in [.left, .down, .ok] as [PanelKeys] { desk.press(key) }
    #expect(desk.asked.isEmpty && desk.picture.shows("Sign in first"))
    desk.signIn()
    desk.answers = .proposals(Scene.proposals)
    for key in [.left, .down, .ok] as [PanelKeys] { desk.press(key) }
    #expect(desk.asked.map(\.request) == [.proposals(session: Scene.token)])
    #expect(desk.picture.shows("12.5 mL/h", scale: 2))
    desk.press(.down)
    #expect(desk.picture.shows("8 mL/h", scale: 2))
    desk.answers = .passedOn(number: 1)
    desk.asked = []
    desk.press(.ok)
    guard case .takeProposal(Scene.token, proposal: 8, number: _) = desk.asked.last?.request else {
      Issue.record("not taken")
      return
    }
    #expect(desk.asked.count == 1 && desk.sent.isEmpty && desk.core.view.proposals == nil)
  }

  @Test(.tags(.`RC-130`, .`RC-002`))
  func `RC-130 RC-002 PAUSE pauses and SILENCE silences from every screen of people`() {
    let ways: [[PanelKeys]] = [
      [.left], Scene.toBadge, Scene.toPIN, Scene.toPIN + Scene.pin.dropLast(),
      Scene.toPIN + Scene.pin,
    ]
    everyCase(of: ways) { keys in
      var desk = PanelWithService(.infusing)
      for key in keys { desk.press(key) }
      desk.press(.silence)
      desk.press(.pause)
      #expect(desk.sent.map(\.command.kind) == [.silence, .pause])
      #expect(desk.core.view.signIn == nil && desk.core.view.menu == nil)
    }
    var desk = PanelWithService(.infusing)
    desk.signIn()
    desk.core.view.proposals = ProposalPage(Scene.proposals, at: desk.now)
    desk.press(.pause)
    #expect(desk.sent.map(\.command.kind) == [.pause])
  }

  @Test(.tags(.`SRS-201`)) func `SRS-201 fields have bounds, and two keys at once are none`() {
    var desk = PanelWithService()
    for key in Scene.toBadge { desk.press(key) }
    for _ in 0..<30 { desk.press(.right) }
    #expect(desk.core.view.signIn?.badge == "0000000000")
    desk.press([.up, .ok])
    #expect(desk.core.view.signIn?.step == .badge)
    desk.press(.ok)
    for _ in 0..<30 { desk.press(.right) }
    #expect(desk.core.view.signIn?.given == 12)
    for _ in 0..<12 { desk.press(.left) }
    #expect(desk.core.view.signIn?.given == 0 && desk.core.view.signIn?.step == .pin)
    desk.press(.ok)
    #expect(desk.core.view.signIn?.step == .pin && desk.asked.isEmpty)
    desk.press(.left)
    #expect(desk.core.view.signIn?.step == .badge)
    for _ in 0..<11 { desk.press(.left) }
    #expect(desk.core.view.signIn == nil)
  }

  @Test(.tags(.`SRS-124`)) func `SRS-124 a locked panel signs nobody in`() {
    var desk = PanelWithService()
    desk.core.view.lock.lock()
    for key in [.left, .ok, .up] as [PanelKeys] { desk.press(key) }
    #expect(desk.core.view.signIn == nil && desk.core.view.menu == nil)
  }
}
