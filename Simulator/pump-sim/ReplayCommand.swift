// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Scenarios

/// Runs the controller again on a recording.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run the controller again on a recording; it must give the same outputs bit for bit.",
    discussion: """
      Exit codes: 0 every cycle gave the recorded output, 1 one did not (the first is named), \
      2 the recording cannot be read.
      """)

  @Argument(help: "A recording.bin that `pump-sim run --out` wrote.")
  var recording: String

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
    guard let cycle = outcome.firstDifference else {
      print("reproduced  \(outcome.cycles) cycles")
      return
    }
    Terminal.complain("\(recording): cycle \(cycle) gives another output than the recorded one")
    throw ExitCode(1)
  }
}
