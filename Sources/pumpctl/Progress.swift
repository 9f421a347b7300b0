// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Says at a terminal that something goes on, once it has taken two seconds, and wipes that away at its end.
///
/// It writes to the standard error, and nothing when that is no terminal: what a program reads has no such lines.
// SRS-243: nobody waits in front of a still screen.
final class Progress {
  private let what: String
  private let isShown = isatty(2) == 1
  private var start = ContinuousClock.now
  private var told = 0
  private var amount = ""

  init(_ what: String) { self.what = what }

  /// Called as often as there is something to say, several times a second.
  func tick(_ amount: String = "") {
    let seconds = Int((ContinuousClock.now - start).components.seconds)
    guard isShown, seconds >= 2, seconds != told else { return }
    told = seconds
    write("\r\u{1b}[K\(what), \(amount.isEmpty ? "" : "\(amount), ")\(seconds) s")
  }

  /// Makes place for a line of output.
  func pause() {
    if told > 0 { write("\r\u{1b}[K") }
    (start, told) = (.now, 0)
  }

  func end() { pause() }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
