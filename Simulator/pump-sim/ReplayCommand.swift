// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Domain
import Foundation
import Scenarios
import Units

/// Runs the controller again on a recording.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run the controller again on a recording; it must give the same outputs bit for bit.",
    discussion: """
      Exit codes: 0 every cycle gave the recorded output, 1 one did not (the first is named), \
      2 the recording cannot be read.
      """)

  @Argument(help: "A recording.bin of `pump-sim run --out`, or a pump's own blackbox.bin.")
  var recording: String

  @Option(
    name: .customLong("last"),
    help: "Tell how late the cycles of the last so many seconds began; of all without it.")
  var lastSeconds: Int?

  @Flag(help: "Print what came of it as JSON.")
  var json = false

  func validate() throws {
    // Longer than any ring holds, and far from what an interval cannot hold.
    if let lastSeconds, !(1...86_400).contains(lastSeconds) {
      throw ValidationError("--last: 1 to 86400 seconds, not \(lastSeconds)")
    }
  }

  func run() throws {
    guard let data = FileManager.default.contents(atPath: recording) else {
      Terminal.complain("\(recording): the file cannot be read")
      throw ExitCode(2)
    }
    let outcome: Replay.Outcome
    do { outcome = try Replay.run(Array(data)) } catch {
      Terminal.complain("\(recording): \(error)")
      throw ExitCode(2)
    }
    if json { print(text(outcome)) }
    guard let cycle = outcome.firstDifference else {
      if json { return }
      let begins = outcome.beginsLate ? ", the first of which the ring still held" : ""
      let ends = outcome.endsWithin ? "; the process ended within the last" : ""
      print("reproduced  \(outcome.cycles) cycles\(begins)\(ends)")
      print(lateness(outcome).words)
      return
    }
    Terminal.complain("\(recording): cycle \(cycle) gives another output than the recorded one")
    throw ExitCode(1)
  }

  private func lateness(_ outcome: Replay.Outcome) -> Lateness {
    Lateness(outcome.wakeUps, within: lastSeconds.map { .seconds(Int64($0)) })
  }

  private func text(_ outcome: Replay.Outcome) -> String {
    let difference = outcome.firstDifference.map { "\($0)" } ?? "null"
    return "{\"reproduced\": \(outcome.firstDifference == nil), \"cycles\": \(outcome.cycles), "
      + "\"firstDifference\": \(difference), \"beginsLate\": \(outcome.beginsLate), "
      + "\"endsWithin\": \(outcome.endsWithin), \"lateness\": \(lateness(outcome).json), \"state\": \"\(outcome.status.state)\", "
      + "\"end_s\": \(Double(outcome.end.nanoseconds) / 1e9)}"
  }
}
