// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Domain
import Foundation
import Units

/// What every command takes.
struct Common: ParsableArguments {
  @Option(help: "The folder of the pump's sockets; else PUMP_RUN, else /run/pump.")
  var run: String = ProcessInfo.processInfo.environment["PUMP_RUN"] ?? "/run/pump"

  @Flag(help: "Print one line of JSON.")
  var json = false

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

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show what the pump holds and does.")
  @OptionGroup var common: Common
  func run() throws {
    var client = try Client(run: common.run)
    try common.show(try client.status(), try client.safetyStatus())
  }
}

struct Program: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give the pump a prescription.",
    discussion: """
      Any two of --rate, --vtbi and --time. Nothing moves: 'pumpctl start' shows the read-back, and
      only the CONFIRM key at the pump starts.
      """)
  @OptionGroup var common: Common
  @Option(help: "The rate, like '5 mL/h'.") var rate: String?
  @Option(help: "The volume to be infused, like '10 mL'.") var vtbi: String?
  @Option(help: "The time, like '2 h' or '90 min'.") var time: String?
  @Option(help: "The syringe, like '50 mL'.") var syringe: String = "50 mL"
  @Option(help: "The drug's name, up to 24 printable ASCII characters.") var drug: String = ""
  @Option(help: "The rate after the volume, like '1 mL/h'.") var kvo: String?
  @Option(help: "The occlusion limit, like '450 mmHg'.") var occlusion: String = "450 mmHg"
  @OptionGroup var urgency: Urgency

  func run() throws {
    let draft = try draft()
    var client = try Client(run: common.run)
    let status = try client.ask(.program, draft: draft, emergency: urgency.emergency)
    try common.show(status, try client.safetyStatus())
  }

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

struct Start: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the read-back; the CONFIRM key at the pump starts.")
  @OptionGroup var common: Common
  @OptionGroup var urgency: Urgency
  func run() throws { try common.ask(.start, emergency: urgency.emergency) }
}

struct Pause: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Stop delivery; it can be resumed.")
  @OptionGroup var common: Common
  func run() throws { try common.ask(.pause) }
}

struct Stop: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Stop delivery and end the infusion.")
  @OptionGroup var common: Common
  func run() throws { try common.ask(.stop) }
}

struct Silence: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Pause the audio for up to 120 s.")
  @OptionGroup var common: Common
  func run() throws { try common.ask(.silence) }
}

struct Clear: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Clear alarms whose cause is gone.")
  @OptionGroup var common: Common
  @OptionGroup var urgency: Urgency
  func run() throws { try common.ask(.clear, emergency: urgency.emergency) }
}

struct Cancel: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Drop the read-back or the change.")
  @OptionGroup var common: Common
  func run() throws { try common.ask(.cancel) }
}

struct Alarms: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the alarms that signal now.")
  @OptionGroup var common: Common
  func run() throws {
    var client = try Client(run: common.run)
    let control = try client.status().alarms
    let safety = try client.safetyStatus()?.alarms ?? AlarmSet()
    let names = StatusView.names(control.union(safety))
    if common.json { return try printJSON(names) }
    print(names.isEmpty ? "no alarms" : names.joined(separator: "\n"))
  }
}
