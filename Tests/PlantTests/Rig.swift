// SPDX-License-Identifier: Apache-2.0

import Plant

/// A plant with a motor that runs at a set flow: what the tests drive.
struct Rig {
  private(set) var plant: Plant
  private(set) var output = PlantOutput()
  private(set) var position: Int64 = 0
  var powered = true
  var load_mA = 300

  private var rest = 0.0
  private let barrel: Barrel

  init(_ knobs: [Knob: Double] = [:], seed: UInt64 = 1) throws {
    var settings = KnobSettings()
    // In the order of the table, because a dictionary has none.
    for knob in Knob.allCases {
      if let value = knobs[knob] { try settings.set(knob, value) }
    }
    barrel = Barrel(rawValue: Int(settings.value(of: .syringeSize))) ?? .mL50
    plant = Plant(knobs: settings, seed: seed)
  }

  var truth: PlantTruth { plant.truth }
  var delivered_uL: Double { Double(plant.truth.delivered_fL) * 1e-9 }

  /// What the microsteps sent so far displace, in microlitres.
  var commanded_uL: Double { Double(position) * 125 * barrel.area_mm2 * 1e-6 }

  mutating func set(_ knob: Knob, _ value: Double) throws(KnobError) { try plant.set(knob, value) }

  /// Runs the motor at a flow in mL/h for a time, and hands each output to an observer.
  mutating func run(
    seconds: Double, flow: Double = 0, _ observe: (PlantOutput, PlantTruth) -> Void
  ) {
    let perStep = flow * 1e6 / 360_000 / (barrel.area_mm2 * 0.125)
    for _ in 0..<Int(seconds * 100 + 0.5) {
      step(perStep)
      observe(output, plant.truth)
    }
  }

  /// Runs the motor at a flow in mL/h for a time.
  mutating func run(seconds: Double, flow: Double = 0) {
    let perStep = flow * 1e6 / 360_000 / (barrel.area_mm2 * 0.125)
    for _ in 0..<Int(seconds * 100 + 0.5) { step(perStep) }
  }

  private mutating func step(_ microsteps: Double) {
    rest += microsteps
    let whole = Int64(rest)
    rest -= Double(whole)
    advance(by: whole)
  }

  mutating func advance(by microsteps: Int64) {
    position &+= microsteps
    plant.advance(
      PlantInput(motorPosition: position, motorPowered: powered, loadCurrent_mA: load_mA),
      into: &output)
  }
}
