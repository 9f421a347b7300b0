// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// The pump's software, through `pump-updated`: no other program writes slots.
struct Update: ParsableCommand {
  /// What a person may ask for; starting images and provisioning belong to the device.
  enum Verb: String, ExpressibleByArgument, CaseIterable {
    case status, check, take, install, history, rollback, library, configuration
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
      configuration     what is active of each kind and what waits (over a network)

      With --profile a pump on a network is asked: status, take, history, library and configuration. 'take' brings the \
      bundle after 'pumpctl step-up', in the role service, and waits until the pump has judged it. What is agreed to, \
      installed and taken back is so at the pump alone.

      Options after the verb: --kind KIND (history, rollback), --json; at the pump --state DIR, --run DIR, --wait SECONDS. A refusal begins with its code.
      """)

  @Argument(help: "\(Verb.allCases.map(\.rawValue).joined(separator: ", "))") var verb: Verb
  @Argument(parsing: .allUnrecognized, help: "Passed on.") var words: [String] = []

  @Option(
    help: "A pump on a network, see 'pumpctl profile'; else PUMPCTL_PROFILE; else this machine's.")
  var profile: String?

  func run() throws {
    let asked = Common.profileName(given: profile)
    if let asked { return try UpdateOverNetwork(profile: asked, verb: verb, words: words).run() }
    guard verb != .configuration else {
      throw Failure.badInput("this asks a pump on a network: give --profile NAME")
    }
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
