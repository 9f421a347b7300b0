// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct DeterminismTests {
  private func run(seed: UInt64) throws -> [PlantOutput] {
    var rig = try Rig([.sensorEncoderNoise: 1], seed: seed)
    var outputs: [PlantOutput] = []
    rig.run(seconds: 20, flow: 100) { output, _ in outputs.append(output) }
    try rig.set(.airBubble, 30)
    try rig.set(.occlusionDownstream, 90)
    rig.run(seconds: 20, flow: 100) { output, _ in outputs.append(output) }
    return outputs
  }

  @Test(.tags(.`RC-099`, .`SRS-116`)) func `RC-099 SRS-116 the same seed gives the same run`()
    throws
  {
    #expect(try run(seed: 7) == run(seed: 7))
  }

  @Test func `another seed gives other noise`() throws {
    #expect(try run(seed: 7).map(\.linePressureA_Pa) != run(seed: 8).map(\.linePressureA_Pa))
  }

  @Test func `the seed changes the sensors and not the physics`() throws {
    var one = try Rig(seed: 1)
    var two = try Rig(seed: 2)
    one.run(seconds: 60, flow: 30)
    two.run(seconds: 60, flow: 30)
    #expect(one.truth == two.truth)
  }

  @Test func `a copy goes the same way`() throws {
    var rig = try Rig()
    rig.run(seconds: 10, flow: 30)
    var copy = rig
    rig.run(seconds: 10, flow: 30)
    copy.run(seconds: 10, flow: 30)
    #expect(rig.output == copy.output)
    #expect(rig.truth == copy.truth)
  }

  /// The figures of one run, so that another machine, compiler or build that computes differently shows.
  @Test(.tags(.`RC-099`, .`SRS-116`))
  func `RC-099 SRS-116 a run gives these very numbers everywhere`() throws {
    var rig = try Rig([.sensorEncoderNoise: 1], seed: 42)
    rig.run(seconds: 60, flow: 25)
    try rig.set(.airBubble, 40)
    try rig.set(.patientHeight, 0.3)
    try rig.set(.occlusionDownstream, 70)
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    rig.run(seconds: 60, flow: 25) { output, truth in
      for value in [
        output.screwPosition_nm, Int64(output.encoderAngle), Int64(output.linePressureA_Pa),
        Int64(output.linePressureB_Pa), Int64(output.plungerForce_mN),
        Int64(output.batteryVoltage_uV), Int64(output.temperature_mC), truth.delivered_fL,
        truth.lineAir_fL,
      ] {
        digest = (digest ^ UInt64(bitPattern: value)) &* 0x100_0000_01B3
      }
    }
    #expect(digest == 8_997_223_344_189_943_738)
  }
}
