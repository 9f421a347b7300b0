// SPDX-License-Identifier: Apache-2.0

import Alarms
import Domain
import Units

extension Screens {
  /// One alarm: how urgent, what is wrong, what to do, and what the pump does meanwhile.
  static func alarmScreen(
    _ canvas: inout Canvas, _ view: PanelView, _ status: ControlStatus, _ alarm: AlarmID
  ) {
    let row = AlarmTable.row(alarm)
    let language = view.language
    canvas.frame(x: 0, y: 10, width: 128, height: 38)
    canvas.text(mark(row.priority).text(language), x: 3, y: 12)
    canvas.text(row.text[language].description, x: 2, y: 22)
    let (first, second) = split(row.remedy[language].description, at: 20)
    canvas.text(first, x: 3, y: 31)
    canvas.text(second, x: 3, y: 39)
    if status.audioPausedUntil.map({ $0 > view.now }) ?? false {
      canvas.text(Phrase.audioPaused.text(language), right: 125, y: 12)
    }
    if alarm == .softwareUnproved, let verdict = view.verdict {
      canvas.text(why(verdict, language), x: 1, y: 49)
      canvas.text(Phrase.clearOrSilence.text(language), x: 1, y: 57)
      return
    }
    let line =
      status.state.delivers
      ? "\(Figures.rate(status.commandedRate)) mL/h"
      : "\(Phrase.given.text(language)) \(Figures.volume(status.delivered)) mL"
    canvas.text(line, x: 1, y: 49)
    canvas.text(Phrase.clearOrSilence.text(language), x: 1, y: 57)
  }

  /// Which file is not as signed, or why nothing is proved.
  // SRS-214: the panel says why.
  static func why(_ verdict: StartVerdict, _ language: Language) -> String {
    let name = verdict.name.text
    return verdict.state == .changed
      ? "\(Phrase.fileChanged.text(language)) \(name)" : name
  }

  private static func mark(_ priority: AlarmPriority) -> Phrase {
    switch priority {
    case .high: .high
    case .medium: .medium
    case .low: .low
    }
  }

  /// Cuts a text at a space so that the first part has at most `limit` letters.
  static func split(_ text: String, at limit: Int) -> (String, String) {
    let letters = text.unicodeScalars
    guard letters.count > limit else { return (text, "") }
    let head = letters.prefix(limit + 1)
    guard let space = head.lastIndex(of: " ") else {
      return (String(letters.prefix(limit)), String(letters.dropFirst(limit)))
    }
    return (String(letters[..<space]), String(letters[letters.index(after: space)...]))
  }
}
