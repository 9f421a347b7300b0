// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// The pump's software, through `pump-updated`: no other program writes slots.
struct Update: ParsableCommand {
  /// What a person may ask for; starting images and provisioning belong to the device.
  enum Verb: String, ExpressibleByArgument, CaseIterable {
    case status, check, take, install, history, rollback, library
  }

  static let configuration = CommandConfiguration(
    abstract: "Look at, take in, install or take back software of the pump.",
    discussion: """
      status            what runs, what waits, the security floor
      check BUNDLE      verify a bundle; nothing is written but what is trusted
      take BUNDLE       verify it and write its image beside the running one; at any time
      install           ask at the panel for it; in standby, on mains or with half the battery
      history           the last updates and refusals
      rollback          take back an image that is not confirmed yet
      library           the active drug library with its limits

      Options after the verb: --kind KIND (history, rollback), --state DIR, --run DIR, --wait SECONDS, --json. A refusal begins with its code.
      """)

  @Argument(help: "\(Verb.allCases.map(\.rawValue).joined(separator: ", "))") var verb: Verb
  @Argument(parsing: .allUnrecognized, help: "Passed on.") var words: [String] = []

  func run() throws {
    let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(fileURLWithPath: own ?? CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("pump-updated")
    let process = Process()
    process.executableURL = program
    process.arguments = [verb.rawValue] + words
    do { try process.run() } catch {
      throw Failure.unreachable("pump-updated is not beside pumpctl")
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { Foundation.exit(process.terminationStatus) }
  }
}
