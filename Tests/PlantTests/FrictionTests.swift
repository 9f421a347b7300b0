// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct FrictionTests {
  private func flows(_ knobs: [Knob: Double], flow: Double, seconds: Double) throws -> [Int64] {
    var rig = try Rig(knobs)
    rig.run(seconds: 120, flow: flow)
    var flows: [Int64] = []
    rig.run(seconds: seconds, flow: flow) { _, truth in flows.append(truth.flow_nLPerHour) }
    return flows
  }

  /// How often the flow rises through twice its mean.
  private func bursts(_ flows: [Int64], flow: Double) -> Int {
    let level = Int64(flow * 2e6)
    return zip(flows, flows.dropFirst()).count { $0 <= level && $1 > level }
  }

  @Test func `high static friction sticks and slips`() throws {
    let flows = try flows(
      [.plungerFrictionStatic: 12, .plungerFrictionCoulomb: 4], flow: 2, seconds: 600)
    #expect(bursts(flows, flow: 2) >= 5)
    #expect((flows.max() ?? 0) > 20_000_000)
    #expect(flows.count { $0 < 200_000 } > flows.count / 2)
  }

  @Test func `without excess of static friction the flow is smooth`() throws {
    let flows = try flows(
      [.plungerFrictionStatic: 4, .plungerFrictionCoulomb: 4], flow: 2, seconds: 600)
    #expect(bursts(flows, flow: 2) == 0)
    #expect((flows.max() ?? 0) < 2_500_000)
    #expect((flows.min() ?? 0) > 1_500_000)
  }

  @Test func `slips come more often at a higher rate`() throws {
    let knobs: [Knob: Double] = [.plungerFrictionStatic: 12, .plungerFrictionCoulomb: 4]
    let slow = bursts(try flows(knobs, flow: 1, seconds: 900), flow: 1)
    let fast = bursts(try flows(knobs, flow: 3, seconds: 900), flow: 3)
    #expect(slow > 2)
    #expect(abs(Double(fast) / Double(slow) - 3) < 1)
  }

  @Test func `stick-slip does not change what is delivered in the long run`() throws {
    var rig = try Rig([.plungerFrictionStatic: 12, .plungerFrictionCoulomb: 4])
    rig.run(seconds: 3_600, flow: 10)
    #expect(abs(rig.delivered_uL / rig.commanded_uL - 1) < 0.01)
  }

  @Test func `a fast plunger feels its viscous friction`() throws {
    var light = try Rig([.plungerFrictionViscous: 0])
    var heavy = try Rig([.plungerFrictionViscous: 20])
    light.run(seconds: 20, flow: 900)
    heavy.run(seconds: 20, flow: 900)
    // 900 mL/h is 0.451 mm/s: 20 N·s/mm makes 9 N.
    let excess = heavy.output.plungerForce_mN - light.output.plungerForce_mN
    #expect(abs(excess - 9_025) < 500)
  }
}
