// SPDX-License-Identifier: Apache-2.0

import Board
import DeviceInterface
import Devices
import EveryCase
import Plant
import SimulatedBoard
import Testing
import Units

@Suite struct PowerTests {
  @Test(.tags(.`RC-003`, .`SRS-032`))
  func `RC-003 SRS-032 powers the motor only with both enables`() throws {
    try everyCase(of: pairs([false, true], [false, true])) { mine, theirs in
      let rig = try Rig()
      rig.outputs.motorEnable = mine
      rig.guardian.gate = theirs
      rig.guardian.stroke = true
      rig.run(milliseconds: 100)
      #expect(rig.pump.motorPowered == (mine && theirs), "\(mine) \(theirs)")
      #expect(rig.guardianReadings.motorPowered == (mine && theirs), "\(mine) \(theirs)")
    }
  }

  @Test(.tags(.`RC-019`, .`SRS-025`))
  func `RC-019 SRS-025 lets go of the motor 60 ms after the last stroke`() throws {
    let rig = try Rig()
    rig.drive(at: 1_000_000)
    rig.run(milliseconds: 100)
    #expect(rig.pump.motorPowered)
    rig.run(milliseconds: 50, safetyAlive: false)
    #expect(rig.pump.motorPowered)
    rig.run(milliseconds: 30, safetyAlive: false)
    #expect(!rig.pump.motorPowered)
    #expect(rig.readings.drive?.energised == false)
  }

  @Test(.tags(.`RC-019`)) func `RC-019 never closes a gate that is not stroked`() throws {
    let rig = try Rig()
    rig.outputs.motorEnable = true
    rig.guardian.gate = true
    rig.run(milliseconds: 500)
    #expect(!rig.pump.motorPowered)
  }

  @Test(.tags(.`RC-019`, .`SRS-025`))
  func `RC-019 SRS-025 trips on wild strokes until the gate has been low`() throws {
    var watchdog = GateWatchdog()
    let now = Instant.nanoseconds(1_000_000_000)
    watchdog.stroke(at: now)
    #expect(watchdog.conducts(enabled: true, at: now))
    for _ in 0..<4 { watchdog.stroke(at: now + .milliseconds(1)) }
    #expect(watchdog.tripped)
    watchdog.stroke(at: now + .milliseconds(50))
    #expect(!watchdog.conducts(enabled: true, at: now + .milliseconds(50)))
    watchdog.release()
    #expect(!watchdog.conducts(enabled: true, at: now + .milliseconds(60)))
    watchdog.stroke(at: now + .milliseconds(70))
    #expect(watchdog.conducts(enabled: true, at: now + .milliseconds(70)))
    #expect(!watchdog.conducts(enabled: false, at: now + .milliseconds(70)))
  }

  @Test(.tags(.`RC-004`, .`SRS-030`))
  func `RC-004 SRS-030 stops the drive 200 ms after the last command`() throws {
    let rig = try Rig()
    rig.drive(at: 10_000_000)
    rig.run(milliseconds: 1_000)
    let before = try #require(rig.readings.drive).position
    #expect(before > 800)
    rig.run(milliseconds: 1_000, controlAlive: false)
    let truth = rig.pump.plant.truth.delivered_fL
    rig.run(milliseconds: 5_000, controlAlive: false)
    rig.run(milliseconds: 10)
    let after = try #require(rig.readings.drive).position
    // 1000 microsteps a second for at most the timeout, one renewal period and the ramp.
    #expect(after - before < 300)
    #expect(after > before)
    #expect(truth > 0)
  }

  @Test(.tags(.`RC-004`, .`SRS-031`))
  func `RC-004 SRS-031 starts with every output at its safe value`() throws {
    let rig = try Rig()
    rig.drive(at: 1_000_000)
    rig.run(milliseconds: 100)
    var control = rig.pump.controlBoard()
    var safety = rig.pump.safetyBoard()
    try control.prepare()
    try safety.prepare()
    #expect(rig.pump.controlLines.outputs & ControlLine.outputs == 0)
    #expect(rig.pump.safetyLines.outputs & SafetyLine.outputs == 0)
    rig.pump.advance()
    #expect(!rig.pump.motorPowered)
  }

  @Test func `makes the steps that a speed asks for, and the screw follows`() throws {
    let rig = try Rig()
    rig.drive(at: 10_000_000)
    rig.run(milliseconds: 10_000)
    let drive = try #require(rig.readings.drive)
    #expect(drive.faults == [])
    #expect(drive.energised)
    #expect((9_900...10_010).contains(drive.position))
    // 4096 counts for 6400 microsteps.
    let counts = drive.position * 4_096 / 6_400 % 4_096
    #expect(abs(try #require(rig.guardianReadings.encoder) - counts) <= 1)
  }
}
