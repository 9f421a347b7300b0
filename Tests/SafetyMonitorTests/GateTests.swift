// SPDX-License-Identifier: Apache-2.0

import Domain
import SafetyMonitor
import Testing
import Units

@Suite struct GateTests {
  @Test(.tags(.`RC-140`, .`SRS-213`))
  func `RC-140 SRS-213 software that is not proved gets no power, whatever the controller says`()
    throws
  {
    var rig = Rig()
    rig.unproved = true
    var closed = 0
    func watch(_ time: Interval) {
      for _ in 0..<(time.native / 10_000_000) {
        rig.run(.milliseconds(10))
        if rig.actions.gate { closed += 1 }
      }
    }
    watch(.seconds(1))
    #expect(rig.core.alarms.contains(.softwareUnproved))
    try rig.hold(.order())
    for state in [TherapyState.programmed, .awaitingConfirm, .starting, .infusing, .standby] {
      if state == .starting { rig.status.confirmations += 1 }
      rig.become(state)
      watch(.seconds(3))
      #expect(rig.core.alarms.contains(.softwareUnproved), "\(state)")
    }
    #expect(closed == 0)
    #expect(rig.core.gate == .tripped)
    #expect(rig.tripped.first == .softwareUnproved)
  }

  @Test func `opens for nobody at rest and is proved after start`() {
    var rig = Rig()
    #expect(rig.core.gate == .untested)
    rig.run(.milliseconds(200))
    #expect(rig.core.gate == .open)
    #expect(!rig.actions.gate)
  }

  @Test(.tags(.`RC-028`, .`SRS-026`))
  func `RC-028 SRS-026 proves that the gate opens and closes before the motor may move`()
    throws
  {
    var rig = Rig()
    rig.run(.milliseconds(200))
    try rig.hold(.order())
    rig.become(.programmed)
    rig.run(.milliseconds(100))
    rig.confirm()
    rig.run(.milliseconds(40))
    #expect(rig.core.gate == .proving)
    #expect(!rig.actions.gate)
    rig.run(.milliseconds(60))
    #expect(rig.core.gate == .closed)
    #expect(rig.core.agreed == rig.status.heldHash)
    #expect(rig.tripped.isEmpty)
  }

  @Test(.tags(.`RC-028`, .`SRS-027`))
  func `RC-028 SRS-027 a gate that stays closed is found and nothing starts`()
    throws
  {
    var rig = Rig()
    rig.power = true
    try rig.start(.order())
    #expect(rig.tripped == [.gateStuck])
    #expect(rig.core.gate == .tripped)
    #expect(rig.actions.buzzer)
  }

  @Test(.tags(.`RC-028`, .`SRS-027`)) func `RC-028 SRS-027 a gate that does not close is found`()
    throws
  {
    var rig = Rig()
    rig.power = false
    try rig.start(.order())
    #expect(rig.tripped == [.gateStuck])
    #expect(!rig.actions.gate)
  }

  @Test func `opens whenever the controller leaves the moving states`() throws {
    for state: TherapyState in [
      .paused, .halted, .faulted, .standby, .programmed, .awaitingConfirm,
    ] {
      var rig = Rig()
      try rig.infuse(.order(), for: .seconds(1))
      #expect(rig.core.gate == .closed)
      rig.become(state)
      rig.run(.milliseconds(10))
      #expect(!rig.actions.gate, "\(state)")
      #expect(rig.core.gate == .open, "\(state)")
    }
  }

  @Test(.tags(.`RC-019`, .`SRS-024`))
  func `RC-019 SRS-024 strokes in every cycle in which every check was made`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    let before = rig.strokes
    rig.run(.seconds(1), at: .mLPerHour(100))
    #expect(rig.strokes == before + 100)
  }

  @Test(.tags(.`RC-019`, .`SRS-024`))
  func `RC-019 SRS-024 does not stroke when a check could not be made`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.encoderPresent = false
    rig.run(.milliseconds(10))
    #expect(!rig.actions.stroke)
    rig.encoderPresent = true
    rig.run(.milliseconds(10), at: .mLPerHour(100))
    #expect(rig.actions.stroke)
    rig.linesLost = true
    rig.run(.milliseconds(10), at: .mLPerHour(100))
    #expect(!rig.actions.stroke)
    #expect(rig.core.gate == .closed)
  }

  @Test(.tags(.`RC-028`, .`SRS-027`)) func `RC-028 SRS-027 a dead sense line opens the gate`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.linesLost = true
    rig.run(.milliseconds(60), at: .mLPerHour(100))
    #expect(rig.tripped == [.gateStuck])
    #expect(!rig.actions.gate)
  }

  @Test(.tags(.`SRS-028`)) func `SRS-028 an objection outlasts a pause and ends with the infusion`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.run(.seconds(3))
    #expect(rig.tripped == [.underInfusion])
    for state: TherapyState in [.halted, .paused, .awaitingConfirm] {
      rig.become(state)
      rig.run(.seconds(2))
      #expect(rig.core.gate == .tripped)
      #expect(rig.core.alarms.contains(.underInfusion))
    }
    rig.become(.programmed)
    rig.run(.milliseconds(20))
    #expect(rig.core.gate == .open)
    #expect(rig.core.alarms.isEmpty)
  }

  @Test func `an objection ends with a new confirmation, and the gate is proved again`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.run(.seconds(3))
    rig.become(.halted)
    rig.run(.seconds(2))
    rig.become(.starting)
    rig.run(.milliseconds(50))
    #expect(rig.core.gate == .tripped)
    rig.become(.halted)
    rig.confirm()
    rig.run(.milliseconds(30))
    #expect(rig.core.gate == .proving)
    rig.run(.milliseconds(100))
    #expect(rig.core.gate == .closed)
  }

  @Test(.tags(.`SRS-029`)) func `SRS-029 the backup buzzer speaks up when the controller does not`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.run(.seconds(3))
    #expect(rig.core.gate == .tripped)
    rig.run(.seconds(1))
    #expect(rig.actions.buzzer)
    rig.status.alarms.insert(.monitorRefused)
    rig.run(.milliseconds(100))
    #expect(!rig.actions.buzzer)
  }
}
