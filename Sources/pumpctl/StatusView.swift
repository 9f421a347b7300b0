// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import GatewayClient
import Units

/// The pump's state as text and as JSON.
///
/// In JSON, volumes are in nL, rates in nL/h, pressures in Pa and times in ms.
struct StatusView: Encodable {
  /// The profile, of a pump on a network.
  let profile: String?
  let state: String
  let simulated: Bool
  let prescription: String?
  let drug: String?
  let syringe: Int?
  let programmedRate: Int64?
  let vtbi: Int64?
  let commandedRate: Int64
  let delivered: Int64
  let uncertainty: Int64
  let deliveredKVO: Int64
  let timeRemaining: Int64
  let pressure: Int64?
  let alarms: [String]
  let gate: String?
  let monitorAlarms: [String]
  let monitorMeasured: Int64?

  // RC-005: everything here is what the pump says it holds, nothing is what was typed.
  init(_ status: ControlStatus, _ safety: SafetyStatus?) {
    profile = nil
    state = "\(status.state)"
    simulated = status.simulated
    let held = status.held
    prescription = held.map { _ in Self.short(status.heldHash) }
    drug = held?.drug.text
    syringe = held.map { Int($0.syringe.rawValue) }
    programmedRate = held?.rate.native
    vtbi = held?.vtbi.native
    commandedRate = status.commandedRate.native
    delivered = status.delivered.native
    uncertainty = status.uncertainty.native
    deliveredKVO = status.deliveredKVO.native
    timeRemaining = status.timeRemaining.milliseconds
    pressure = status.pressure?.native
    alarms = Self.names(status.alarms)
    gate = safety.map { "\($0.gate)" }
    monitorAlarms = Self.names(safety?.alarms ?? AlarmSet())
    monitorMeasured = safety?.measured.native
  }

  // RC-150 RC-151: what a pump on a network says, under the name that it was asked by.
  init(_ status: StatusAnswer, _ alarms: AlarmsAnswer, of pump: Profile) {
    profile = pump.name
    state = status.state
    simulated = status.simulated
    prescription = nil
    drug = status.held?.drug.text
    syringe = status.held.map { Int($0.syringe.rawValue) }
    programmedRate = status.held?.rate.nanolitresPerHour
    vtbi = status.held?.vtbi.nanolitres
    commandedRate = status.rate
    delivered = status.delivered
    uncertainty = status.uncertainty
    deliveredKVO = status.deliveredKVO
    timeRemaining = status.timeRemaining
    pressure = status.pressure
    self.alarms = alarms.controller
    gate = status.gate
    monitorAlarms = alarms.monitor ?? []
    monitorMeasured = status.measured
  }

  static func names(_ set: AlarmSet) -> [String] {
    AlarmID.allCases.filter { set.contains($0) }.map { "\($0)" }
  }

  private static func short(_ hash: ContentHash) -> String {
    let digits = String(hash.short, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  var text: String {
    var lines = simulated ? ["SIMULATED PUMP - never for a patient"] : []
    if let profile { lines.append("pump        \(profile)") }
    lines.append("state       \(state)")
    if let programmedRate, let vtbi, let syringe {
      let name = drug.map { $0.isEmpty ? "" : "\($0), " } ?? ""
      lines.append(
        "holds       \(name)\(Self.decimal(programmedRate)) mL/h, \(Self.decimal(vtbi)) mL,"
          + " \(syringe) mL syringe" + (prescription.map { " [\($0)]" } ?? ""))
    }
    lines.append("rate        \(Self.decimal(commandedRate)) mL/h")
    let doubt = uncertainty == 0 ? "" : " (up to \(Self.decimal(uncertainty)) mL more)"
    lines.append("delivered   \(Self.decimal(delivered)) mL\(doubt)")
    if let pressure { lines.append("pressure    \(Self.decimal(pressure * 1_000)) kPa") }
    lines.append("gate        \(gate ?? "no monitor")")
    let all = alarms + monitorAlarms
    lines.append("alarms      \(all.isEmpty ? "none" : all.joined(separator: ", "))")
    return lines.joined(separator: "\n")
  }

  /// Millionths as a decimal with three places, cut towards zero.
  static func decimal(_ millionths: Int64) -> String {
    let thousandths = (millionths / 1_000).magnitude
    let fraction = String(thousandths % 1_000)
    let zeros = String(repeating: "0", count: 3 - fraction.count)
    return "\(millionths < 0 ? "-" : "")\(thousandths / 1_000).\(zeros)\(fraction)"
  }
}

/// Prints a value as one line of JSON with its keys in alphabetical order.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
