// SPDX-License-Identifier: Apache-2.0

import Domain
import ServiceAPI
import Units

extension Screens {
  /// A badge's number, and of its PIN a mark for each digit.
  static func signInScreen(_ canvas: inout Canvas, _ view: PanelView, _ entry: SignInEntry) {
    let language = view.language
    let title: Phrase = entry.isStepUp ? .pinAgain : entry.step == .badge ? .badge : .pin
    canvas.text(title.text(language), x: 1, y: 12)
    switch entry.step {
    case .badge:
      canvas.text(entry.badge, x: 4, y: 24, scale: 2)
      mark(&canvas, entry.pending.map { "\($0)" }, after: entry.badge.utf8.count)
      keys(&canvas, language)
    case .pin:
      canvas.text(String(repeating: "*", count: entry.given), x: 4, y: 26)
      // A key that counted shows by a flash, the same for each digit.
      let flashes = entry.isChanging && view.now - view.keyedAt < .milliseconds(250)
      let x = 4 + entry.given * Canvas.advance(1)
      if entry.isChanging {
        canvas.fill(x: x, y: 25, width: 5, height: flashes ? 9 : 3)
      } else {
        canvas.text("_", x: x, y: 27)
      }
      keys(&canvas, language)
    case .waiting: canvas.centred(Phrase.checking.text(language), y: 28)
    }
  }

  /// The digit that is being changed, or where the next one will stand.
  private static func mark(_ canvas: inout Canvas, _ digit: String?, after count: Int) {
    guard count < SignInEntry.longestBadge else { return }
    let x = 4 + count * Canvas.advance(2)
    guard let digit else { return canvas.text("_", x: x, y: 25, scale: 2) }
    canvas.fill(x: x - 1, y: 22, width: 12, height: 18)
    canvas.text(digit, x: x, y: 24, scale: 2, inverted: true)
  }

  private static func keys(_ canvas: inout Canvas, _ language: Language) {
    canvas.text(Phrase.digitKeys.text(language), x: 1, y: 46)
    canvas.text(Phrase.okOrBack.text(language), x: 1, y: 56)
  }

  /// One order that waits: from whom, what, and how long it waits yet.
  static func proposalScreen(_ canvas: inout Canvas, _ view: PanelView, _ page: ProposalPage) {
    let language = view.language
    guard let shown = page.shown else {
      canvas.centred(Phrase.noProposals.text(language), y: 28)
      canvas.text(Phrase.leave.text(language), x: 1, y: 56)
      return
    }
    canvas.text(cut("\(page.index + 1)/\(page.list.count) \(shown.from)"), x: 1, y: 11)
    let rate = "\(Figures.exact(shown.draft.rate)) mL/h"
    let isLarge = Canvas.width(of: rate, scale: 2) < 127
    canvas.text(rate, x: 1, y: isLarge ? 20 : 23, scale: isLarge ? 2 : 1)
    canvas.text("VTBI \(Figures.exact(shown.draft.vtbi)) mL", x: 1, y: 36)
    canvas.text(cut("\(shown.draft.syringe.rawValue) mL \(shown.draft.drug.text)"), x: 1, y: 45)
    let left = Swift.max(0, shown.secondsLeft - (view.now - page.heardAt).seconds)
    canvas.text(Phrase.takeOrLeave.text(language), x: 1, y: 56)
    canvas.text("\((left + 59) / 60)m", right: 127, y: 36)
  }

  /// The most of a text that a line has room for.
  static func cut(_ text: String) -> String { String(text.unicodeScalars.prefix(21)) }

  /// What the pump holds of its people, on a screen without an order.
  static func peopleLines(_ canvas: inout Canvas, _ view: PanelView) {
    guard let news = view.freshNews else { return }
    let language = view.language
    if let code = news.code {
      // SEC-012 SYS-090 SRS-151: the code stands on the panel and nowhere else.
      canvas.centred("\(Phrase.setupCode.text(language)) \(code)", y: 44)
    } else if let person = view.person {
      canvas.centred(cut(person.login), y: 44)
    } else if news.hasPeople {
      canvas.centred(Phrase.leftSignsIn.text(language), y: 44)
    }
    if news.proposals > 0 {
      canvas.centred("\(Phrase.ordersWait.text(language)): \(news.proposals)", y: 10)
    }
  }

  /// What became of what was asked, where it hides nothing that asks for a key.
  static func noticeLines(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    guard let notice = view.notice, view.now < view.noticeUntil, !readsBack(status) else { return }
    let language = view.language
    var second = notice.name.map(cut) ?? notice.second.text(language)
    if let seconds = notice.seconds { second += " \(seconds) s" }
    canvas.fill(x: 0, y: 46, width: 128, height: 18)
    canvas.centred(notice.first.text(language), y: 47, inverted: true)
    canvas.centred(second, y: 56, inverted: true)
  }
}
