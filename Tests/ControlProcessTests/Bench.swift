// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import DeviceInterface
import Domain
import Units

/// A board whose motor turns exactly as ordered while it has power.
struct ScriptedBoard: ControlBoard {
  var simulated = true
  var readings = ControlReadings()
  var order: DriveOrder = .off
  var outputs = ControlOutputs()
  var gate = false
  /// The motor stands still whatever it is told.
  var jammed = false
  var preparationFails = false
  /// One reading in a hundred is another: a sensor that measures is never still.
  var lives = true
  var gaugeLives = true
  private var samples: Int64 = 0
  /// Travel in ten-thousandths of a hundredth of a microstep: speed × cycles.
  private var travel: Int64 = 0
  var memory: [UInt8] = Array(repeating: 0, count: 512)
  /// Bytes that may still be written before the memory loses its power; `nil`: any number.
  var bytesLeft: Int?
  var memorySize: Int { 512 }

  init() {
    readings.doorClosed = true
    readings.plungerEngaged = true
    readings.mains = true
    readings.pressure = .kilopascals(5)
    readings.clamp = .micrometres(28_560)
    readings.drive = DriveReport()
    readings.battery = BatteryReading(
      voltage: .millivolts(4_000), charge: .percent(90), chargePerHour: .zero)
  }

  var position: Int64 { travel / 1_000_000 }

  mutating func prepare() throws(BusError) { if preparationFails { throw .noAcknowledge } }

  mutating func sense(at now: Instant) -> ControlReadings {
    let powered = gate && outputs.motorEnable
    if powered, !jammed, case .speed(let speed) = order { travel += speed }
    if readings.drive != nil {
      let counted = position
      readings.drive?.position = counted
      readings.drive?.faults.remove(.noPower)
      if !powered { readings.drive?.faults.insert(.noPower) }
    }
    samples += 1
    var seen = readings
    if samples % 100 == 50 {
      if lives { seen.pressure = readings.pressure.map { $0 - .pascals(1) } }
      if gaugeLives { seen.battery?.voltage -= Voltage(native: 78) }
    }
    return seen
  }

  mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant) {
    self.order = order
    self.outputs = outputs
  }

  mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError) {
    guard address >= 0, address + block.count <= memorySize else { throw .badRequest }
    for position in 0..<block.count {
      if let left = bytesLeft {
        guard left > 0 else { throw .noAcknowledge }
        bytesLeft = left - 1
      }
      memory[address + position] = block[position]
    }
  }

  mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    guard address >= 0, address + count <= memorySize else { throw .badRequest }
    var block = MemoryBlock()
    for position in 0..<count { block.append(memory[address + position]) }
    return block
  }
}

/// The control cycle with a board and a monitor that agrees, in steps of 10 ms.
struct Bench {
  var cycle: ControlCycle<ScriptedBoard>
  var now: Instant = .nanoseconds(1_000_000_000)
  var inbox = ControlInbox()
  var out: ControlOutbox
  var events: [PumpEvent] = []
  /// The monitor works: it sends a status every cycle and follows the controller.
  var monitorWorks = true
  var monitorAgrees = true
  private var startingFor = 0
  private var number: UInt32 = 0

  init(board: ScriptedBoard = ScriptedBoard(), settled: Bool = true) {
    cycle = ControlCycle(board: board)
    cycle.start(at: now)
    inbox.safety = SafetyStatus()
    inbox.safety?.gate = .open
    inbox.serviceAlive = true
    inbox.panelAlive = true
    inbox.realtime = true
    out = ControlOutbox()
    if settled { run(.milliseconds(300)) }
  }

  var status: ControlStatus { cycle.status }
  var state: TherapyState { cycle.status.state }

  mutating func step() {
    now = now + .milliseconds(10)
    if monitorWorks {
      watch()
      inbox.safety?.cycle += 1
      inbox.safetyAt = now
    }
    out = cycle.step(inbox, at: now)
    inbox.command = nil
    for index in 0..<out.events.count { events.append(out.events[index]) }
  }

  private mutating func watch() {
    let control = cycle.status
    startingFor = control.state == .starting ? startingFor + 1 : 0
    let closed = inbox.safety?.gate == .closed
    let wants = control.state.moves && closed || startingFor > 6
    let gate: GateState = monitorAgrees && wants ? .closed : .open
    inbox.safety?.gate = gate
    inbox.safety?.agreed = gate == .closed ? control.heldHash : .none
    cycle.board.gate = gate == .closed
  }

  mutating func run(_ time: Interval) {
    let end = now + time
    while now < end { step() }
  }

  @discardableResult
  mutating func ask(
    _ kind: CommandKind, _ draft: PrescriptionDraft? = nil, from origin: CommandOrigin = .service
  ) -> Reply? {
    number += 1
    inbox.command = Command(kind, from: origin, number: number, draft: draft)
    step()
    return cycle.status.reply
  }

  mutating func press(_ key: WritableKeyPath<ControlReadings, Bool>) {
    cycle.board.readings[keyPath: key] = true
    run(.milliseconds(50))
    cycle.board.readings[keyPath: key] = false
    run(.milliseconds(50))
  }

  static func order(
    rate: FlowRate = .mLPerHour(5), vtbi: Volume = .millilitres(10)
  ) -> PrescriptionDraft {
    PrescriptionDraft(syringe: .mL50, rate: rate, vtbi: vtbi)
  }

  /// Programs, starts and confirms.
  mutating func infuse(_ draft: PrescriptionDraft = Bench.order()) {
    ask(.program, draft)
    ask(.start)
    press(\.confirmKey)
    run(.milliseconds(200))
  }

  func saw(_ kind: EventKind, _ alarm: AlarmID? = nil) -> Bool {
    events.contains { $0.kind == kind && (alarm == nil || $0.subject == alarm?.rawValue) }
  }
}
