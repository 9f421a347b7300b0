// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// The simulated pump's one program.
@main
struct PumpSim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pump-sim",
    abstract: "The simulated twin of ReferencePump. Not a medical device; never for a patient.",
    discussion: """
      Exit codes: 0 done and as expected, 1 an expectation was not met or a replay differs, \
      2 bad usage or bad input.
      """,
    version: "pump-sim 0.1.0",
    subcommands: [Up.self, Run.self, ReplayCommand.self, Knobs.self, Interfaces.self, Version.self])

  /// Bad usage ends with 2, like every other bad input; the library's own code for it is 64.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      let code = exitCode(for: error)
      guard code == .validationFailure else { exit(withError: error) }
      Terminal.complain(fullMessage(for: error))
      Foundation.exit(2)
    }
  }
}

/// Says which program this is.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print the version.")

  func run() { print(PumpSim.configuration.version) }
}

/// What goes to standard error.
enum Terminal {
  static func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Overwrites the line that a person watches; ends it when `text` is empty.
  static func show(_ text: String) {
    FileHandle.standardError.write(Data(("\r\u{1b}[K" + text).utf8))
  }

  static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }
}
