// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct DriveTests {
  @Test func `a microstep is 125 nm and 6400 make a turn`() throws {
    var rig = try Rig()
    rig.advance(by: 1_600)
    #expect(rig.output.screwPosition_nm == 200_000)
    #expect(rig.output.encoderAngle == 1_024)
    #expect(rig.output.screwTurns == 0)
    for _ in 0..<3 { rig.advance(by: 1_600) }
    #expect(rig.output.screwPosition_nm == 800_000)
    #expect(rig.output.encoderAngle == 0)
    #expect(rig.output.screwTurns == 1)
  }

  @Test func `the encoder counts backwards through zero`() throws {
    var rig = try Rig()
    rig.advance(by: -2)
    #expect(rig.output.encoderAngle == 4_094)
    #expect(rig.output.screwTurns == -1)
    #expect(rig.output.screwPosition_nm == -250)
  }

  @Test func `without current the screw holds and the microsteps are lost`() throws {
    var rig = try Rig()
    rig.advance(by: 100)
    rig.powered = false
    rig.advance(by: 40)
    rig.advance(by: -15)
    #expect(rig.output.screwPosition_nm == 12_500)
    #expect(rig.truth.lostSteps == 55)
    #expect(!rig.truth.motorStalled)
    rig.powered = true
    rig.advance(by: 10)
    #expect(rig.output.screwPosition_nm == 13_750)
  }

  @Test func `a blocked rotor stalls`() throws {
    var rig = try Rig([.motorStall: 1])
    rig.advance(by: 100)
    #expect(rig.output.screwPosition_nm == 0)
    #expect(rig.truth.motorStalled)
    #expect(rig.truth.lostSteps == 100)
    try rig.set(.motorStall, 0)
    rig.advance(by: 100)
    #expect(rig.output.screwPosition_nm == 12_500)
    #expect(!rig.truth.motorStalled)
  }

  @Test func `a command beyond the pull-out speed is lost as a whole`() throws {
    var rig = try Rig()
    rig.advance(by: Plant.pullOutMicrosteps + 1)
    #expect(rig.output.screwPosition_nm == 0)
    #expect(rig.truth.motorStalled)
    rig.advance(by: Plant.pullOutMicrosteps)
    #expect(rig.output.screwPosition_nm == 250_000)
  }

  @Test func `a slipping motor loses its part of the steps`() throws {
    var rig = try Rig([.motorStepLoss: 10])
    rig.run(seconds: 100, flow: 30)
    #expect(abs(Double(rig.truth.lostSteps) / Double(rig.position) - 0.1) < 0.001)
    #expect(rig.output.screwPosition_nm / 125 + rig.truth.lostSteps == rig.position)
  }

  @Test func `a runaway driver turns the motor only while it has current`() throws {
    var rig = try Rig([.motorRunaway: 1_000])
    rig.run(seconds: 2)
    #expect(rig.output.screwPosition_nm == 2_000 * 125)
    rig.powered = false
    rig.run(seconds: 2)
    #expect(rig.output.screwPosition_nm == 2_000 * 125)
  }

  @Test func `an error of the lead delivers more than the encoder can tell`() throws {
    var good = try Rig()
    var long = try Rig([.screwPitchError: 20_000])
    good.run(seconds: 600, flow: 30)
    long.run(seconds: 600, flow: 30)
    #expect(long.output.screwTurns == good.output.screwTurns)
    #expect(long.output.encoderAngle == good.output.encoderAngle)
    #expect(abs(long.delivered_uL / good.delivered_uL - 1.02) < 0.001)
  }

  @Test func `backlash is travel without delivery when the direction turns`() throws {
    var rig = try Rig([.driveBacklash: 0.5, .startPrimed: 0])
    // 0.5 mm of 554 mm² is 277 µL: 40 s at 25 mL/h; the friction takes up 4 s more.
    rig.run(seconds: 39, flow: 25)
    #expect(rig.output.plungerForce_mN == 0)
    #expect(rig.delivered_uL == 0)
    rig.run(seconds: 21, flow: 25)
    #expect(rig.output.plungerForce_mN > 4_000)
    #expect(rig.delivered_uL > 50)
  }

  @Test func `an empty syringe stalls the drive at its limit`() throws {
    var rig = try Rig([.syringeFill: 1])
    rig.run(seconds: 120, flow: 60)
    #expect(rig.truth.motorStalled)
    #expect(rig.output.plungerForce_mN > 149_000)
    #expect(rig.truth.inSyringe_fL < 60_000_000_000)
    #expect(rig.delivered_uL > 950)
    #expect(rig.delivered_uL < 1_001)
  }

  @Test func `an unloaded carriage stops at its end`() throws {
    var rig = try Rig([.syringeSeated: 0])
    for _ in 0..<1_000 { rig.advance(by: 2_000) }
    #expect(abs(rig.output.screwPosition_nm - 150_000_000) < 200_000)
    #expect(rig.truth.motorStalled)
  }
}
