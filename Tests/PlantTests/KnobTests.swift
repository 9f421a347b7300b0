// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct KnobTests {
  @Test(arguments: Knob.allCases)
  func `every knob refuses what is no number and what is out of range`(knob: Knob) throws {
    var plant = Plant(seed: 1)
    let before = plant.truth
    for value in [Double.nan, .signalingNaN, .infinity, -.infinity] {
      #expect(throws: KnobError.notFinite(knob)) { try plant.set(knob, value) }
    }
    let range = knob.spec.range
    for value in [1e300, -1e300, range.upperBound.nextUp, range.lowerBound.nextDown] {
      #expect(throws: KnobError.outOfRange(knob, value: value)) { try plant.set(knob, value) }
    }
    #expect(plant.value(of: knob) == knob.spec.default)
    #expect(plant.truth == before)
  }

  @Test(arguments: Knob.allCases)
  func `every knob runs at both its ends and comes back`(knob: Knob) throws {
    var rig = try Rig()
    rig.run(seconds: 0.5, flow: 30)
    for value in [knob.spec.range.lowerBound, knob.spec.range.upperBound, knob.spec.default] {
      try rig.set(knob, value)
      #expect(rig.plant.value(of: knob) == (knob.spec.kind == .impulse ? 0 : value))
      rig.run(seconds: 2, flow: 30)
      rig.run(seconds: 2, flow: -30)
      #expect(rig.plant.conservationError_fL == 0)
    }
    let spec = knob.spec
    for initial in [spec.range.lowerBound, spec.range.upperBound] {
      var fresh = try Rig([knob: initial])
      fresh.run(seconds: 1, flow: 30)
      #expect(fresh.plant.conservationError_fL == 0)
    }
  }

  @Test(arguments: Knob.allCases)
  func `every knob has a dotted name, a summary and a default that it accepts`(knob: Knob) throws {
    let spec = knob.spec
    #expect(spec.name == knob.rawValue)
    #expect(spec.accepts(spec.default))
    #expect(spec.summary.hasSuffix("."))
    #expect((spec.kind == .toggle) == spec.unit.isEmpty)
    let parts = spec.name.split(separator: ".", omittingEmptySubsequences: false)
    #expect(parts.count >= 2)
    #expect(parts.allSatisfy { $0.first?.isLowercase ?? false })
    #expect(spec.name.allSatisfy { ($0.isASCII && $0.isLetter) || $0 == "." })
    #expect(try Knob(named: spec.name) == knob)
  }

  @Test func `an unknown name is refused by name`() {
    #expect(throws: KnobError.unknownName("line.colour")) { try Knob(named: "line.colour") }
    #expect(KnobError.unknownName("line.colour").description == "there is no knob 'line.colour'")
  }

  @Test func `a switch is 0 or 1 and a syringe is one of the barrels`() throws {
    var plant = Plant(seed: 1)
    #expect(throws: KnobError.notAChoice(.doorClosed, value: 0.5)) {
      try plant.set(.doorClosed, 0.5)
    }
    #expect(throws: KnobError.notAChoice(.syringeSize, value: 7)) { try plant.set(.syringeSize, 7) }
    try plant.set(.syringeSize, 10)
    #expect(plant.value(of: .syringeSize) == 10)
  }

  @Test func `a refusal tells the range`() {
    #expect(
      KnobError.outOfRange(.patientHeight, value: 3).description
        == "patient.height = 3.0 is out of range, -2.0 to 2.0 m")
    #expect(
      KnobError.notFinite(.doorClosed).description
        == "door.closed must be a finite number, 0 or 1")
    #expect(
      KnobError.notAChoice(.syringeSize, value: 7).description
        == "syringe.size = 7.0 is not possible, one of 1.0, 3.0, 5.0, 10.0, 20.0, 30.0, 50.0 mL")
  }

  @Test func `a fill beyond the barrel fills the barrel`() throws {
    let rig = try Rig([.syringeSize: 10, .syringeFill: 60, .syringeAir: 5])
    #expect(rig.truth.inSyringe_fL == 10_000_000_000_000)
    #expect(rig.truth.syringeAir_fL == 0)
  }

  @Test func `an impulse acts once, also among the initial settings`() throws {
    var rig = try Rig([.airBubble: 50])
    #expect(rig.truth.lineAir_fL == 50_000_000_000)
    #expect(rig.plant.value(of: .airBubble) == 0)
    try rig.set(.doorClosed, 0)
    #expect(rig.truth.lineAir_fL == 50_000_000_000)
  }
}
