// SPDX-License-Identifier: Apache-2.0

import Alarms
public import DeviceInterface
import Domain
import Units

/// The panel's screens: one function from a view to a picture.
public enum Screens {
  /// Draws what the view says. The same view gives the same points on every machine.
  // RC-094 SRS-089: rates carry their unit.
  // RC-005: the only source of every figure below is the status the controller reported.
  public static func draw(_ view: PanelView) -> FrameBuffer {
    var canvas = Canvas()
    guard let status = view.current else {
      noController(&canvas, view)
      return canvas.picture
    }
    header(&canvas, view, status)
    if let alarm = shownAlarm(view, status) {
      alarmScreen(&canvas, view, status, alarm)
    } else if readsBack(status) {
      // RC-001 SRS-017: what CONFIRM would start stands on the screen, whatever is being keyed in.
      readBack(&canvas, view, status)
    } else if let editor = view.editor {
      editorScreen(&canvas, editor, view.language)
      // RC-130 SRS-203: who is not signed in sees that the order is an emergency's.
      if view.isEmergency, editor.field != .check {
        canvas.text(Phrase.emergency.text(view.language), right: 127, y: 46)
      }
    } else if let entry = view.signIn {
      signInScreen(&canvas, view, entry)
    } else if let menu = view.menu {
      menuScreen(&canvas, view, status, menu)
    } else if let page = view.proposals {
      proposalScreen(&canvas, view, page)
    } else if let offer = view.offer {
      updateScreen(&canvas, view, offer)
      footer(&canvas, view, status)
    } else {
      body(&canvas, view, status)
    }
    lockHint(&canvas, view, status)
    noticeLines(&canvas, view, status)
    return canvas.picture
  }

  /// Something waits for the CONFIRM key.
  static func readsBack(_ status: ControlStatus) -> Bool {
    status.state == .awaitingConfirm || status.pending != nil
  }

  /// The alarm that takes the screen: not one that stops nothing while something is read back.
  // RC-090 SRS-085: the alarm and its remedy are shown.
  static func shownAlarm(_ view: PanelView, _ status: ControlStatus) -> AlarmID? {
    guard var alarm = AlarmTable.foremost(of: view.alarms) else { return nil }
    // SRS-214: the cause before its consequences, such as a monitor that was not started.
    if view.alarms.contains(.softwareUnproved) { alarm = .softwareUnproved }
    let row = AlarmTable.row(alarm)
    if readsBack(status) { return row.stops ? alarm : nil }
    let stopped = status.state == .halted || status.state == .faulted
    return row.priority == .high || stopped ? alarm : nil
  }

  // MARK: Parts

  private static func header(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    canvas.fill(x: 0, y: 0, width: 128, height: 9)
    canvas.text(word(for: status.state, view.language), x: 1, y: 1, inverted: true)
    // RC-030 SRS-092: a simulated pump says so on every screen.
    let mark = status.simulated ? "SIM" : ""
    canvas.text(mark, x: 60, y: 1, inverted: true)
    var power = status.mains ? "AC" : "BAT"
    if let battery = status.battery { power += " \(battery.partsPerMillion / 10_000)%" }
    canvas.text(power, x: 127 - Canvas.width(of: power), y: 1, inverted: true)
  }

  static func word(for state: TherapyState, _ language: Language) -> String {
    let phrase: Phrase =
      switch state {
      case .standby: .standby
      case .programmed: .ready
      case .awaitingConfirm: .confirming
      case .starting: .starting
      case .infusing: .infusing
      case .kvo: .kvo
      case .paused: .paused
      case .relieving: .relieving
      case .halted: .stopped
      case .faulted: .fault
      }
    return phrase.text(language)
  }

  /// How to unlock, where it hides nothing that asks for a key.
  private static func lockHint(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    guard let until = view.lock.hintUntil, view.now < until, !readsBack(status) else { return }
    canvas.fill(x: 0, y: 46, width: 128, height: 18)
    canvas.centred(Phrase.locked.text(view.language), y: 47, inverted: true)
    canvas.centred(Phrase.toUnlock.text(view.language), y: 56, inverted: true)
  }

  private static func body(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    guard let held = status.held else {
      canvas.centred(Phrase.noInfusion.text(view.language), y: 18)
      canvas.centred(Phrase.pressToProgram.text(view.language), y: 32)
      peopleLines(&canvas, view)
      footer(&canvas, view, status)
      return
    }
    let rate = status.state.delivers ? status.commandedRate : held.rate
    let figure = Figures.rate(rate)
    // Up to "12.5" the unit has room beside the largest figures; it is never left out for them.
    let scale = figure.utf8.count <= 4 ? 3 : 2
    canvas.text(figure, x: 1, y: 33 - 7 * scale, scale: scale)
    canvas.text("mL/h", x: 4 + Canvas.width(of: figure, scale: scale), y: 26)
    motion(&canvas, view, status)
    let volume = "\(Figures.volume(status.delivered))/\(Figures.volume(held.vtbi)) mL"
    canvas.text(volume, x: 1, y: 36)
    canvas.text(Figures.time(status.timeRemaining), right: 127, y: 36)
    if status.uncertainty > .zero {
      canvas.text("+\(Figures.volume(status.uncertainty)) mL?", right: 127, y: 12)
    }
    if let pressure = status.pressure {
      canvas.text("P", x: 1, y: 46)
      canvas.bar(
        x: 9, y: 46, width: 70, height: 7, part: pressure.pascals, of: held.occlusion.pascals)
      canvas.text("\(pressure.millimetresOfMercury)mmHg", right: 127, y: 46)
    } else {
      canvas.text(Phrase.noReading.text(view.language), x: 1, y: 46)
    }
    footer(&canvas, view, status)
  }

  /// A drop that moves while fluid does: three marks that shift twice a second.
  private static func motion(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    guard status.state.delivers else { return }
    let phase = Int((view.now.nanoseconds / 500_000_000) % 3)
    for mark in 0..<3 {
      canvas.text(mark == phase ? ">" : "-", x: 110 + 6 * mark, y: 26)
    }
  }

  private static func footer(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    let line: String
    if let alarm = AlarmTable.foremost(of: view.alarms) {
      line = "! " + AlarmTable.row(alarm).text[view.language].description
    } else if !view.serviceAlive {
      line = "! " + Phrase.serviceLost.text(view.language)
    } else {
      switch status.state {
      case .standby:
        let waits = view.update.notice?.stage == .agreed
        line = (waits ? Phrase.restartToUpdate : .notForPatients).text(view.language)
      case .programmed: line = Phrase.startReadsBack.text(view.language)
      case .starting: line = Phrase.checking.text(view.language)
      case .infusing, .kvo: line = status.held?.drug.text ?? ""
      case .paused: line = Phrase.startResumes.text(view.language)
      case .awaitingConfirm, .relieving, .halted, .faulted: line = ""
      }
    }
    canvas.text(line, x: 1, y: 56)
  }

  /// What will run if CONFIRM is pressed: the held prescription, or the pending change of it.
  private static func readBack(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    guard let order = status.pending ?? status.held else { return }
    // RC-005 SRS-016: every figure that is held, for two orders that differ must not read alike.
    let rate = "\(Figures.exact(order.rate)) mL/h"
    let scale = Canvas.width(of: rate, scale: 2) < FrameBuffer.width ? 2 : 1
    canvas.text(rate, x: 1, y: 11, scale: scale)
    canvas.text("VTBI \(Figures.exact(order.vtbi)) mL", x: 1, y: 28)
    canvas.text("\(Phrase.syringe.text(view.language)) \(order.syringe.rawValue) mL", x: 1, y: 37)
    canvas.text(order.drug.text, x: 1, y: 46)
    var prompt = Phrase.pressConfirm.text(view.language)
    if let deadline = status.confirmDeadline {
      let left = Swift.max(0, (deadline - view.now).milliseconds + 999) / 1_000
      prompt += " \(left)s"
    }
    canvas.fill(x: 0, y: 55, width: 128, height: 9)
    canvas.centred(prompt, y: 56, inverted: true)
  }

  private static func noController(_ canvas: inout Canvas, _ view: PanelView) {
    canvas.frame(x: 0, y: 0, width: 128, height: 64)
    canvas.centred(Phrase.noController.text(view.language), y: 8)
    if let verdict = view.verdict, !verdict.isProved {
      canvas.centred(why(verdict, view.language), y: 16)
    }
    canvas.centred(Phrase.deliveryUnknown.text(view.language), y: 24)
    canvas.centred(Phrase.checkPatient.text(view.language), y: 36)
    canvas.centred(Phrase.clampLine.text(view.language), y: 46)
    // RC-030: as far as the controller ever said so.
    if view.control?.simulated ?? false { canvas.centred("SIM", y: 55) }
  }
}
