// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// The pump in numbers, as OpenMetrics 1.0 text.
enum Metrics {
  static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

  static func text(
    _ control: ControlStatus?, _ safety: SafetyStatus?, connections: Int64, refused: Int64
  ) -> String {
    var text = ""
    func family(_ name: String, _ kind: String, _ unit: String, _ help: String, _ value: String?) {
      text += "# TYPE \(name) \(kind)\n"
      if !unit.isEmpty { text += "# UNIT \(name) \(unit)\n" }
      text += "# HELP \(name) \(help)\n"
      if let value { text += "\(name)\(kind == "counter" ? "_total" : "") \(value)\n" }
    }
    family(
      "pump_up", "gauge", "", "Whether the controller says anything.", control == nil ? "0" : "1")
    family(
      "pump_monitor_up", "gauge", "", "Whether the monitor says anything.",
      safety == nil ? "0" : "1")
    family(
      "pump_rate_nanolitres_per_hour", "gauge", "", "The commanded rate.",
      control.map { "\($0.commandedRate.nanolitresPerHour)" })
    family(
      "pump_delivered_nanolitres", "gauge", "nanolitres", "Delivered of this infusion.",
      control.map { "\($0.delivered.nanolitres)" })
    family(
      "pump_pressure_pascals", "gauge", "pascals", "The line pressure of sensor A.",
      control?.pressure.map { "\($0.pascals)" })
    family(
      "pump_mains", "gauge", "", "Whether mains is present.", control.map { $0.mains ? "1" : "0" })
    family(
      "pump_alarms", "gauge", "", "Alarms that signal now.",
      control.map { control in
        let all = control.alarms.union(safety?.alarms ?? AlarmSet())
        return "\(AlarmID.allCases.count { all.contains($0) })"
      })
    family(
      "pump_cycles_missed", "counter", "", "Cycles of the controller that began late.",
      control.map { "\($0.missed)" })
    family(
      "pump_gateway_connections", "gauge", "", "Nodes that are connected.", "\(connections)")
    family(
      "pump_gateway_refused", "counter", "", "Peers whose certificate was not taken.",
      "\(refused)")
    return text + "# EOF\n"
  }
}
