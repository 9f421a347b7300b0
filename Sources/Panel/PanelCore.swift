// SPDX-License-Identifier: Apache-2.0

import Alarms
public import DeviceInterface
public import Domain
public import ServiceAPI
public import Units

/// What the panel does with keys: pure, so that a test can press any million of them.
///
/// STOP and CONFIRM are not here: the controller reads them itself.
public struct PanelCore: Sendable {
  public var view: PanelView
  private var down = PanelKeys()
  private var stable = PanelKeys()
  private var since: Instant
  private var number: UInt32 = 0
  private var keyAt: Instant
  /// What to tell the updater, by way of the service; ``takeAnswer()`` empties it.
  private var answer: UpdateAnswer?
  private var pin = PINDigits()
  private var session: Session?
  private var requests: [PanelRequest] = []
  private var newsAskedAt = Instant.min
  /// Orders and starts that went past a silent service, and how many of them it is being told of.
  private var unrecorded: Int64 = 0
  private var telling: Int64 = 0

  /// A session of the service's, and the badge that it began with.
  private struct Session {
    var token: String
    let badge: String
  }

  /// Without a key for so long whoever is signed in is signed off; the order that they key in is dropped,
  /// and nothing else.
  public static var patience: Interval { .minutes(2) }
  /// Requests that wait for the service.
  static let mostRequests = 4

  public init(now: Instant) {
    view = PanelView(now: now)
    since = now
    keyAt = now
  }

  /// Where a command goes.
  public enum Route: Sendable, Equatable {
    /// Past the service: what must work without it.
    case controller
    case service
  }

  /// A command to send, if any, and to whom.
  public struct Action: Sendable, Equatable {
    public var command: Command
    public var route: Route
  }

  /// What a person has answered to the updater since the last call.
  public mutating func takeAnswer() -> UpdateAnswer? {
    defer { answer = nil }
    return answer
  }

  /// Takes the raw keys at `now` and returns what to send.
  ///
  /// A key counts once, when it has been steady for 20 ms.
  public mutating func step(keys: PanelKeys, now: Instant) -> Action? {
    view.now = now
    if now - keyAt > PanelMenu.patience {
      view.menu = nil
      view.proposals = nil
      leaveSignIn()
      view.update.forget()
    }
    if session != nil, now - keyAt > Self.patience { signOff(.signedOffIdle) }
    if now - newsAskedAt >= .seconds(1) {
      newsAskedAt = now
      if !requests.contains(where: { $0.about == .news }) {
        requests.append(PanelRequest(.news, .panel))
      }
    }
    if keys != down {
      down = keys
      since = now
    }
    // RC-091 SRS-005: a panel key counts once.
    guard now - since >= .milliseconds(20) else { return nil }
    let pressed = down.subtracting(stable)
    stable = down
    guard !pressed.isEmpty else { return nil }
    keyAt = now
    view.keyedAt = now
    view.notice = nil
    return press(pressed)
  }

  // MARK: The service

  /// The next thing to ask of the service.
  public mutating func takeRequest() -> PanelRequest? {
    requests.isEmpty ? nil : requests.removeFirst()
  }

  /// Takes what the service said; a request that got no answer is one refused as unavailable.
  public mutating func hear(
    _ answer: ServiceAnswer, to about: PanelRequest.About, at now: Instant
  ) {
    view.now = now
    switch (about, answer) {
    case (.news, .panel(let news)): hear(news, at: now)
    case (.signIn, .session(let token, let person)), (.stepUp, .session(let token, let person)):
      begin(token, person)
    case (.proposals, .proposals(let list)): view.proposals = ProposalPage(list, at: now)
    case (.emergency, .done):
      unrecorded -= telling
      telling = 0
    case (.emergency, _): telling = 0
    case (.news, _), (.signOut, _): break
    case (_, .refused(let refusal)): hear(refusal, to: about)
    case (.take, .passedOn), (.agree, .done), (.command, .passedOn): break
    default: hear(ServiceRefusal(.unavailable), to: about)
    }
  }

  private mutating func hear(_ news: PanelNews, at now: Instant) {
    // What was refused before the panel listened is nobody's at the panel.
    if let reason = news.reason, let known = view.news, known.refused != news.refused {
      tell(PanelNotice(ServiceRefusal(reason)))
    }
    view.news = news
    view.newsAt = now
    if unrecorded > 0, telling == 0, ask(.emergency, .emergencyUsed(unrecorded)) {
      telling = unrecorded
    }
  }

  private mutating func begin(_ token: String, _ person: PersonView) {
    guard let entry = view.signIn, entry.step == .waiting else {
      // Whoever began it has left: nobody stays signed in by it.
      ask(.signOut, .signOut(session: token))
      session = nil
      view.person = nil
      return
    }
    session = Session(token: token, badge: entry.badge)
    view.person = person
    view.signIn = nil
    tell(PanelNotice(.signedIn, .signedIn, name: person.login))
  }

  private mutating func hear(_ refusal: ServiceRefusal, to about: PanelRequest.About) {
    var keepsSession = true
    switch about {
    case .signIn, .stepUp:
      if view.signIn?.step == .waiting { view.signIn?.step = .pin }
      keepsSession = about == .signIn || refusal.reason != .notSignedIn
    case .agree:
      view.update.refused()
      if refusal.reason == .needsStepUp, let session {
        view.signIn = SignInEntry(again: session.badge)
      }
      keepsSession = refusal.reason != .notSignedIn
    default: keepsSession = refusal.reason != .notSignedIn
    }
    tell(PanelNotice(refusal))
    guard !keepsSession else { return }
    session = nil
    view.person = nil
    if about == .stepUp { leaveSignIn() }
  }

  private mutating func tell(_ notice: PanelNotice) {
    view.notice = notice
    view.noticeUntil = view.now + PanelNotice.lifetime
  }

  @discardableResult
  private mutating func ask(_ about: PanelRequest.About, _ request: ServiceRequest) -> Bool {
    ask(PanelRequest(about, request))
  }

  @discardableResult
  private mutating func ask(_ request: PanelRequest) -> Bool {
    guard requests.count < Self.mostRequests else {
      tell(PanelNotice(ServiceRefusal(.busy)))
      return false
    }
    requests.append(request)
    return true
  }

  // MARK: People

  private mutating func leaveSignIn() {
    pin.wipe()
    view.signIn = nil
  }

  // RC-131 SRS-202 SEC-015: signing off is no command and takes no alarm away.
  private mutating func signOff(_ why: Phrase) {
    guard let session else { return }
    ask(.signOut, .signOut(session: session.token))
    self.session = nil
    view.person = nil
    view.editor = nil
    view.proposals = nil
    leaveSignIn()
    tell(PanelNotice(.signedOff, why))
  }

  private mutating func press(_ pressed: PanelKeys, signingIn entry: SignInEntry) {
    var entry = entry
    let outcome = entry.press(pressed, &pin)
    view.signIn = entry
    switch outcome {
    case .open: break
    case .left: leaveSignIn()
    case .tooShort: tell(PanelNotice(.notSignedIn, .pinDigits))
    case .done:
      let packet = pin.packet(
        badge: entry.badge, session: entry.isStepUp ? session?.token : nil)
      pin.wipe()
      view.signIn?.given = 0
      view.signIn?.isChanging = false
      guard let packet, !entry.isStepUp || session != nil else { return leaveSignIn() }
      if ask(PanelRequest(entry.isStepUp ? .stepUp : .signIn, packet: packet)) {
        view.signIn?.step = .waiting
      }
    }
  }

  private mutating func press(_ pressed: PanelKeys, on page: ProposalPage) {
    var page = page
    let outcome = page.press(pressed)
    view.proposals = page
    switch outcome {
    case .open: break
    case .left: view.proposals = nil
    case .take(let proposal):
      view.proposals = nil
      guard let session else { return tell(PanelNotice(ServiceRefusal(.notSignedIn))) }
      number &+= 1
      // SRS-206: taken like an order that was keyed in; START and CONFIRM are still to come.
      ask(
        .take,
        .takeProposal(session: session.token, proposal: proposal, number: Swift.max(1, number)))
    }
  }

  private mutating func press(_ pressed: PanelKeys) -> Action? {
    // SRS-086: audio is paused without a status.
    if pressed == .silence { return toController(.silence) }
    guard let status = view.current else { return nil }
    if view.lock.locked && pressed != .pause {
      view.lock.press(pressed, now: view.now)
      return nil
    }
    // SRS-095: a covered order is dropped.
    // A key acts on the screen that is seen: an order hidden by a read-back or an alarm is dropped.
    let covered = Screens.shownAlarm(view, status) != nil || Screens.readsBack(status)
    if covered {
      view.editor = nil
      view.menu = nil
      view.proposals = nil
      leaveSignIn()
    }
    if let entry = view.signIn {
      guard pressed == .pause else {
        self.press(pressed, signingIn: entry)
        return nil
      }
      leaveSignIn()
    }
    if let page = view.proposals {
      guard pressed == .pause else {
        self.press(pressed, on: page)
        return nil
      }
      view.proposals = nil
    }
    if let menu = view.menu {
      // PAUSE pauses from everywhere but an order that is being keyed in.
      guard pressed == .pause else {
        self.press(pressed, in: menu)
        return nil
      }
      view.menu = nil
    }
    if var editor = view.editor {
      let outcome = editor.press(pressed)
      switch outcome {
      case .editing:
        view.editor = editor
        return nil
      case .left:
        view.editor = nil
        return nil
      case .done(let draft):
        view.editor = nil
        return toService(.program, draft: draft)
      }
    }
    if !covered, let offer = view.offer {
      switch view.update.press(pressed, on: offer, at: view.now) {
      case .taken: return nil
      case .agreed(let image):
        // SRS-205: the service sees whose session it is.
        ask(.agree, .agreeUpdate(session: session?.token, image: image.hex))
        return nil
      case .passed: break
      }
    }
    switch pressed {
    case .pause:
      return Screens.readsBack(status)
        ? toService(.cancel) : toController(.pause)
    case .start: return toService(.start)
    case .ok: return ok(status)
    case .left:
      if !covered { view.menu = PanelMenu(menuItems) }
      return nil
    default: return nil
    }
  }

  private mutating func press(_ pressed: PanelKeys, in menu: PanelMenu) {
    var menu = menu
    switch menu.press(pressed, events: view.history.events.count) {
    case .open: view.menu = menu
    case .left: view.menu = nil
    case .otherLanguage:
      view.language = view.language == .english ? .german : .english
      view.menu = menu
    case .lock:
      view.menu = nil
      view.lock.lock()
    case .person:
      view.menu = nil
      if session != nil {
        signOff(.signedOff)
      } else {
        view.signIn = SignInEntry()
      }
    case .proposals:
      view.menu = nil
      guard let session else { return tell(PanelNotice(ServiceRefusal(.notSignedIn))) }
      ask(.proposals, .proposals(session: session.token))
    }
  }

  /// A pump without people has nobody to sign in; one without proposals has none to show.
  private var menuItems: [PanelMenu.Item] {
    var items = PanelMenu.plain
    guard let news = view.freshNews else { return session == nil ? items : [.person] + items }
    if news.hasPeople { items.insert(.person, at: 0) }
    if news.proposals > 0 { items.insert(.proposals, at: news.hasPeople ? 1 : 0) }
    return items
  }

  private mutating func ok(_ status: ControlStatus) -> Action? {
    // An alarm whose condition lasts, such as running on battery, must not keep the order from being
    // keyed in; only what can be cleared, or takes the screen, is cleared.
    let clearable = view.alarms.subtracting(status.conditions)
    // What stands on the screen is what is seen.
    if !view.update.alarms.isEmpty, AlarmTable.foremost(of: view.alarms) == .updateReturned {
      answer = UpdateAnswer(.seen)
      return nil
    }
    if Screens.shownAlarm(view, status) != nil || !clearable.subtracting(view.update.alarms).isEmpty
    {
      return toService(.clear)
    }
    switch status.state {
    case .standby, .programmed, .infusing:
      view.editor = OrderEditor(from: status.held)
      return nil
    case .awaitingConfirm, .starting, .kvo, .paused, .relieving, .halted, .faulted:
      return nil
    }
  }

  // SRS-094: the panel asks only what it may.
  private mutating func toController(_ kind: CommandKind) -> Action {
    Action(command: next(kind, from: .panel), route: .controller)
  }

  /// Without a session as a frame, which waits for no people; with one under its name.
  // SRS-200 SRS-207: what a person asks for at the panel goes with their session.
  private mutating func toService(_ kind: CommandKind, draft: PrescriptionDraft? = nil) -> Action? {
    let command = next(kind, from: .panel, draft: draft)
    // RC-009 SRS-087: the controller holds the emergency limits itself.
    if view.isServiceLost {
      if kind == .program || kind == .start { unrecorded += 1 }
      return Action(command: command, route: .controller)
    }
    if !view.serviceAlive { tell(PanelNotice(ServiceRefusal(.unavailable))) }
    guard let session else { return Action(command: command, route: .service) }
    ask(
      .command,
      .command(
        kind, number: Swift.max(1, command.number), draft: draft, session: session.token,
        emergency: false))
    return nil
  }

  private mutating func next(
    _ kind: CommandKind, from origin: CommandOrigin, draft: PrescriptionDraft? = nil
  ) -> Command {
    number &+= 1
    return Command(kind, from: origin, number: number, draft: draft)
  }
}
