// SPDX-License-Identifier: Apache-2.0

import Alarms
public import DeviceInterface
import Domain
import Units

/// The panel's screens: one function from a view to a picture.
public enum Screens {
  /// Draws what the view says. The same view gives the same points on every machine.
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
      // RC-001: what CONFIRM would start stands on the screen, whatever is being keyed in.
      readBack(&canvas, view, status)
    } else if let editor = view.editor {
      editorScreen(&canvas, editor)
    } else {
      body(&canvas, view, status)
    }
    return canvas.picture
  }

  /// Something waits for the CONFIRM key.
  static func readsBack(_ status: ControlStatus) -> Bool {
    status.state == .awaitingConfirm || status.pending != nil
  }

  /// The alarm that takes the screen: not one that stops nothing while something is read back.
  static func shownAlarm(_ view: PanelView, _ status: ControlStatus) -> AlarmID? {
    guard let alarm = AlarmTable.foremost(of: view.alarms) else { return nil }
    let row = AlarmTable.row(alarm)
    if readsBack(status) { return row.stops ? alarm : nil }
    let stopped = status.state == .halted || status.state == .faulted
    return row.priority == .high || stopped ? alarm : nil
  }

  // MARK: Parts

  private static func header(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    canvas.fill(x: 0, y: 0, width: 128, height: 9)
    canvas.text(word(for: status.state), x: 1, y: 1, inverted: true)
    // RC-030: a simulated pump says so on every screen.
    let mark = status.simulated ? "SIM" : ""
    canvas.text(mark, x: 60, y: 1, inverted: true)
    var power = status.mains ? "AC" : "BAT"
    if let battery = status.battery { power += " \(battery.partsPerMillion / 10_000)%" }
    canvas.text(power, x: 127 - Canvas.width(of: power), y: 1, inverted: true)
  }

  private static func word(for state: TherapyState) -> String {
    switch state {
    case .standby: "STANDBY"
    case .programmed: "READY"
    case .awaitingConfirm: "CONFIRM?"
    case .starting: "STARTING"
    case .infusing: "INFUSING"
    case .kvo: "KVO"
    case .paused: "PAUSED"
    case .relieving: "RELIEVING"
    case .halted: "STOPPED"
    case .faulted: "FAULT"
    }
  }

  private static func body(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    guard let held = status.held else {
      canvas.centred("No infusion", y: 18)
      canvas.centred("Press OK to program", y: 32)
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
      canvas.text("P no reading", x: 1, y: 46)
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
      line = "! " + AlarmTable.row(alarm).text.description
    } else if !view.serviceAlive {
      line = "! Service lost"
    } else {
      switch status.state {
      case .standby: line = "Not for patient use"
      case .programmed: line = "START to read back"
      case .starting: line = "Checking..."
      case .infusing, .kvo: line = status.held?.drug.text ?? ""
      case .paused: line = "START to resume"
      case .awaitingConfirm, .relieving, .halted, .faulted: line = ""
      }
    }
    canvas.text(line, x: 1, y: 56)
  }

  /// What will run if CONFIRM is pressed: the held prescription, or the pending change of it.
  private static func readBack(_ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus) {
    guard let order = status.pending ?? status.held else { return }
    // RC-005: every figure that is held, for two orders that differ must not read alike.
    let rate = "\(Figures.exact(order.rate)) mL/h"
    let scale = Canvas.width(of: rate, scale: 2) < FrameBuffer.width ? 2 : 1
    canvas.text(rate, x: 1, y: 11, scale: scale)
    canvas.text("VTBI \(Figures.exact(order.vtbi)) mL", x: 1, y: 28)
    canvas.text("Syringe \(order.syringe.rawValue) mL", x: 1, y: 37)
    canvas.text(order.drug.text, x: 1, y: 46)
    var prompt = "Press CONFIRM"
    if let deadline = status.confirmDeadline {
      let left = Swift.max(0, (deadline - view.now).milliseconds + 999) / 1_000
      prompt += " \(left)s"
    }
    canvas.fill(x: 0, y: 55, width: 128, height: 9)
    canvas.centred(prompt, y: 56, inverted: true)
  }

  private static func alarmScreen(
    _ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus, _ alarm: AlarmID
  ) {
    let row = AlarmTable.row(alarm)
    canvas.frame(x: 0, y: 10, width: 128, height: 38)
    canvas.text(priorityMark(row.priority), x: 3, y: 12)
    canvas.text(row.text.description, x: 2, y: 22)
    let (first, second) = split(row.remedy.description, at: 20)
    canvas.text(first, x: 3, y: 31)
    canvas.text(second, x: 3, y: 39)
    if status.audioPausedUntil.map({ $0 > view.now }) ?? false {
      canvas.text("audio paused", right: 125, y: 12)
    }
    let line =
      status.state.delivers
      ? "\(Figures.rate(status.commandedRate)) mL/h"
      : "Given \(Figures.volume(status.delivered)) mL"
    canvas.text(line, x: 1, y: 49)
    canvas.text("OK clear  SILENCE", x: 1, y: 57)
  }

  private static func priorityMark(_ priority: AlarmPriority) -> String {
    switch priority {
    case .high: "!!! HIGH"
    case .medium: "!! MEDIUM"
    case .low: "! LOW"
    }
  }

  private static func editorScreen(_ canvas: inout Canvas, _ editor: OrderEditor) {
    let draft = editor.draft
    func line(_ field: OrderEditor.Field, _ name: String, _ value: String, y: Int) {
      canvas.text((editor.field == field ? ">" : " ") + name, x: 1, y: y)
      canvas.text(value, right: 127, y: y)
    }
    line(.syringe, "Syringe", "\(draft.syringe.rawValue) mL", y: 13)
    line(.rate, "Rate", "\(Figures.rate(draft.rate)) mL/h", y: 24)
    line(.vtbi, "VTBI", "\(Figures.exact(draft.vtbi)) mL", y: 35)
    if editor.field != .syringe {
      canvas.text("Step \(Figures.decimal(editor.step, per: 1_000_000, places: 2))", x: 1, y: 46)
    }
    canvas.text("OK next  PAUSE back", x: 1, y: 56)
  }

  private static func noController(_ canvas: inout Canvas, _ view: PanelView) {
    canvas.frame(x: 0, y: 0, width: 128, height: 64)
    canvas.centred("NO CONTROLLER", y: 8)
    canvas.centred("Delivery not known", y: 24)
    canvas.centred("Check the patient,", y: 36)
    canvas.centred("clamp the line", y: 46)
    // RC-030: as far as the controller ever said so.
    if view.control?.simulated ?? false { canvas.centred("SIM", y: 55) }
  }

  /// Cuts a text at a space so that the first part has at most `limit` letters.
  static func split(_ text: String, at limit: Int) -> (String, String) {
    guard text.utf8.count > limit else { return (text, "") }
    let head = text.prefix(limit + 1)
    guard let space = head.lastIndex(of: " ") else {
      return (String(text.prefix(limit)), String(text.dropFirst(limit)))
    }
    return (String(text[..<space]), String(text[text.index(after: space)...]))
  }
}
