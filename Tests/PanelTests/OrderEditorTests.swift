// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import Panel
import Testing
import Units

@Suite struct OrderEditorTests {
  /// Presses keys one after the other and returns the last outcome.
  @discardableResult
  private static func press(_ keys: [PanelKeys], into editor: inout OrderEditor)
    -> OrderEditor.Outcome
  {
    var outcome = OrderEditor.Outcome.editing
    for key in keys { outcome = editor.press(key) }
    return outcome
  }

  @Test func `begins with an order that the device allows`() throws {
    let editor = OrderEditor(from: nil)
    #expect(editor.field == .syringe)
    #expect(try Prescription(editor.draft).rate == .mLPerHour(5))
  }

  @Test func `asks for syringe, rate and VTBI and then hands over the order`() {
    var editor = OrderEditor(from: nil)
    Self.press([.ok], into: &editor)
    #expect(editor.field == .rate)
    Self.press([.up, .up, .right, .up, .ok], into: &editor)
    #expect(editor.field == .vtbi)
    let outcome = Self.press([.left, .up, .ok], into: &editor)
    guard case .done(let draft) = outcome else {
      Issue.record("the last OK gave \(outcome)")
      return
    }
    #expect(draft.syringe == .mL50)
    #expect(draft.rate == .microlitresPerHour(7_100))
    #expect(draft.vtbi == .millilitres(20))
    #expect(draft.kvo == .mLPerHour(1))
  }

  @Test(.tags(.`SRS-041`)) func `SRS-041 never keeps the vein open faster than the rate`() {
    var editor = OrderEditor(
      from: PrescriptionDraft(syringe: .mL10, rate: .microlitresPerHour(50), vtbi: .millilitres(1)))
    let outcome = Self.press([.ok, .ok, .ok], into: &editor)
    guard case .done(let draft) = outcome else {
      Issue.record("the last OK gave \(outcome)")
      return
    }
    #expect(draft.kvo == .microlitresPerHour(50))
  }

  @Test func `moves between hundreds and hundredths and no further`() {
    var editor = OrderEditor(from: nil)
    Self.press([.ok] + [PanelKeys](repeating: .left, count: 9), into: &editor)
    #expect(editor.step == 100_000_000)
    Self.press([PanelKeys](repeating: .right, count: 9), into: &editor)
    #expect(editor.step == 10_000)
  }

  @Test func `does not take a step that would leave the limits`() {
    var editor = OrderEditor(from: nil)
    Self.press([.ok, .left] + [PanelKeys](repeating: .down, count: 9), into: &editor)
    #expect(editor.draft.rate == .mLPerHour(5))
    Self.press([.left] + [PanelKeys](repeating: .up, count: 20), into: &editor)
    #expect(editor.draft.rate == .mLPerHour(1_105))
  }

  @Test func `brings rate and VTBI down to what a smaller syringe allows`() {
    var editor = OrderEditor(
      from: PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(1_200), vtbi: .millilitres(50)))
    Self.press([PanelKeys](repeating: .down, count: 9), into: &editor)
    #expect(editor.draft.syringe == .mL1)
    #expect(editor.draft.rate == DeviceLimits.highestRate(for: .mL1))
    #expect(editor.draft.vtbi == .millilitres(1))
  }

  @Test func `lets go of the dose when another rate is keyed in`() {
    var held = PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(10))
    held.dosing = .absent
    var editor = OrderEditor(from: held)
    Self.press([.ok], into: &editor)
    #expect(editor.draft.dosing != nil)
    Self.press([.up], into: &editor)
    #expect(editor.draft.dosing == nil)
  }

  @Test(.tags(.`RC-091`, .`SRS-006`)) func `RC-091 SRS-006 ignores two keys at once`() {
    var editor = OrderEditor(from: nil)
    let before = editor
    #expect(editor.press([.up, .ok]) == .editing)
    #expect(editor.press([.up, .down]) == .editing)
    #expect(editor == before)
  }

  @Test func `goes back field by field and then leaves`() {
    var editor = OrderEditor(from: nil)
    Self.press([.ok, .ok, .pause], into: &editor)
    #expect(editor.field == .rate)
    Self.press([.pause], into: &editor)
    #expect(editor.field == .syringe)
    #expect(editor.press(.pause) == .left)
  }

  /// Rates in mL/h: what is held, what is keyed in, whether it is asked for again.
  @Test(
    .tags(.`RC-100`, .`SRS-123`),
    arguments: [(5, 24, false), (5, 25, true), (5, 1, true), (10, 3, false), (10, 2, true)])
  func `RC-100 SRS-123 asks again when a rate grows or falls fivefold`(
    from old: Int64, to new: Int64, asks: Bool
  ) {
    var editor = OrderEditor(
      from: PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(old), vtbi: .millilitres(10)))
    let steps = [PanelKeys](repeating: new > old ? .up : .down, count: Int(abs(new - old)))
    Self.press([.ok] + steps + [.ok], into: &editor)
    let outcome = editor.press(.ok)
    #expect((editor.field == .check) == asks)
    #expect((outcome == .editing) == asks)
    #expect(editor.draft.rate == .mLPerHour(new))
  }

  @Test(.tags(.`RC-100`, .`SRS-123`))
  func `RC-100 SRS-123 takes a large change only with a further OK, and PAUSE leads to its field`()
  {
    var editor = OrderEditor(
      from: PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(8)))
    Self.press([.ok, .ok, .left, .up, .up, .up, .up, .ok], into: &editor)
    #expect(editor.draft.vtbi == .millilitres(48))
    #expect(editor.field == .check)
    #expect(editor.press([.up]) == .editing)
    #expect(editor.draft.vtbi == .millilitres(48))
    Self.press([.pause], into: &editor)
    #expect(editor.field == .vtbi)
    Self.press([.ok], into: &editor)
    guard case .done(let draft) = editor.press(.ok) else {
      Issue.record("the second OK did not hand over")
      return
    }
    #expect(draft.vtbi == .millilitres(48))
  }

  @Test(.tags(.`RC-100`))
  func `RC-100 has nothing to compare a first order with`() {
    var editor = OrderEditor(from: nil)
    Self.press([.ok, .left, .left, .up, .ok], into: &editor)
    guard case .done = editor.press(.ok) else {
      Issue.record("a first order was asked for twice")
      return
    }
  }

  // RC-007: whatever is keyed in, an order outside the device's limits does not come about.
  @Test(.tags(.`RC-007`, .`SRS-093`))
  func `RC-007 SRS-093 keeps every one of a million random keys within the limits`() throws {
    var chance = Chance(seed: 7)
    // Arrows come more often, or the values would hardly leave their start.
    let keys: [PanelKeys] = [.up, .up, .up, .down, .down, .down, .left, .right, .ok, .pause]
    var editor = OrderEditor(from: nil)
    var orders = 0
    for _ in 0..<1_000_000 {
      let outcome = editor.press(chance.pick(from: keys))
      let draft = editor.draft
      let inside =
        draft.rate >= DeviceLimits.rate.lower
        && draft.rate <= DeviceLimits.highestRate(for: draft.syringe)
        && DeviceLimits.vtbi.contains(draft.vtbi) && draft.vtbi <= draft.syringe.capacity
      guard inside else {
        Issue.record("keyed in \(draft)")
        return
      }
      switch outcome {
      case .editing: break
      case .left: editor = OrderEditor(from: draft)
      case .done(let order):
        orders += 1
        if orders % 50 == 0 { _ = try Prescription(order) }
        editor = OrderEditor(from: order)
      }
    }
    #expect(orders > 1_000)
  }
}
