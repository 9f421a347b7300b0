// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import ServiceAPI
import Units

extension Screens {
  /// The menu and its pages.
  static func menuScreen(
    _ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus, _ menu: PanelMenu
  ) {
    switch menu.page {
    case .items: items(&canvas, view, menu)
    case .history(let first): history(&canvas, view, from: first)
    case .device: device(&canvas, view, status)
    }
  }

  private static func items(_ canvas: inout Canvas, _ view: PanelView, _ menu: PanelMenu) {
    var y = 12
    // Four lines, the chosen one among them.
    let chosen = menu.items.firstIndex(of: menu.chosen) ?? 0
    for item in menu.items.dropFirst(Swift.max(0, chosen - 3)).prefix(4) {
      let name: Phrase =
        switch item {
        case .history: .history
        case .device: .device
        case .language: .language
        case .lock: .lockKeys
        case .person: view.person == nil ? .signIn : .signOff
        case .proposals: .ordersWait
        }
      var line = (item == menu.chosen ? ">" : " ") + name.text(view.language)
      if item == .person, let person = view.person { line += " \(person.login)" }
      if item == .proposals, let news = view.freshNews { line += ": \(news.proposals)" }
      canvas.text(cut(line), x: 1, y: y)
      y += 10
    }
    canvas.text(Phrase.chooseOrLeave.text(view.language), x: 1, y: 56)
  }

  /// Two events: how long ago and what, then which exactly.
  private static func history(_ canvas: inout Canvas, _ view: PanelView, from first: Int) {
    let events = view.history.events
    if events.isEmpty { canvas.centred(Phrase.noEvents.text(view.language), y: 28) }
    var y = 11
    for event in events.dropFirst(first).prefix(2) {
      guard let heading = PanelHistory.heading(of: event) else { continue }
      canvas.text(heading.text(view.language), x: 1, y: y)
      canvas.text(Figures.age(view.now - event.at), right: 127, y: y)
      canvas.text(PanelHistory.detail(of: event, in: view.language), x: 7, y: y + 9)
      y += 21
    }
    canvas.text(Phrase.browseOrLeave.text(view.language), x: 1, y: 56)
  }

  private static func device(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    let language = view.language
    let board = status.simulated ? Phrase.simulatedBoard : .realBoard
    canvas.text(board.text(language), x: 1, y: 12)
    func line(_ name: Phrase, _ value: String, y: Int) {
      canvas.text(name.text(language), x: 1, y: y)
      canvas.text(value, right: 127, y: y)
    }
    line(.software, view.version, y: 21)
    line(.service, (view.serviceAlive ? Phrase.answers : .silent).text(language), y: 30)
    line(.missed, "\(status.missed)", y: 39)
    let lateness = Figures.decimal(status.worstLateness.nanoseconds, per: 1_000_000, places: 1)
    line(.latest, "\(lateness) ms", y: 48)
    canvas.text(Phrase.leave.text(language), x: 1, y: 57)
  }
}
