// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct OcclusionTests {
  /// Syringe, line and drive of the nominal rig together: 0.009 + 0.001 + (554.05 mm²)² / 100 N/mm.
  private let compliance_mLPerkPa = 0.010 + 554.05 * 554.05 * 1e-6 / 100

  @Test func `an occluded line rises by flow over compliance`() throws {
    var rig = try Rig([.occlusionDownstream: 100])
    rig.run(seconds: 60, flow: 5)
    let early = rig.truth.linePressure_Pa
    rig.run(seconds: 240, flow: 5)
    let rise = Double(rig.truth.linePressure_Pa - early) / 1_000
    #expect(abs(rise / (5.0 * 240 / 3_600 / compliance_mLPerkPa) - 1) < 0.02)
    #expect(rig.truth.delivered_fL == 0)
  }

  @Test func `a stiffer set alarms sooner`() throws {
    var soft = try Rig([.occlusionDownstream: 100, .syringeCompliance: 0.021])
    var stiff = try Rig([.occlusionDownstream: 100, .syringeCompliance: 0.003])
    soft.run(seconds: 120, flow: 5)
    stiff.run(seconds: 120, flow: 5)
    #expect(stiff.truth.linePressure_Pa > soft.truth.linePressure_Pa * 2)
  }

  @Test func `releasing an occlusion gives a bolus of compliance times pressure`() throws {
    var rig = try Rig()
    rig.run(seconds: 60, flow: 5)
    try rig.set(.occlusionDownstream, 100)
    rig.run(seconds: 300, flow: 5)
    let pressure = rig.truth.linePressure_Pa
    let before = rig.delivered_uL
    try rig.set(.occlusionDownstream, 0)
    rig.run(seconds: 120)
    let bolus = (rig.delivered_uL - before) / 1_000
    let fall = Double(pressure - rig.truth.linePressure_Pa) / 1_000
    #expect(fall > 30)
    #expect(abs(bolus / (compliance_mLPerkPa * fall) - 1) < 0.02)
  }

  @Test func `drawing back before the release makes the bolus small`() throws {
    var rig = try Rig()
    rig.run(seconds: 60, flow: 5)
    try rig.set(.occlusionDownstream, 100)
    rig.run(seconds: 300, flow: 5)
    while rig.truth.linePressure_Pa > 2_000 { rig.run(seconds: 0.1, flow: -60) }
    let before = rig.delivered_uL
    try rig.set(.occlusionDownstream, 0)
    rig.run(seconds: 120)
    #expect(rig.delivered_uL - before < 50)
  }

  @Test func `half a cross-section passes a quarter`() throws {
    var rig = try Rig([.occlusionDownstream: 50])
    rig.run(seconds: 600, flow: 25)
    // 25 mL/h through four times 0.05 kPa·h/mL.
    #expect(abs(rig.truth.linePressure_Pa - 5_000) < 150)
    #expect(abs(rig.truth.flow_nLPerHour - 25_000_000) < 750_000)
  }

  @Test func `a slow occlusion takes its ramp time`() throws {
    var rig = try Rig([.occlusionDownstreamRampTime: 100])
    rig.run(seconds: 30, flow: 25)
    try rig.set(.occlusionDownstream, 100)
    rig.run(seconds: 80, flow: 25)
    #expect(rig.truth.flow_nLPerHour > 0)
    let midway = rig.truth.linePressure_Pa
    rig.run(seconds: 21, flow: 25)
    #expect(rig.truth.flow_nLPerHour == 0)
    #expect(rig.truth.linePressure_Pa > midway)
  }

  @Test func `an upstream occlusion hides from the line and shows in the force`() throws {
    var rig = try Rig([.occlusionUpstream: 100])
    rig.run(seconds: 120, flow: 25)
    #expect(abs(rig.truth.linePressure_Pa) < 100)
    #expect(rig.truth.syringePressure_Pa > 50_000)
    #expect(rig.output.plungerForce_mN > 30_000)
    #expect(rig.truth.delivered_fL == 0)
  }

  @Test func `a blocked pump stalls at its thrust limit and counts what it lost`() throws {
    var rig = try Rig([.occlusionDownstream: 100, .motorTorqueLimit: 30])
    rig.run(seconds: 300, flow: 25)
    #expect(rig.truth.motorStalled)
    #expect(rig.truth.lostSteps > 0)
    #expect(rig.output.plungerForce_mN <= 30_000)
    #expect(rig.output.plungerForce_mN > 29_000)
    #expect(rig.output.screwPosition_nm / 125 + rig.truth.lostSteps == rig.position)
    // 30 N less the friction, over 554 mm².
    #expect(abs(rig.truth.syringePressure_Pa - 45_300) < 1_500)
  }
}
