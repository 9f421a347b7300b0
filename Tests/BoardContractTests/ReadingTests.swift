// SPDX-License-Identifier: Apache-2.0

import Board
import DeviceInterface
import Devices
import Plant
import SimulatedBoard
import Testing
import Units

@Suite struct ReadingTests {
  @Test(arguments: [
    (1.0, Int64(6_700)), (3, 10_580), (5, 13_990), (10, 16_430), (20, 21_050), (30, 23_590),
    (50, 28_560),
  ])
  func `feels each syringe at its clamp`(size: Double, micrometres: Int64) throws {
    let rig = try Rig([(.syringeSize, size)])
    rig.run(milliseconds: 300)
    let clamp = try #require(rig.readings.clamp)
    #expect((clamp - .micrometres(micrometres)).magnitude <= .micrometres(2))
  }

  @Test func `feels no syringe when none is seated`() throws {
    let rig = try Rig([(.syringeSeated, 0)])
    rig.run(milliseconds: 300)
    #expect(rig.readings.clamp == nil)
    #expect(rig.readings.pressure != nil)
  }

  @Test func `reads pressure in every cycle, also while the clamp is measured`() throws {
    let rig = try Rig([(.patientPressure, 100), (.sensorPressureANoise, 0)])
    rig.run(milliseconds: 60_000)
    let settled = try #require(rig.readings.pressure)
    for _ in 0..<100 {
      rig.run(milliseconds: 10)
      let pressure = try #require(rig.readings.pressure)
      #expect((pressure - settled).magnitude < .pascals(100))
    }
  }

  @Test(
    .tags(.`RC-029`), arguments: [(Int64(249), false), (250, true), (4_750, true), (4_751, false)])
  func `RC-029 takes a voltage outside the transducer's range for none`(
    millivolts: Int64, valid: Bool
  ) {
    #expect((BoardScale.pressure(of: .millivolts(millivolts)) != nil) == valid)
  }

  @Test func `converts the transducer's end points`() {
    #expect(BoardScale.pressure(of: .millivolts(500)) == .kilopascals(-50))
    #expect(BoardScale.pressure(of: .millivolts(4_500)) == .kilopascals(250))
  }

  @Test(.tags(.`RC-029`, .`SRS-065`))
  func `RC-029 SRS-065 shows no reading of a sensor that is gone`() throws {
    let rig = try Rig([
      (.sensorPressureADisconnected, 1), (.sensorPressureBDisconnected, 1),
      (.sensorEncoderDisconnected, 1),
    ])
    rig.run(milliseconds: 100)
    #expect(rig.readings.pressure == nil)
    #expect(rig.guardianReadings.pressure == nil)
    #expect(rig.guardianReadings.encoder == nil)
    #expect(rig.readings.drive != nil)
  }

  @Test(.tags(.`RC-029`)) func `RC-029 shows no angle without the magnet`() throws {
    let rig = try Rig([(.sensorEncoderMagnetLost, 1)])
    rig.run(milliseconds: 100)
    #expect(rig.guardianReadings.encoder == nil)
    #expect(rig.guardianReadings.pressure != nil)
  }

  @Test(.tags(.`RC-029`, .`SRS-063`)) func `RC-029 SRS-063 takes an open air detector for gas`()
    throws
  {
    let rig = try Rig()
    rig.run(milliseconds: 100)
    #expect(!rig.readings.airDetected)
    try rig.pump.plant.set(.sensorAirDisconnected, 1)
    rig.run(milliseconds: 20)
    #expect(rig.readings.airDetected)
  }

  @Test func `sees a press shorter than a cycle once`() throws {
    let rig = try Rig()
    rig.run(milliseconds: 50)
    #expect(!rig.readings.stopKey)
    rig.pump.setKey(.stop, down: true)
    rig.pump.setKey(.stop, down: false)
    rig.run(milliseconds: 10)
    #expect(rig.readings.stopKey)
    rig.run(milliseconds: 10)
    #expect(!rig.readings.stopKey)
  }

  @Test func `reads door, plunger, mains and battery`() throws {
    let rig = try Rig([(.batteryCharge, 50)])
    rig.run(milliseconds: 1_100)
    #expect(rig.readings.doorClosed && rig.readings.plungerEngaged && rig.readings.mains)
    let charge = try #require(rig.readings.battery).charge
    #expect((charge - .percent(50)).magnitude <= .percent(1))
    try rig.pump.plant.set(.doorClosed, 0)
    try rig.pump.plant.set(.mainsPresent, 0)
    rig.run(milliseconds: 20)
    #expect(!rig.readings.doorClosed)
    #expect(!rig.readings.mains)
  }
}
