// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct AccuracyTests {
  @Test(arguments: [1.0, 5.0, 25.0])
  func `a 50 mL syringe delivers within 1 % over two hours`(flow: Double) throws {
    var rig = try Rig()
    rig.run(seconds: 7_200, flow: flow)
    #expect(abs(rig.delivered_uL / rig.commanded_uL - 1) < 0.01)
    #expect(abs(rig.commanded_uL / (flow * 2_000) - 1) < 0.001)
    #expect(rig.truth.lostSteps == 0)
  }

  @Test(arguments: [(Barrel.mL10, 1.0), (.mL10, 5.0), (.mL20, 1.0), (.mL20, 5.0)])
  func `smaller syringes deliver within 1 % from the start`(barrel: Barrel, flow: Double) throws {
    var rig = try Rig([.syringeSize: Double(barrel.rawValue)])
    rig.run(seconds: 2_400, flow: flow)
    #expect(abs(rig.delivered_uL / rig.commanded_uL - 1) < 0.01)
  }

  @Test(arguments: Barrel.allCases)
  func `every barrel delivers travel times area`(barrel: Barrel) throws {
    var rig = try Rig([.syringeSize: Double(barrel.rawValue)])
    // Half the barrel's nominal volume in ten minutes.
    rig.run(seconds: 600, flow: Double(barrel.rawValue) * 3)
    rig.run(seconds: 30)
    let travel_mm = Double(rig.output.screwPosition_nm) * 1e-6
    #expect(abs(rig.delivered_uL / (travel_mm * barrel.area_mm2) - 1) < 0.01)
    #expect(abs(rig.delivered_uL / (Double(barrel.rawValue) * 500) - 1) < 0.01)
  }

  @Test func `an unprimed start falls behind by backlash, friction and compliance`() throws {
    var primed = try Rig()
    var raw = try Rig([.startPrimed: 0])
    primed.run(seconds: 600, flow: 5)
    raw.run(seconds: 600, flow: 5)
    // 20 µm of backlash, and 5 N over 100 N/mm, of 554 mm² each.
    let missing = (0.02 + 0.05) * 554.05
    #expect(abs(primed.delivered_uL - raw.delivered_uL - missing) < 4)
  }

  @Test func `back-pressure shifts the pressure and not the volume`() throws {
    var rig = try Rig([.patientPressure: 100])
    rig.run(seconds: 1_800, flow: 25)
    #expect(abs(rig.delivered_uL / rig.commanded_uL - 1) < 0.01)
    // 100 mmHg and 25 mL/h through 0.05 kPa·h/mL.
    #expect(abs(rig.truth.linePressure_Pa - 14_582) < 100)
  }

  @Test func `the flow shown is the volume's rate`() throws {
    var rig = try Rig()
    rig.run(seconds: 60, flow: 25)
    var sum: Int64 = 0
    let before = rig.truth.delivered_fL
    rig.run(seconds: 60, flow: 25) { _, truth in sum += truth.flow_nLPerHour }
    let moved = Double(rig.truth.delivered_fL - before) * 1e-6
    #expect(abs(Double(sum) / 360_000 / moved - 1) < 0.001)
    #expect(abs(moved / 416_667 - 1) < 0.01)
  }
}
