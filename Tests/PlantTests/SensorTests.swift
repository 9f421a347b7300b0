// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct SensorTests {
  private func readings(_ rig: inout Rig, _ count: Int) -> [(a: Int, b: Int)] {
    var list: [(a: Int, b: Int)] = []
    rig.run(seconds: Double(count) * 0.01) { output, _ in
      list.append((output.linePressureA_Pa, output.linePressureB_Pa))
    }
    return list
  }

  @Test func `noise has the standard deviation of its knob`() throws {
    var rig = try Rig([.sensorPressureANoise: 1_000, .sensorPressureBNoise: 0])
    let list = readings(&rig, 20_000)
    let mean = Double(list.reduce(0) { $0 + $1.a }) / 20_000
    let variance = list.reduce(0.0) { $0 + (Double($1.a) - mean) * (Double($1.a) - mean) } / 20_000
    #expect(abs(mean) < 40)
    #expect(abs(variance.squareRoot() / 1_000 - 1) < 0.02)
    #expect(list.allSatisfy { $0.b == 0 })
  }

  @Test func `a fault of one sensor leaves the other's noise as it was`() throws {
    var sound = try Rig()
    var faulty = try Rig([.sensorPressureANoise: 5_000, .sensorPressureAStuck: 1])
    #expect(readings(&sound, 500).map(\.b) == readings(&faulty, 500).map(\.b))
  }

  @Test func `a drifting zero walks at its rate`() throws {
    var rig = try Rig([.sensorPressureBDrift: 36_000, .sensorPressureBNoise: 0])
    rig.run(seconds: 100)
    #expect(abs(rig.output.linePressureB_Pa - 1_000) <= 1)
    #expect(abs(rig.output.linePressureA_Pa) < 100)
    #expect(rig.truth.linePressure_Pa == 0)
  }

  @Test func `a stuck sensor holds while the pressure rises`() throws {
    var rig = try Rig([.occlusionDownstream: 100])
    rig.run(seconds: 60, flow: 5)
    let held = rig.output.linePressureA_Pa
    try rig.set(.sensorPressureAStuck, 1)
    rig.run(seconds: 60, flow: 5)
    #expect(rig.output.linePressureA_Pa == held)
    #expect(rig.output.linePressureB_Pa > held + 3_000)
    try rig.set(.sensorPressureAStuck, 0)
    rig.run(seconds: 0.01)
    #expect(rig.output.linePressureA_Pa > held + 3_000)
  }

  @Test func `a disconnected sensor says so`() throws {
    var rig = try Rig([.occlusionDownstream: 100])
    rig.run(seconds: 60, flow: 5)
    try rig.set(.sensorPressureBDisconnected, 1)
    try rig.set(.sensorEncoderDisconnected, 1)
    try rig.set(.sensorAirDisconnected, 1)
    rig.run(seconds: 0.01)
    #expect(rig.output.pressureAConnected)
    #expect(!rig.output.pressureBConnected)
    #expect(rig.output.linePressureB_Pa == 0)
    #expect(!rig.output.encoderConnected)
    #expect(!rig.output.airDetectorConnected)
  }

  @Test func `a stuck encoder holds its angle while the screw turns`() throws {
    var rig = try Rig()
    rig.advance(by: 1_600)
    try rig.set(.sensorEncoderStuck, 1)
    rig.advance(by: 800)
    #expect(rig.output.encoderAngle == 1_024)
    #expect(rig.output.screwPosition_nm == 300_000)
    try rig.set(.sensorEncoderStuck, 0)
    rig.advance(by: 0)
    #expect(rig.output.encoderAngle == 1_536)
  }

  @Test func `a lost magnet is reported and a slipping one is not`() throws {
    var rig = try Rig([.sensorEncoderSlip: 50])
    rig.advance(by: 1_600)
    #expect(rig.output.encoderAngle == 512)
    #expect(rig.output.encoderMagnetDetected)
    try rig.set(.sensorEncoderMagnetLost, 1)
    rig.advance(by: 0)
    #expect(!rig.output.encoderMagnetDetected)
    #expect(rig.output.encoderConnected)
  }

  @Test func `encoder noise stays near the angle and within the turn`() throws {
    var rig = try Rig([.sensorEncoderNoise: 2])
    var seen: Set<Int> = []
    rig.run(seconds: 5) { output, _ in seen.insert(output.encoderAngle) }
    #expect(seen.count > 3)
    #expect(seen.allSatisfy { (0..<4_096).contains($0) && ($0 < 8 || $0 > 4_088) })
  }

  @Test func `a stuck air detector misses a bubble`() throws {
    var rig = try Rig()
    rig.run(seconds: 10, flow: 30)
    try rig.set(.sensorAirStuck, 1)
    try rig.set(.airBubble, 50)
    var seen = false
    rig.run(seconds: 60, flow: 30) { output, _ in seen = seen || output.airAtDetector }
    #expect(!seen)
    #expect(rig.truth.bubblePassed_fL == 50_000_000_000)
  }

  @Test func `switches follow the rig until they jam`() throws {
    var rig = try Rig([.syringeSize: 20])
    rig.advance(by: 0)
    #expect(rig.output.syringeSize == .mL20)
    #expect(rig.output.plungerEngaged)
    #expect(rig.output.doorClosed)
    try rig.set(.doorClosed, 0)
    try rig.set(.plungerEngaged, 0)
    rig.advance(by: 0)
    #expect(!rig.output.doorClosed)
    #expect(!rig.output.plungerEngaged)
    try rig.set(.sensorDoorStuck, 1)
    try rig.set(.sensorPlungerStuck, 1)
    try rig.set(.sensorSyringeStuck, 1)
    try rig.set(.doorClosed, 1)
    try rig.set(.plungerEngaged, 1)
    try rig.set(.syringeSeated, 0)
    rig.advance(by: 0)
    #expect(!rig.output.doorClosed)
    #expect(!rig.output.plungerEngaged)
    #expect(rig.output.syringeSize == .mL20)
  }
}
