// SPDX-License-Identifier: Apache-2.0

import Domain
import SafetyMonitor
import Testing
import Units

@Suite struct SensorTests {
  @Test(.tags(.`RC-029`, .`SRS-060`))
  func `RC-029 SRS-060 an encoder that is gone for 50 ms opens the gate`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.encoderPresent = false
    rig.run(.milliseconds(50), at: .mLPerHour(100))
    #expect(rig.tripped.isEmpty)
    rig.run(.milliseconds(20), at: .mLPerHour(100))
    #expect(rig.tripped == [.encoderFault])
    #expect(!rig.actions.gate)
    #expect(rig.core.travel == nil)
  }

  @Test(.tags(.`RC-029`)) func `RC-029 a missing reading or two is none`() throws {
    var rig = Rig()
    try rig.infuse(.order(.mLPerHour(1_200)), for: .seconds(1))
    for _ in 0..<20 {
      rig.encoderPresent = false
      rig.run(.milliseconds(20), at: .mLPerHour(1_200))
      rig.encoderPresent = true
      rig.run(.milliseconds(50), at: .mLPerHour(1_200))
    }
    #expect(rig.tripped.isEmpty)
  }

  @Test(.tags(.`RC-029`, .`SRS-060`))
  func `RC-029 SRS-060 a jump that no screw makes is the encoder's fault`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.turn(600)
    rig.run(.milliseconds(10), at: .mLPerHour(100))
    #expect(rig.tripped == [.encoderFault])
  }

  @Test(.tags(.`RC-029`, .`SRS-061`))
  func `RC-029 SRS-061 a frozen encoder is found by the delivery it does not show`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.run(.milliseconds(2_450), at: .zero)
    #expect(rig.tripped == [.underInfusion])
  }

  @Test(.tags(.`RC-029`, .`SRS-062`))
  func `RC-029 SRS-062 two pressure sensors that disagree for a second open the gate`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.pressure = .kilopascals(41)
    rig.run(.milliseconds(900), at: .mLPerHour(100))
    #expect(rig.tripped.isEmpty)
    rig.run(.milliseconds(200), at: .mLPerHour(100))
    #expect(rig.tripped == [.pressureDisagreement])
    #expect(!rig.actions.gate)
  }

  @Test(.tags(.`RC-029`, .`SRS-062`))
  func `RC-029 SRS-062 sensors that differ by 30 kPa still agree`() throws {
    var rig = Rig()
    rig.pressure = .kilopascals(40)
    try rig.infuse(.order(), for: .seconds(5))
    #expect(rig.tripped.isEmpty)
  }

  @Test(.tags(.`RC-029`, .`SRS-062`))
  func `RC-029 SRS-062 pressure far above the limit opens the gate`() throws {
    var rig = Rig()
    // 450 mmHg is 60 kPa: 1.2 times that and 10 kPa is 82 kPa.
    try rig.infuse(.order(), for: .seconds(1))
    rig.status.pressure = .kilopascals(60)
    rig.pressure = .kilopascals(81)
    rig.run(.seconds(2), at: .mLPerHour(100))
    #expect(rig.tripped.isEmpty)
    rig.pressure = .kilopascals(83)
    rig.run(.milliseconds(1_100), at: .mLPerHour(100))
    #expect(rig.tripped == [.pressureDisagreement])
  }

  @Test(.tags(.`RC-029`, .`SRS-141`))
  func `RC-029 SRS-141 a pressure that stands still for 10 s opens the gate`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(30))
    #expect(rig.tripped.isEmpty)
    rig.pressureLives = false
    rig.run(.milliseconds(8_900), at: .mLPerHour(100))
    #expect(rig.tripped.isEmpty)
    rig.run(.milliseconds(1_200), at: .mLPerHour(100))
    #expect(rig.tripped == [.pressureDisagreement])
    #expect(!rig.actions.gate)
  }

  @Test(.tags(.`RC-029`)) func `RC-029 a pressure sensor that is gone lets nothing start`() throws {
    var rig = Rig()
    rig.pressure = nil
    rig.run(.seconds(2))
    #expect(rig.core.alarms.contains(.pressureDisagreement))
    #expect(rig.core.gate == .tripped)
    rig.pressure = .kilopascals(10)
    rig.run(.seconds(1))
    #expect(rig.core.gate == .open)
    #expect(rig.core.alarms.isEmpty)
  }
}
