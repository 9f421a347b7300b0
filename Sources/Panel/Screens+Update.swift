// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

extension Screens {
  /// An update that waits: which version runs, which would, and what the keys do.
  static func updateScreen(_ canvas: inout Canvas, _ view: PanelView, _ offer: UpdateNotice) {
    let language = view.language
    canvas.text("> \(offer.candidate.text)", x: 1, y: 29)
    if view.update.asked != nil {
      canvas.text(Phrase.install.text(language), x: 1, y: 11)
      let time = offer.kind == .firmware ? Phrase.atNextStart : .atOnce
      canvas.text(time.text(language), x: 1, y: 38)
      canvas.text(Phrase.yesOrNo.text(language), x: 1, y: 47)
      return
    }
    let title: Phrase =
      switch offer.kind {
      case .firmware: .updateWaits
      case .drugLibrary: .libraryWaits
      case .configuration: .configurationWaits
      }
    canvas.text(title.text(language), x: 1, y: 11)
    canvas.text(offer.running.text, x: 1, y: 20)
    let way = offer.needsPower ? Phrase.mainsFirst : .startOrLater
    canvas.text(way.text(language), x: 1, y: 38)
    // Care comes first: an order can be keyed in as ever.
    canvas.text(Phrase.pressToProgram.text(language), x: 1, y: 47)
  }
}
