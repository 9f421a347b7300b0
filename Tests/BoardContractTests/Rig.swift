// SPDX-License-Identifier: Apache-2.0

import Board
import DeviceInterface
import Devices
import Plant
import SimulatedBoard
import Units

/// A simulated pump with both boards in hand: what the tests drive instead of the cores.
final class Rig {
  let pump: SimulatedPump
  private var control: ReferenceControlBoard<SimulatedI2C, SimulatedLines>
  private var safety: ReferenceSafetyBoard<SimulatedI2C, SimulatedLines>
  var order = DriveOrder.off
  var outputs = ControlOutputs()
  var guardian = SafetyOutputs()
  private(set) var readings = ControlReadings()
  private(set) var guardianReadings = SafetyReadings()

  init(_ knobs: [(Knob, Double)] = []) throws {
    var settings = KnobSettings()
    for (knob, value) in knobs { try settings.set(knob, value) }
    pump = SimulatedPump(knobs: settings, seed: 1)
    control = pump.controlBoard()
    safety = pump.safetyBoard()
    try control.prepare()
    try safety.prepare()
  }

  /// Both enables and the strokes, and the drive at a speed.
  func drive(at speed: Int64) {
    outputs.motorEnable = true
    guardian.gate = true
    guardian.stroke = true
    run(milliseconds: 30)
    order = .speed(speed)
  }

  /// Cycles of 10 ms: the world, then controller and monitor; a dead controller does neither.
  func run(milliseconds: Int, controlAlive: Bool = true, safetyAlive: Bool = true) {
    for _ in 0..<(milliseconds / 10) {
      pump.advance()
      if controlAlive {
        readings = control.sense(at: pump.now)
        control.act(order, outputs, at: pump.now)
      }
      if safetyAlive {
        guardianReadings = safety.sense(at: pump.now)
        safety.act(guardian, at: pump.now)
      }
    }
  }

  func write(_ block: MemoryBlock, at address: Int) throws(BusError) {
    try control.writeMemory(block, at: address)
  }

  func read(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    try control.readMemory(count, at: address)
  }
}
