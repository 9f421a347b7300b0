// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import GatewayClient
import ServiceAPI

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

      With --profile a pump on a network is asked for its status, as its updater says it; the rest pumpctl \
      does at the pump alone.

      Options after the verb: --kind KIND (history, rollback), --state DIR, --run DIR, --wait SECONDS, --json. A refusal begins with its code.
      """)

  @Argument(help: "\(Verb.allCases.map(\.rawValue).joined(separator: ", "))") var verb: Verb
  @Argument(parsing: .allUnrecognized, help: "Passed on.") var words: [String] = []

  @Option(
    help: "A pump on a network, see 'pumpctl profile'; else PUMPCTL_PROFILE; else this machine's.")
  var profile: String?

  private struct Output: Encodable {
    let profile: String
    let kind: String?
    let stage: String?
    let running: String?
    let candidate: String?
    let candidateSHA256: String?
    let needsPower: Bool?
    let outcome: String?
    let ended: String?
  }

  private func over(_ name: String) throws {
    guard verb == .status else {
      throw Failure.notThere(
        "not over a network (profile \(name)): pumpctl does '\(verb.rawValue)' at the pump alone")
    }
    guard words.allSatisfy({ $0 == "--json" }) else {
      throw Failure.badInput("over a network 'update status' takes --json alone")
    }
    let gateway = try Gateway(ProfileFile.profile(name))
    let told = try gateway.read(GatewayRequest(.update), Answers.update)
    let output = Output(
      profile: name, kind: told.kind, stage: told.stage, running: told.running,
      candidate: told.candidate, candidateSHA256: told.digest, needsPower: told.needsPower,
      outcome: told.outcome, ended: told.ended)
    if words.contains("--json") { return try printJSON(output) }
    guard let kind = told.kind else { return print("\(name): the updater says nothing") }
    let upload = [told.intake?.state.rawValue, told.intake?.version, told.intake?.reason]
      .compactMap(\.self).joined(separator: ", ")
    print(
      """
      pump        \(name)
      kind        \(kind)
      running     \(told.running ?? "none")
      stage       \(told.stage ?? "none")
      waits       \(told.candidate ?? "nothing")
      last        \([told.outcome, told.ended, told.reason].compactMap(\.self).joined(separator: ", "))
      upload      \(upload)
      """)
  }

  func run() throws {
    let asked = Common.profileName(given: profile)
    if let asked { return try over(asked) }
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
