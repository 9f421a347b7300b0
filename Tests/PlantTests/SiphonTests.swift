// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct SiphonTests {
  @Test func `a syringe out of its driver runs into a patient below`() throws {
    var rig = try Rig([.patientHeight: -1.3])
    rig.run(seconds: 10)
    try rig.set(.syringeSeated, 0)
    rig.run(seconds: 60)
    // (12.7 kPa − 4.8 N / 554 mm²) over 0.05 kPa·h/mL, less the viscous friction.
    #expect(rig.truth.flow_nLPerHour > 60_000_000)
    #expect(rig.truth.flow_nLPerHour < 82_000_000)
    #expect(rig.output.syringeSize == nil)
    #expect(!rig.output.plungerEngaged)
    #expect(rig.output.plungerForce_mN == 0)
  }

  @Test func `a syringe out of its driver draws from a patient above`() throws {
    var rig = try Rig([.patientHeight: 1.3])
    try rig.set(.syringeSeated, 0)
    rig.run(seconds: 60)
    #expect(rig.truth.flow_nLPerHour < -60_000_000)
    #expect(rig.truth.delivered_fL < 0)
    #expect(rig.truth.reverseFlow_fL == -rig.truth.delivered_fL)
  }

  @Test func `a plunger that is not gripped siphons in its driver`() throws {
    var rig = try Rig([.patientHeight: -1.3, .plungerEngaged: 0])
    rig.run(seconds: 60)
    #expect(rig.truth.flow_nLPerHour > 60_000_000)
    #expect(rig.output.syringeSize == .mL50)
    #expect(!rig.output.plungerEngaged)
  }

  @Test func `a gripped plunger holds against the siphon`() throws {
    var rig = try Rig([.patientHeight: -1.3])
    rig.run(seconds: 600)
    #expect(rig.truth.flow_nLPerHour == 0)
    #expect(abs(rig.delivered_uL) < 1)
  }

  @Test func `lowering a gripped rig lets go of its elastic volume only`() throws {
    var rig = try Rig()
    rig.run(seconds: 10)
    try rig.set(.patientHeight, -1.3)
    rig.run(seconds: 600)
    #expect(rig.truth.flow_nLPerHour == 0)
    #expect(rig.delivered_uL > 50)
    #expect(rig.delivered_uL < 230)
  }

  @Test func `friction holds a free plunger against a small height`() throws {
    var rig = try Rig([.patientHeight: -0.5])
    try rig.set(.syringeSeated, 0)
    rig.run(seconds: 300)
    #expect(rig.truth.flow_nLPerHour == 0)
  }

  @Test func `an easy plunger siphons from a small height`() throws {
    var rig = try Rig([
      .patientHeight: -0.5, .plungerFrictionStatic: 1, .plungerFrictionCoulomb: 1,
    ])
    try rig.set(.syringeSeated, 0)
    rig.run(seconds: 60)
    #expect(rig.truth.flow_nLPerHour > 40_000_000)
  }

  @Test func `an anti-siphon valve stops the free flow both ways`() throws {
    for height in [-1.3, 1.3] {
      var rig = try Rig([.patientHeight: height, .siphonValve: 1])
      try rig.set(.syringeSeated, 0)
      rig.run(seconds: 60)
      #expect(rig.truth.flow_nLPerHour == 0)
      #expect(rig.truth.reverseFlow_fL == 0)
    }
  }

  @Test func `a driven plunger opens the anti-siphon valve`() throws {
    var rig = try Rig([.siphonValve: 1])
    rig.run(seconds: 900, flow: 25)
    #expect(abs(rig.truth.linePressure_Pa - 11_250) < 300)
    #expect(abs(rig.truth.flow_nLPerHour - 25_000_000) < 1_000_000)
  }

  @Test func `free flow ends with an empty syringe`() throws {
    var rig = try Rig([
      .syringeFill: 1, .patientHeight: -2, .plungerFrictionStatic: 0, .plungerFrictionCoulomb: 0,
    ])
    try rig.set(.syringeSeated, 0)
    rig.run(seconds: 300)
    #expect(rig.truth.flow_nLPerHour == 0)
    #expect(rig.delivered_uL > 900)
    #expect(rig.delivered_uL <= 1_200)
    #expect(rig.truth.inSyringe_fL >= 0)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `seating the syringe again ends the free flow`() throws {
    var rig = try Rig([.patientHeight: -1.3])
    try rig.set(.syringeSeated, 0)
    rig.run(seconds: 60)
    try rig.set(.syringeSeated, 1)
    rig.run(seconds: 120)
    #expect(rig.truth.flow_nLPerHour == 0)
    rig.run(seconds: 300, flow: 25)
    #expect(abs(rig.truth.flow_nLPerHour - 25_000_000) < 1_500_000)
  }
}
