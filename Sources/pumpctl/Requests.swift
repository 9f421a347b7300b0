// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Domain
import Foundation
import GatewayClient
import Units

/// What every command takes.
struct Common: ParsableArguments {
  @Option(help: "The folder of the pump's sockets; else PUMP_RUN, else /run/pump.")
  var run: String = ProcessInfo.processInfo.environment["PUMP_RUN"] ?? "/run/pump"

  @Option(
    help: "A pump on a network, see 'pumpctl profile'; else PUMPCTL_PROFILE; else this machine's.",
    completion: .shellCommand("pumpctl profile list | sed 1d | cut -d' ' -f1"))
  var profile: String?

  @Flag(help: "Print one line of JSON.")
  var json = false

  // RC-150: a pump on a network is named each time; nothing that was chosen earlier is taken for meant.
  /// The profile that is meant; nil for the pump of this machine.
  var profileName: String? { Self.profileName(given: profile) }

  static func profileName(given option: String?) -> String? {
    if let option { return option }
    let name = ProcessInfo.processInfo.environment["PUMPCTL_PROFILE"]
    return name == "" ? nil : name
  }

  /// The pump on a network that is meant; nil for the pump of this machine.
  func gateway() throws(Failure) -> Gateway? {
    guard let name = profileName else { return nil }
    return try Gateway(ProfileFile.profile(name))
  }

  /// The pump on a network that is meant, for a command that asks no other.
  func neededGateway() throws(Failure) -> Gateway {
    guard let gateway = try gateway() else { throw .badInput("give --profile NAME") }
    return gateway
  }

  func show(_ status: ControlStatus, _ safety: SafetyStatus?) throws {
    let view = StatusView(status, safety)
    if json { try printJSON(view) } else { print(view.text) }
  }

  /// Asks for something that needs no more than its name.
  func ask(_ kind: CommandKind, emergency: Bool = false) throws {
    var client = try Client(run: run)
    let status = try client.ask(kind, emergency: emergency)
    try show(status, try client.safetyStatus())
  }
}

/// Break-glass.
struct Urgency: ParsableArguments {
  @Flag(help: "Nobody is signed in and it cannot wait: within the emergency limits, and on record.")
  var emergency = false
}

struct Status: Addressed {
  static let configuration = CommandConfiguration(abstract: "Show what the pump holds and does.")
  @OptionGroup var common: Common
  func run() throws {
    if let gateway = try common.gateway() {
      let status = try gateway.read(GatewayRequest(.status), Answers.status)
      let alarms = try gateway.read(GatewayRequest(.alarms), Answers.alarms)
      let view = StatusView(status, alarms, of: gateway.profile)
      if common.json { try printJSON(view) } else { print(view.text) }
      return
    }
    var client = try Client(run: common.run)
    try common.show(try client.status(), try client.safetyStatus())
  }
}

/// An order as a person types it.
struct OrderOptions: ParsableArguments {
  @Option(help: "The rate, like '5 mL/h'.") var rate: String?
  @Option(help: "The volume to be infused, like '10 mL'.") var vtbi: String?
  @Option(help: "The time, like '2 h' or '90 min'.") var time: String?
  @Option(help: "The syringe, like '50 mL'.") var syringe: String = "50 mL"
  @Option(help: "The drug's name, up to 24 printable ASCII characters.") var drug: String = ""
  @Option(help: "The rate after the volume, like '1 mL/h'.") var kvo: String?
  @Option(help: "The occlusion limit, like '450 mmHg'.") var occlusion: String = "450 mmHg"

  func draft() throws(Failure) -> PrescriptionDraft {
    do throws(QuantityText.Mistake) {
      guard let name = DrugName(drug) else {
        throw QuantityText.Mistake(
          description: "--drug '\(drug)': up to 24 printable ASCII characters")
      }
      let (rate, vtbi) = try triple()
      return PrescriptionDraft(
        drug: name, syringe: try QuantityText.syringe(syringe), rate: rate, vtbi: vtbi,
        kvo: try kvo.map(QuantityText.rate), occlusion: try QuantityText.pressure(occlusion))
    } catch {
      throw .badInput(error.description)
    }
  }

  private func triple() throws(QuantityText.Mistake) -> (FlowRate, Volume) {
    let wanted = "give any two of --rate, --vtbi and --time"
    let impossible = QuantityText.Mistake(description: "these give no infusion; \(wanted)")
    switch (rate, vtbi, time) {
    case (let rate?, let vtbi?, nil):
      return (try QuantityText.rate(rate), try QuantityText.volume(vtbi))
    case (let rate?, nil, let time?):
      let rate = try QuantityText.rate(rate)
      guard let vtbi = InfusionTriple.complete(rate: rate, time: try QuantityText.time(time)) else {
        throw impossible
      }
      return (rate, vtbi)
    case (nil, let vtbi?, let time?):
      let vtbi = try QuantityText.volume(vtbi)
      guard let rate = InfusionTriple.complete(vtbi: vtbi, time: try QuantityText.time(time)) else {
        throw impossible
      }
      return (rate, vtbi)
    case (_?, _?, _?): throw QuantityText.Mistake(description: "\(wanted), not all three")
    case (nil, _, nil), (nil, nil, _?), (_?, nil, nil):
      throw QuantityText.Mistake(description: wanted)
    }
  }
}

struct Program: Addressed {
  static let configuration = CommandConfiguration(
    abstract: "Give the pump a prescription.",
    discussion: """
      Any two of --rate, --vtbi and --time. Nothing moves: 'pumpctl start' shows the read-back, and
      only the CONFIRM key at the pump starts.
      """)
  @OptionGroup var common: Common
  @OptionGroup var order: OrderOptions
  @OptionGroup var urgency: Urgency

  func run() throws {
    let draft = try order.draft()
    var client = try Client(run: common.run)
    let status = try client.ask(.program, draft: draft, emergency: urgency.emergency)
    try common.show(status, try client.safetyStatus())
  }
}

struct Start: Addressed {
  static let configuration = CommandConfiguration(
    abstract: "Show the read-back; the CONFIRM key at the pump starts.")
  @OptionGroup var common: Common
  @OptionGroup var urgency: Urgency
  func run() throws { try common.ask(.start, emergency: urgency.emergency) }
}

struct Pause: Addressed {
  static let configuration = CommandConfiguration(abstract: "Stop delivery; it can be resumed.")
  @OptionGroup var common: Common
  func run() throws { try common.ask(.pause) }
}

struct Stop: Addressed {
  static let configuration = CommandConfiguration(abstract: "Stop delivery and end the infusion.")
  @OptionGroup var common: Common
  func run() throws { try common.ask(.stop) }
}

struct Silence: Addressed {
  static let configuration = CommandConfiguration(abstract: "Pause the audio for up to 120 s.")
  @OptionGroup var common: Common
  func run() throws { try common.ask(.silence) }
}

struct Clear: Addressed {
  static let configuration = CommandConfiguration(abstract: "Clear alarms whose cause is gone.")
  @OptionGroup var common: Common
  @OptionGroup var urgency: Urgency
  func run() throws { try common.ask(.clear, emergency: urgency.emergency) }
}

struct Cancel: Addressed {
  static let configuration = CommandConfiguration(abstract: "Drop the read-back or the change.")
  @OptionGroup var common: Common
  func run() throws { try common.ask(.cancel) }
}

struct Alarms: Addressed {
  static let configuration = CommandConfiguration(abstract: "List the alarms that signal now.")
  @OptionGroup var common: Common
  func run() throws {
    let names = try common.gateway().map(over) ?? here()
    if common.json { return try printJSON(names) }
    print(names.isEmpty ? "no alarms" : names.joined(separator: "\n"))
  }

  private func here() throws -> [String] {
    var client = try Client(run: common.run)
    let control = try client.status().alarms
    let safety = try client.safetyStatus()?.alarms ?? AlarmSet()
    return StatusView.names(control.union(safety))
  }

  private func over(_ gateway: Gateway) throws -> [String] {
    let alarms = try gateway.read(GatewayRequest(.alarms), Answers.alarms)
    return alarms.controller + (alarms.monitor ?? []).filter { !alarms.controller.contains($0) }
  }
}
