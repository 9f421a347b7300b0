// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct ConservationTests {
  @Test(arguments: 1...24)
  func `no femtolitre is lost or made in a storm of knobs`(seed: Int) throws {
    var dice = Dice(seed: UInt64(seed))
    var rig = try Rig(seed: UInt64(seed))
    for _ in 0..<120 {
      let knob = Knob.allCases[dice.index(below: Knob.allCases.count)]
      try rig.set(knob, dice.value(for: knob.spec))
      rig.powered = dice.index(below: 8) != 0
      let speed = Int64(dice.index(below: 1_201)) - 400
      for _ in 0..<20 {
        rig.advance(by: speed)
        #expect(rig.plant.conservationError_fL == 0)
      }
    }
    let truth = rig.truth
    #expect(truth.inSyringe_fL >= 0)
    #expect(truth.syringeAir_fL >= 0)
    #expect(truth.lineAir_fL >= 0)
    #expect(truth.delivered_fL == truth.infusedFluid_fL + truth.deliveredAir_fL)
  }

  @Test(.tags(.`RC-099`, .`SRS-117`))
  func `RC-099 SRS-117 what left the syringe is in the line or in the patient`() throws {
    var rig = try Rig()
    let before = rig.truth
    rig.run(seconds: 300, flow: 60)
    let after = rig.truth
    #expect(before.inSyringe_fL == 50_000_000_000_000)
    #expect(
      before.inSyringe_fL + before.inLine_fL
        == after.inSyringe_fL + after.inLine_fL + after.delivered_fL)
    #expect(after.delivered_fL > 4_900_000_000_000)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `an open end spills and leaves the patient alone`() throws {
    var rig = try Rig([.lineConnected: 0])
    rig.run(seconds: 120, flow: 60)
    #expect(rig.truth.delivered_fL == 0)
    // 3 kPa of flow resistance keep some 40 of 2000 µL in the compliance.
    #expect(abs(Double(rig.truth.spilled_fL) * 1e-9 / rig.commanded_uL - 1) < 0.03)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `drawing back on an open end draws air`() throws {
    var rig = try Rig([.lineConnected: 0])
    rig.run(seconds: 60, flow: -60)
    #expect(rig.truth.lineAir_fL > 500_000_000_000)
    #expect(rig.truth.reverseFlow_fL == 0)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `a leaking seal spills under pressure and keeps the pressure down`() throws {
    var tight = try Rig([.occlusionDownstream: 100])
    var leaking = try Rig([.occlusionDownstream: 100, .syringeLeak: 0.2])
    tight.run(seconds: 300, flow: 5)
    leaking.run(seconds: 300, flow: 5)
    #expect(tight.truth.spilled_fL == 0)
    #expect(leaking.truth.spilled_fL > 0)
    #expect(leaking.truth.linePressure_Pa < tight.truth.linePressure_Pa * 9 / 10)
    #expect(leaking.plant.conservationError_fL == 0)
  }

  @Test func `a seal under strong suction lets air in`() throws {
    var rig = try Rig([.occlusionUpstream: 100])
    rig.run(seconds: 60, flow: -200)
    #expect(rig.truth.syringeAir_fL > 0)
    #expect(rig.truth.syringePressure_Pa < -70_000)
    #expect(rig.truth.syringePressure_Pa > -95_000)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `a fresh syringe leaves what was delivered and throws the old one away`() throws {
    var rig = try Rig()
    rig.run(seconds: 60, flow: 60)
    let before = rig.truth
    try rig.set(.syringeSize, 20)
    try rig.set(.syringeFill, 15)
    #expect(rig.truth.delivered_fL == before.delivered_fL)
    #expect(rig.truth.inSyringe_fL == 15_000_000_000_000)
    // The 50 mL syringe's rest, and the 20 mL that the first turn of a knob filled in.
    #expect(rig.truth.spilled_fL == before.inSyringe_fL + 20_000_000_000_000)
    rig.run(seconds: 60, flow: 60)
    #expect(rig.truth.delivered_fL > before.delivered_fL)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `the ledger holds the volume of ten days at the greatest rate`() throws {
    var rig = try Rig()
    // 999 mL/h for 240 h is 240 L: 4000 syringes of 60 mL.
    for _ in 0..<4_000 { try rig.set(.syringeFill, 60) }
    rig.run(seconds: 1, flow: 999)
    #expect(rig.truth.spilled_fL == 239_990_000_000_000_000)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `no motor position can trap the plant`() throws {
    var plant = Plant(seed: 1)
    var output = PlantOutput()
    for position in [Int64.max, .min, 0, .max, 1, .min, -1] {
      plant.advance(
        PlantInput(motorPosition: position, motorPowered: true, loadCurrent_mA: .min), into: &output
      )
      #expect(output.screwPosition_nm == 0 || abs(output.screwPosition_nm) < 1_000_000)
      #expect(plant.conservationError_fL == 0)
    }
    #expect(plant.truth.lostSteps == .max)
  }
}

/// A small generator for test inputs (SplitMix64).
struct Dice {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func index(below count: Int) -> Int { Int(next() % UInt64(count)) }

  mutating func value(for spec: KnobSpec) -> Double {
    switch spec.kind {
    case .toggle: return Double(index(below: 2))
    case .choice: return spec.choices[index(below: spec.choices.count)]
    case .continuous, .impulse:
      let part = Double(index(below: 1_001)) / 1_000
      let value = spec.range.lowerBound + part * (spec.range.upperBound - spec.range.lowerBound)
      return min(value, spec.range.upperBound)
    }
  }
}
