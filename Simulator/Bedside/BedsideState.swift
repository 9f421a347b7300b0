// SPDX-License-Identifier: Apache-2.0

import Alarms
import DeviceInterface
import Domain
import Foundation
import Panel
import Plant
import SimulatedBoard
import Units

/// What the page is shown: one moment of the plant beside what the pump says of itself.
struct BedsideState: Encodable {
  struct Lamps: Encodable {
    var red, yellow, green: Bool
  }
  struct Truth: Encodable {
    /// mL/h and mL, of the plant: numbers for a graph, never for a dose.
    var flow, delivered, inSyringe, capacity, lineAir: Double
  }
  struct Alarm: Encodable {
    var id, priority, text, remedy: String
  }
  struct Event: Encodable {
    /// The pump's seconds.
    var time: Double
    var text: String
  }
  struct Process: Encodable {
    var name, state: String
  }

  var time: Double
  var speed: Int
  var display: String
  var lamps: Lamps
  var buzzerA, buzzerB, motorPowered: Bool
  var state: String
  var commandedRate, delivered, vtbi: Double
  var timeRemaining: String
  /// mmHg; null without a valid reading.
  var pressure: Int64?
  var limit: Int64
  var gate: String
  var battery: Int64
  var mains: Bool
  var occlusion: Double
  var alarms: [Alarm]
  /// Newest first.
  var events: [Event]
  var truth: Truth
  var processes: [Process]
  /// Leading 8 hexadecimal digits of what is held.
  var held: String

  enum CodingKeys: String, CodingKey {
    case time, speed, display, lamps, buzzerA, buzzerB, motorPowered, state, commandedRate
    case delivered, vtbi, timeRemaining, pressure, limit, gate, battery, mains, occlusion, alarms
    case events, truth, processes, held
  }
}

extension BedsideState {
  /// Puts the plant's moment and the processes' statuses together.
  init(plant: Rig.Moment, statuses: PumpLink.Statuses, processes: [Process], speed: Int) {
    let control = statuses.control ?? ControlStatus()
    let order = control.held
    time = Double(plant.now.nanoseconds) / 1e9
    self.speed = speed
    display = plant.display.base64EncodedString()
    lamps = Lamps(red: plant.lampRed, yellow: plant.lampYellow, green: plant.lampGreen)
    buzzerA = plant.buzzerA
    buzzerB = plant.buzzerB
    motorPowered = plant.motorPowered
    state = statuses.control == nil ? "no controller" : "\(control.state)"
    commandedRate = Double(control.commandedRate.nanolitresPerHour) / 1e6
    delivered = Double(control.delivered.nanolitres) / 1e6
    vtbi = Double(order?.vtbi.nanolitres ?? 0) / 1e6
    timeRemaining = Figures.time(control.timeRemaining)
    pressure = control.pressure?.millimetresOfMercury
    limit = order?.occlusion.millimetresOfMercury ?? 0
    gate = statuses.safety.map { "\($0.gate)" } ?? "no monitor"
    battery = (control.battery?.partsPerMillion ?? 0) / 10_000
    mains = control.mains
    occlusion = plant.occlusion
    let raised = control.alarms.union(statuses.safety?.alarms ?? AlarmSet())
    alarms = AlarmID.allCases.filter(raised.contains).map { id in
      let row = AlarmTable.row(id)
      return Alarm(
        id: "\(id)", priority: "\(row.priority)", text: row.text.english.description,
        remedy: row.remedy.english.description)
    }
    events = statuses.history.events.map { event in
      Event(
        time: Double(event.at.nanoseconds) / 1e9, text: PanelHistory.line(of: event, in: .english))
    }
    truth = Truth(
      flow: plant.flow, delivered: plant.delivered, inSyringe: plant.inSyringe,
      capacity: plant.capacity, lineAir: plant.lineAir)
    self.processes = processes
    let digits = String(control.heldHash.short, radix: 16)
    held = String(repeating: "0", count: 8 - digits.count) + digits
  }
}
