// SPDX-License-Identifier: Apache-2.0

import Domain
import SafetyMonitor
import Testing
import Units

@Suite struct ControllerTests {
  @Test(.tags(.`RC-017`, .`SRS-021`))
  func `RC-017 SRS-021 a silent controller loses the motor within 110 ms`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.publish()
    rig.speaks = false
    rig.run(.milliseconds(100), at: .mLPerHour(100))
    #expect(rig.actions.gate)
    rig.run(.milliseconds(10), at: .mLPerHour(100))
    #expect(!rig.actions.gate)
    #expect(rig.actions.buzzer)
    #expect(rig.tripped == [.controllerLost])
  }

  @Test(.tags(.`RC-017`, .`SRS-021`))
  func `RC-017 SRS-021 a controller that repeats itself is as good as silent`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.counts = false
    rig.run(.milliseconds(150), at: .mLPerHour(100))
    #expect(!rig.actions.gate)
    #expect(rig.actions.buzzer)
    #expect(rig.tripped == [.controllerLost])
  }

  @Test(.tags(.`RC-017`, .`SRS-022`))
  func `RC-017 SRS-022 a controller that comes back does not get the motor back`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.speaks = false
    rig.run(.milliseconds(200))
    rig.speaks = true
    rig.run(.seconds(2))
    #expect(rig.core.gate == .tripped)
    #expect(!rig.actions.gate)
    rig.become(.standby)
    rig.run(.milliseconds(20))
    #expect(rig.core.gate == .open)
    #expect(!rig.actions.buzzer)
  }

  @Test(.tags(.`RC-017`, .`SRS-022`))
  func `RC-017 SRS-022 a restarted controller has to be confirmed again`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.status.cycle = 0
    rig.publish()
    rig.run(.milliseconds(10), at: .mLPerHour(100))
    #expect(!rig.actions.gate)
    #expect(rig.core.agreed == .none)
    rig.become(.standby)
    rig.run(.seconds(2))
    try rig.start(.order())
    #expect(rig.core.gate == .closed)
  }

  @Test func `a controller that never spoke is waited for in silence`() {
    var rig = Rig()
    rig.speaks = false
    rig.run(.seconds(5))
    #expect(rig.core.gate == .open)
    #expect(!rig.actions.buzzer)
    #expect(rig.tripped.isEmpty)
  }

  @Test(.tags(.`RC-095`, .`SRS-107`))
  func `RC-095 SRS-107 whatever the inputs, nothing traps and no gate closes without a press`() {
    var random: UInt64 = 42
    func next() -> UInt64 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return random &>> 16
    }
    let extremes: [Int64] = [.min, -1, 0, 1, 4_095, 4_096, .max]
    for _ in 0..<100 {
      var core = MonitorCore()
      for _ in 0..<200 {
        var status = ControlStatus()
        status.state = TherapyState(rawValue: UInt8(next() % 10)) ?? .standby
        let draft = PrescriptionDraft(
          syringe: .mL10, rate: FlowRate(native: extremes[Int(next() % 7)]),
          vtbi: Volume(native: extremes[Int(next() % 7)]))
        status.held = next() % 3 == 0 ? draft : .order()
        status.heldHash = (try? Prescription(.order()).hash) ?? .none
        status.cycle = next()
        status.pressure = Pressure(native: extremes[Int(next() % 7)])
        var inputs = MonitorInputs()
        inputs.control = status
        inputs.controlAt = Instant(native: extremes[Int(next() % 7)])
        inputs.encoder = next() % 2 == 0 ? Int64(next() % 4_096) : extremes[Int(next() % 7)]
        inputs.pressure = Pressure(native: extremes[Int(next() % 7)])
        inputs.motorPowered = next() % 2 == 0
        inputs.linesLost = next() % 8 == 0
        let now = Instant(native: next() % 2 == 0 ? Int64(next()) : extremes[Int(next() % 7)])
        // The count of presses stays at zero: there is none to spend.
        let actions = core.decide(&inputs, at: now)
        #expect(!actions.gate)
      }
    }
  }
}
