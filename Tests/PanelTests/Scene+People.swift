// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import Panel
import ServiceAPI
import Testing
import Units

/// Screens of people, and of what the service refuses.
extension Scene {
  static let nurse = PersonView(number: 2, login: "nurse", role: "clinician", active: true)
  static let token = String(repeating: "5a", count: 32)
  static let proposals = [
    ProposalView(
      number: 7, from: "ward-3.hospital.test", secondsLeft: 850,
      draft: order(rate: .microlitresPerHour(12_500))),
    ProposalView(
      number: 8, from: "ward-3.hospital.test", secondsLeft: 120, draft: order(rate: .mLPerHour(8))),
  ]

  static let people: [Scene] = [
    keyed("setup-code", PanelNews(hasPeople: false, code: "H7KQ2MZ9RA")),
    keyed("nobody-signed-in", PanelNews(hasPeople: true)),
    keyed("menu-people", PanelNews(hasPeople: true, proposals: 2), [.left]),
    keyed("sign-in-badge", PanelNews(hasPeople: true), toBadge + badge + [.up, .up]),
    keyed("sign-in-pin", PanelNews(hasPeople: true), toPIN + pin.dropLast()),
    keyed("sign-in-wait", PanelNews(hasPeople: true), toPIN + pin),
    keyed("sign-in-short", PanelNews(hasPeople: true), toPIN + [.up, .right, .ok]),
    keyed(
      "sign-in-wrong", PanelNews(hasPeople: true), toPIN + pin,
      .refused(ServiceRefusal(.wrongSecret))),
    keyed(
      "sign-in-throttled", PanelNews(hasPeople: true), toPIN + pin,
      .refused(ServiceRefusal(.wait, milliseconds: 7_200))),
    keyed(
      "signed-in", PanelNews(hasPeople: true, proposals: 2), toPIN + pin,
      .session(token, person: nurse)),
    keyed("emergency-order", PanelNews(hasPeople: true), [.ok, .ok]),
    order("order-waits", proposals),
    order("order-none", []),
    refused("beyond-emergency", .beyondEmergencyLimits),
    refused("not-permitted", .notPermitted),
  ]

  /// Keys from the standby screen into the fields of the sign-in.
  static let toBadge: [PanelKeys] = [.left, .ok]
  static let badge: [PanelKeys] = [.up, .right, .right, .up, .up, .up, .up, .right]
  static let toPIN: [PanelKeys] = toBadge + badge + [.ok]
  /// 7 3 9 1 5 4.
  static let pin: [PanelKeys] =
    [.down, .down, .down, .right, .up, .up, .up, .right, .down, .right, .up, .right]
    + Array(repeating: .up, count: 5) + [.right] + Array(repeating: .up, count: 4) + [.ok]

  /// What the panel shows in standby after these keys, each answered with `answer` where one is given.
  private static func keyed(
    _ name: String, _ news: PanelNews, _ keys: [PanelKeys] = [], _ answer: ServiceAnswer? = nil
  ) -> Scene {
    var desk = PanelWithService(news: news)
    desk.answers = answer
    for key in keys { desk.press(key) }
    desk.core.view.now = desk.now + .milliseconds(400)
    return Scene(name: name, view: desk.core.view)
  }

  private static func order(_ name: String, _ list: [ProposalView]) -> Scene {
    var scene = scene(name, .standby)
    scene.view.proposals = ProposalPage(list, at: now - .seconds(20))
    return scene
  }

  private static func refused(_ name: String, _ reason: ServiceRefusal.Reason) -> Scene {
    var scene = scene(name, .standby)
    scene.view.notice = PanelNotice(ServiceRefusal(reason))
    scene.view.noticeUntil = now + .seconds(3)
    return scene
  }
}

/// A panel between an idle pump and a service that answers as it is told to.
struct PanelWithService {
  var core = PanelCore(now: Scene.now)
  var now = Scene.now
  var status: ControlStatus
  var news: PanelNews?
  /// The answer to every request but for news; nil for none.
  var answers: ServiceAnswer?
  /// What was asked, but for news.
  var asked: [(about: PanelRequest.About, request: ServiceRequest?)] = []
  var sent: [PanelCore.Action] = []

  init(_ state: TherapyState = .standby, news: PanelNews? = PanelNews(hasPeople: true)) {
    status = Scene.status(state)
    self.news = news
    core.view.serviceAlive = true
    step([])
  }

  mutating func step(_ keys: PanelKeys) {
    core.view.control = status
    core.view.controlAt = now
    if let action = core.step(keys: keys, now: now) { sent.append(action) }
    while let request = core.takeRequest() {
      if request.about == .news {
        if let news { core.hear(.panel(news), to: .news, at: now) }
        continue
      }
      asked.append((request.about, try? ServiceRequest(request.bytes)))
      if let answers { core.hear(answers, to: request.about, at: now) }
    }
    now = now + .milliseconds(20)
  }

  mutating func press(_ keys: PanelKeys) {
    for _ in 0..<2 { step(keys) }
    for _ in 0..<2 { step([]) }
  }

  mutating func wait(_ time: Interval) {
    let end = now + time
    while now < end { step([]) }
  }

  /// Signs in as a nurse.
  mutating func signIn(_ person: PersonView = Scene.nurse) {
    answers = .session(Scene.token, person: person)
    for key in Scene.toPIN + Scene.pin { press(key) }
    answers = nil
    asked = []
  }

  var picture: Picture { Picture(Screens.draw(core.view)) }
}
