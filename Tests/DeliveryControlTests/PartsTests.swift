// SPDX-License-Identifier: Apache-2.0

import Domain
import Testing
import Units

@testable import DeliveryControl

@Suite struct PartsTests {
  @Test(.tags(.`RC-091`, .`SRS-003`))
  func `RC-091 SRS-003 a key counts on its second sample and a bounce does not`() {
    var key = KeyReader()
    var now = Instant.zero
    var presses: [Int] = []
    for (index, raw) in [false, true, false, false, true, true, true, false, true, true]
      .enumerated()
    {
      now = now + .milliseconds(10)
      if key.read(raw, at: now) { presses.append(index) }
    }
    #expect(presses == [5])
  }

  @Test(.tags(.`SRS-054`))
  func `SRS-054 the corrected speed is within a tenth of the ordered one for any deviation`() {
    for base in [Int64(0), 400, 12_345, 40_000_000, 52_000_000] {
      for deviation in [Int64.min, -1_000, -1, 0, 1, 1_000, .max] {
        let speed = DeliveryCore.corrected(DriveSpeed(native: base), by: deviation)
        #expect((speed.native - base).magnitude <= UInt64(base / 10))
        #expect(speed <= DeviceLimits.fastestTravel)
      }
    }
  }

  @Test(.tags(.`SRS-046`))
  func `SRS-046 air adds up in a window and is forgotten after 15 minutes`() {
    var air = AirWatch()
    var now = Instant.zero
    for _ in 0..<11 {
      air.add(.microlitres(95), detected: true, at: now)
      now = now + .seconds(30)
      air.add(.microlitres(1), detected: false, at: now)
      now = now + .seconds(30)
    }
    #expect(air.exceeded)
    air.add(.zero, detected: false, at: now + .minutes(16))
    #expect(!air.exceeded)
  }

  @Test(.tags(.`SRS-049`)) func `SRS-049 the clamp tells every syringe and nothing in between`() {
    // Inner diameters in micrometres, as the syringe table names them, and 2 mm of wall.
    let openings: [(Int64, Syringe)] = [
      (6_700, .mL1), (10_580, .mL3), (13_990, .mL5), (16_430, .mL10), (21_050, .mL20),
      (23_590, .mL30), (28_560, .mL50),
    ]
    for (opening, syringe) in openings {
      for error in [Int64(-900), 0, 900] {
        #expect(DeliveryCore.syringe(atOpening: .micrometres(opening + error)) == syringe)
      }
    }
    for opening in [Length.min, .zero, .millimetres(19), .millimetres(26), .max] {
      #expect(DeliveryCore.syringe(atOpening: opening) == nil)
    }
  }

  @Test(.tags(.`RC-095`, .`SRS-106`)) func `RC-095 SRS-106 no decision traps on any reading`() {
    let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
    for value in extremes {
      var core = DeliveryCore(simulated: true, at: Instant(native: value))
      for other in extremes {
        var actions = DeliveryActions()
        var inputs = DeliveryInputs(now: Instant(native: other))
        inputs.sensed.pressure = Pressure(native: value)
        inputs.sensed.clamp = Length(native: other)
        inputs.sensed.position = value
        inputs.sensed.airDetected = true
        inputs.sensed.batteryCharge = Fraction(native: other)
        inputs.sensed.batteryRate = Fraction(native: value)
        inputs.sensed.batteryVoltage = Voltage(native: other)
        inputs.safety = MonitorWord(SafetyStatus())
        inputs.safetyAt = Instant(native: value)
        core.decide(inputs, into: &actions)
        #expect(actions.motor == .off)
      }
    }
  }
}
