// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GatewayClient

/// A command that speaks to a pump: to that of this machine, or with a profile to one on a network.
protocol Addressed: ParsableCommand {
  var common: Common { get }
}

/// Where a command reaches a pump.
///
/// The table below names every command once, and a test holds it against the commands that there are and against
/// `Docs/Interfaces/openapi.json`: no operation is forgotten, and none is asked for that a pump does not offer.
enum Reach: Hashable {
  /// At this machine's sockets, and over a network by these operations.
  case both([GatewayOperation])
  /// Over a network alone.
  case network([GatewayOperation])
  /// Never over a network; where it is done instead.
  case here(String)
  /// It speaks to no pump.
  case none

  // RC-152 SRS-241: over a network nothing starts, raises, resumes or stops a therapy.
  static let table: [String: Reach] = [
    "status": .both([.status, .alarms]),
    "alarms": .both([.alarms]),
    "events": .both([.events]),
    "device": .network([.device]),
    "metrics": .network([.metrics]),
    "propose": .network([.propose, .proposals]),
    "proposals list": .both([.proposals]),
    "proposals show": .network([.proposal]),
    "proposals withdraw": .network([.withdraw]),
    "sign-in": .both([.signIn]),
    "step-up": .both([.stepUp]),
    "sign-out": .both([.signOut]),
    "whoami": .both([.session]),
    "people list": .both([.people]),
    "people add": .both([.addPerson]),
    "people set": .both([.setPerson]),
    "people reset": .both([.resetPerson]),
    "update": .both([
      .update, .takeUpdate, .updateIntake, .updateHistory, .configuration, .drugLibrary,
    ]),
    "audit checkpoint": .network([.auditCheckpoint]),
    "audit records": .network([.auditRecords]),
    "audit proof": .network([.auditProof]),
    "audit consistency": .network([.auditConsistency]),
    "audit download": .network([.auditExport]),

    "program": .here("propose the order with 'pumpctl propose'; a person takes it at the pump"),
    "start": .here("a person starts it at the pump's panel, with START and CONFIRM"),
    "confirm": .here("CONFIRM is a key of the pump"),
    "pause": .here("press STOP at the pump"),
    "stop": .here("press STOP at the pump"),
    "silence": .here("press SILENCE at the pump's panel"),
    "clear": .here("clear it at the pump's panel"),
    "cancel": .here("drop the read-back at the pump's panel"),
    "proposals take": .here("a person takes it at the pump: at its panel, or with pumpctl there"),
    "proposals drop": .here(
      "a person drops it at the pump; who proposed it withdraws it with 'pumpctl proposals withdraw'"
    ),
    "commission": .here("the first administrator is made at the pump, with the code on its panel"),
    "people set-secret": .here("a secret is set at the pump, with the code, by its person"),
    "network request": .here("a pump's place on a network is given at the pump"),
    "network set": .here("a pump's place on a network is given at the pump"),
    "network show": .here("a pump's place on a network is shown at the pump"),
    "network leave": .here("a pump's place on a network is taken away at the pump"),

    "profile add": .none, "profile list": .none, "profile show": .none, "profile remove": .none,
    "audit verify": .none, "audit prove": .none, "audit check-proof": .none,
    "audit export": .none, "audit show": .none, "audit key": .none,
    "ca init": .none, "ca issue": .none, "ca revoke": .none, "ca crl": .none, "ca list": .none,
    "latency-test": .none, "bringup": .none, "calibrate": .none, "check-record": .none,
    "version": .none,
  ]

  /// The words of each command that does something, from the root's subcommands down.
  static func commands(
    of root: any ParsableCommand.Type = PumpCtl.self, words: [String] = []
  ) -> [(words: String, type: any ParsableCommand.Type)] {
    let below = root.configuration.subcommands
    if below.isEmpty { return [(words.joined(separator: " "), root)] }
    return below.flatMap { commands(of: $0, words: words + [$0._commandName]) }
  }

  static func of(_ command: any ParsableCommand) -> Reach? {
    let type = ObjectIdentifier(type(of: command))
    return commands().first { ObjectIdentifier($0.type) == type }.flatMap { table[$0.words] }
  }

  /// Refuses before anything is asked what cannot be done where the command is sent.
  static func check(_ command: any ParsableCommand) throws(Failure) {
    guard let addressed = command as? any Addressed else { return }
    switch of(command) {
    case .here(let place):
      guard let name = addressed.common.profileName else { return }
      throw .notThere("not over a network (profile \(name)): \(place)")
    case .network where addressed.common.profileName == nil:
      throw .badInput("this asks a pump on a network: give --profile NAME; see 'pumpctl profile'")
    case .both, .network, .some(.none), nil: return
    }
  }
}
