// SPDX-License-Identifier: Apache-2.0

import Board
import ControlProcess
import DeviceInterface
import Devices
import Domain
import Plant
import SafetyProcess
import SimulatedBoard
import Testing
import Units

/// The monitor beside the real controller on the simulated pump: silent when all is well, and the
/// one who ends it when it is not.
@Suite struct TwoPartiesTests {
  struct Pair {
    let pump: SimulatedPump
    var control: ControlCycle<ReferenceControlBoard<SimulatedI2C, SimulatedLines>>
    var safety: SafetyCycle<ReferenceSafetyBoard<SimulatedI2C, SimulatedLines>>
    var controlBox = ControlInbox()
    var safetyBox = SafetyInbox()
    var tripped: [UInt8] = []
    var controlRuns = true

    init(_ knobs: [Knob: Double] = [:]) throws {
      var settings = KnobSettings()
      for knob in Knob.allCases {
        if let value = knobs[knob] { try settings.set(knob, value) }
      }
      pump = SimulatedPump(knobs: settings, seed: 7)
      control = ControlCycle(board: pump.controlBoard())
      safety = SafetyCycle(board: pump.safetyBoard())
      control.start(at: pump.now)
      safety.start(at: pump.now)
      controlBox.realtime = true
      controlBox.serviceAlive = true
      controlBox.panelAlive = true
    }

    mutating func run(_ time: Interval) {
      for _ in 0..<(time.native / 10_000_000) {
        pump.advance()
        if controlRuns {
          let said = control.step(controlBox, at: pump.now)
          controlBox.command = nil
          if said.publish {
            safetyBox.control = control.status
            safetyBox.controlAt = pump.now
          }
        }
        let watched = safety.step(safetyBox, at: pump.now)
        if watched.publish {
          controlBox.safety = safety.status
          controlBox.safetyAt = pump.now
        }
        for index in 0..<watched.events.count where watched.events[index].kind == .tripped {
          tripped.append(watched.events[index].subject)
        }
      }
    }

    mutating func ask(_ kind: CommandKind, _ number: UInt32, _ draft: PrescriptionDraft? = nil) {
      controlBox.command = Command(kind, from: .service, number: number, draft: draft)
      run(.milliseconds(100))
    }

    mutating func infuse(_ rate: FlowRate, _ syringe: Syringe = .mL50) {
      run(.seconds(1))
      ask(
        .program, 1, PrescriptionDraft(syringe: syringe, rate: rate, vtbi: .millilitres(5)))
      ask(.start, 2)
      pump.setKey(.confirm, down: true)
      run(.milliseconds(200))
      pump.setKey(.confirm, down: false)
      run(.milliseconds(500))
    }

    var state: TherapyState? { safetyBox.control?.state }
    var gate: GateState? { controlBox.safety?.gate }
  }

  @Test(.tags(.`SRS-037`))
  func `SRS-037 the monitor is silent through infusion, change, pause and end`() throws {
    var pair = try Pair()
    pair.infuse(.mLPerHour(1000))
    #expect(pair.state == .infusing)
    #expect(pair.gate == .closed)
    pair.run(.seconds(5))
    pair.ask(.pause, 3)
    pair.run(.seconds(2))
    #expect(pair.gate == .open)
    pair.ask(.start, 4)
    pair.pump.setKey(.confirm, down: true)
    pair.run(.milliseconds(200))
    pair.pump.setKey(.confirm, down: false)
    pair.run(.seconds(95))
    #expect(pair.state == .kvo)
    #expect(pair.tripped.isEmpty)
  }

  @Test(.tags(.`SRS-037`)) func `SRS-037 the monitor is silent at the lowest rate`() throws {
    var pair = try Pair()
    pair.infuse(.microlitresPerHour(10))
    pair.run(.minutes(5))
    #expect(pair.state == .infusing)
    #expect(pair.tripped.isEmpty)
  }

  @Test func `the monitor is silent through an occlusion and its relief`() throws {
    var pair = try Pair()
    pair.infuse(.mLPerHour(1000))
    try pair.pump.plant.set(.occlusionDownstream, 100)
    pair.run(.seconds(60))
    #expect(pair.state == .halted)
    #expect(pair.tripped.isEmpty)
  }

  @Test(.tags(.`RC-016`)) func `RC-016 ends an infusion whose motor stands still`() throws {
    var pair = try Pair()
    pair.infuse(.mLPerHour(100))
    try pair.pump.plant.set(.motorStall, 1)
    pair.run(.seconds(4))
    #expect(pair.tripped.first == AlarmID.underInfusion.rawValue)
    #expect(pair.state == .halted)
    #expect(!pair.pump.gateClosed)
  }

  @Test(.tags(.`RC-016`)) func `RC-016 takes the power from a motor that runs away`() throws {
    var pair = try Pair()
    pair.infuse(.mLPerHour(5))
    try pair.pump.plant.set(.motorRunaway, 4_000)
    pair.run(.seconds(2))
    #expect(pair.tripped.first == AlarmID.overInfusion.rawValue)
    #expect(!pair.pump.gateClosed)
    #expect(pair.controlBox.safety?.motorPowered == false)
  }

  @Test(.tags(.`RC-017`)) func `RC-017 takes the power from a motor whose controller hangs`() throws
  {
    var pair = try Pair()
    pair.infuse(.mLPerHour(100))
    pair.controlRuns = false
    pair.run(.milliseconds(200))
    #expect(!pair.pump.gateClosed)
    #expect(pair.pump.buzzerB)
    #expect(pair.controlBox.safety?.motorPowered == false)
  }
}
