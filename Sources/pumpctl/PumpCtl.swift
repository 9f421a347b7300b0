// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

@main
struct PumpCtl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pumpctl",
    abstract: "Ask a pump what it does, and ask it to do something.",
    discussion: """
      The pump is that of this machine, or with a profile one on a network; see 'pumpctl profile'. Over a network \
      nothing starts, raises, resumes or stops a therapy: such a command is refused and says where it is done.

      Exit codes: 0 done, 1 refused by the pump or never done over a network, 2 wrong usage or input, 3 the pump \
      cannot be reached or is not who it should be, 4 somebody has to sign in or give their secret again.

      Reference design and simulator. Not a medical device; never for a patient.
      """,
    version: "0.1.0",
    subcommands: [
      Status.self, Program.self, Start.self, Confirm.self, Pause.self, Stop.self, Silence.self,
      Clear.self, Cancel.self, Alarms.self, Events.self, Commission.self, SignIn.self, StepUp.self,
      SignOut.self, WhoAmI.self, People.self, Network.self, Proposals.self, Propose.self,
      Update.self,
      Audit.self, ProfileCommands.self, Device.self, Metrics.self,
      AuthorityCommands.self, LatencyTest.self, BringUp.self, Calibrate.self, CheckRecord.self,
      Version.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      try Reach.check(command)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      FileHandle.standardError.write(Data("pumpctl: \(failure.text)\n".utf8))
      Foundation.exit(failure.code)
    } catch {
      let wrong = exitCode(for: error) != .success
      let text = Data((fullMessage(for: error) + "\n").utf8)
      (wrong ? FileHandle.standardError : FileHandle.standardOutput).write(text)
      Foundation.exit(wrong ? 2 : 0)
    }
  }
}

struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the version.")
  @Flag(help: "Print one line of JSON.") var json = false
  func run() throws {
    if json {
      try printJSON(["version": PumpCtl.configuration.version])
    } else {
      print("pumpctl \(PumpCtl.configuration.version)")
    }
  }
}
