// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

extension Screens {
  /// The order that is being keyed in.
  static func editorScreen(_ canvas: inout Canvas, _ editor: OrderEditor, _ language: Language) {
    if editor.field == .check, let field = editor.changedLargely, let held = editor.held {
      checkScreen(&canvas, editor, field, held, language)
      return
    }
    let draft = editor.draft
    func line(_ field: OrderEditor.Field, _ name: Phrase, _ value: String, y: Int) {
      canvas.text((editor.field == field ? ">" : " ") + name.text(language), x: 1, y: y)
      canvas.text(value, right: 127, y: y)
    }
    line(.syringe, .syringe, "\(draft.syringe.rawValue) mL", y: 13)
    line(.rate, .rate, "\(Figures.rate(draft.rate)) mL/h", y: 24)
    line(.vtbi, .vtbi, "\(Figures.exact(draft.vtbi)) mL", y: 35)
    if editor.field != .syringe {
      let step = Figures.decimal(editor.step, per: 1_000_000, places: 2)
      canvas.text("\(Phrase.step.text(language)) \(step)", x: 1, y: 46)
    }
    canvas.text(Phrase.nextOrBack.text(language), x: 1, y: 56)
  }

  // RC-100: the value that is held and the value keyed in, one above the other, and the factor.
  private static func checkScreen(
    _ canvas: inout Canvas, _ editor: OrderEditor, _ field: OrderEditor.Field,
    _ held: PrescriptionDraft, _ language: Language
  ) {
    let old: Int64
    let new: Int64
    let texts: (String, String)
    if field == .rate {
      (old, new) = (held.rate.native, editor.draft.rate.native)
      texts = ("\(Figures.exact(held.rate)) mL/h", "\(Figures.exact(editor.draft.rate)) mL/h")
    } else {
      (old, new) = (held.vtbi.native, editor.draft.vtbi.native)
      texts = ("\(Figures.exact(held.vtbi)) mL", "\(Figures.exact(editor.draft.vtbi)) mL")
    }
    let grows = new > old
    let factor = grows ? new / Swift.max(old, 1) : old / Swift.max(new, 1)
    canvas.centred(Phrase.bigChange.text(language), y: 11)
    let name = field == .rate ? Phrase.rate : .vtbi
    canvas.text("\(name.text(language)) \(texts.0)", x: 1, y: 21)
    canvas.text("> \(texts.1)", x: 1, y: 30, scale: 1)
    canvas.text(
      "\(factor) \((grows ? Phrase.timesMore : .timesLess).text(language))", x: 1, y: 41)
    canvas.fill(x: 0, y: 54, width: 128, height: 10)
    canvas.text(Phrase.again.text(language), x: 1, y: 56, inverted: true)
  }
}
