// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct PowerTests {
  @Test(arguments: [(0.0, 990_000), (50.0, 980_000)])
  func `a load empties the cell by what it draws`(age: Double, left: Int) throws {
    var rig = try Rig([.mainsPresent: 0, .batteryAge: age])
    rig.load_mA = 2_600
    rig.run(seconds: 36)
    #expect(abs(rig.output.batteryCharge_ppm - left) <= 2)
    #expect(!rig.output.mainsPresent)
    let rate = rig.output.batteryChargeRate_ppmPerHour
    #expect(abs(rate + (age == 0 ? 1_000_000 : 2_000_000)) <= 1)
  }

  @Test func `the adapter carries the load and fills the cell`() throws {
    var rig = try Rig([.batteryCharge: 50])
    rig.run(seconds: 72)
    #expect(abs(rig.output.batteryCharge_ppm - 510_000) <= 2)
    #expect(rig.output.batteryChargeRate_ppmPerHour == 500_000)
    try rig.set(.batteryCharge, 100)
    rig.run(seconds: 1)
    #expect(rig.output.batteryCharge_ppm == 1_000_000)
    #expect(rig.output.batteryChargeRate_ppmPerHour == 0)
  }

  @Test func `voltage falls with charge and with load`() throws {
    var full = try Rig([.mainsPresent: 0])
    var low = try Rig([.mainsPresent: 0, .batteryCharge: 10])
    full.run(seconds: 0.01)
    low.run(seconds: 0.01)
    #expect(full.output.batteryVoltage_uV > 4_100_000)
    #expect(low.output.batteryVoltage_uV < 3_600_000)
    let light = low.output.batteryVoltage_uV
    low.load_mA = 1_300
    // The battery follows in every tenth step.
    low.run(seconds: 0.1)
    // 1 A more over 0.08 Ω.
    #expect(abs(light - low.output.batteryVoltage_uV - 80_000) < 100)
  }

  @Test func `an empty cell supplies nothing`() throws {
    var rig = try Rig([.mainsPresent: 0, .batteryCharge: 0])
    rig.run(seconds: 1)
    #expect(rig.output.batteryCharge_ppm == 0)
    #expect(rig.output.batteryVoltage_uV == 2_500_000)
  }

  @Test func `a collapsing cell still looks healthy to its gauge`() throws {
    var rig = try Rig([.mainsPresent: 0])
    rig.run(seconds: 1)
    try rig.set(.batteryCollapse, 95)
    rig.run(seconds: 30)
    #expect(rig.output.batteryCharge_ppm < 50_000)
    #expect(rig.output.gaugeCharge_ppm > 990_000)
    #expect(rig.output.batteryVoltage_uV < 3_450_000)
    rig.run(seconds: 570)
    #expect(abs(rig.output.gaugeCharge_ppm - 900_000) < 6_000)
  }

  @Test func `the gauge carries its error`() throws {
    var rig = try Rig([.batteryCharge: 50, .batteryGaugeError: 20])
    rig.run(seconds: 0.01)
    #expect(abs(rig.output.gaugeCharge_ppm - 700_000) < 100)
    #expect(abs(rig.output.batteryCharge_ppm - 500_000) < 100)
  }

  @Test func `the housing follows the room and warms with the load`() throws {
    var rig = try Rig([.ambientTemperature: 20])
    rig.run(seconds: 0.01)
    #expect(abs(rig.output.temperature_mC - 20_000) < 10)
    rig.run(seconds: 900)
    // One lag of 15 minutes: 63.2 % of 4.5 K.
    #expect(abs(rig.output.temperature_mC - 22_845) < 20)
  }
}
