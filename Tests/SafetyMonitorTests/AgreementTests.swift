// SPDX-License-Identifier: Apache-2.0

import Domain
import SafetyMonitor
import Testing
import Units

@Suite struct AgreementTests {
  @Test(.tags(.`RC-001`, .`SRS-014`))
  func `RC-001 SRS-014 refuses a start without a press of CONFIRM`() throws {
    var rig = Rig()
    rig.run(.milliseconds(200))
    try rig.hold(.order())
    rig.become(.programmed)
    rig.run(.milliseconds(100))
    rig.become(.starting)
    rig.run(.milliseconds(200))
    #expect(rig.tripped == [.limitViolation])
    #expect(rig.core.agreed == .none)
    #expect(rig.core.gate == .tripped)
  }

  @Test(.tags(.`RC-001`, .`SRS-014`)) func `RC-001 SRS-014 one press buys one stretch of delivery`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.become(.paused)
    rig.run(.seconds(1))
    rig.become(.infusing)
    rig.run(.milliseconds(20))
    #expect(rig.tripped == [.limitViolation])
    #expect(!rig.actions.gate)
  }

  @Test(.tags(.`RC-001`, .`SRS-014`))
  func `RC-001 SRS-014 a press that was seen at rest buys nothing`() throws {
    var rig = Rig()
    try rig.hold(.order())
    rig.run(.milliseconds(200))
    rig.status.confirmations += 1
    rig.become(.awaitingConfirm)
    rig.run(.milliseconds(100))
    rig.become(.starting)
    rig.run(.milliseconds(20))
    #expect(rig.tripped == [.limitViolation])
  }

  @Test(.tags(.`RC-001`)) func `RC-001 resumes after another press`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.become(.paused)
    rig.run(.seconds(1))
    rig.confirm()
    rig.run(.milliseconds(200))
    rig.become(.infusing)
    rig.run(.seconds(5), at: .mLPerHour(100))
    #expect(rig.tripped.isEmpty)
    #expect(rig.core.gate == .closed)
  }

  @Test(.tags(.`RC-001`, .`SRS-015`))
  func `RC-001 SRS-015 refuses a change of rate without a press`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    try rig.hold(.order(.mLPerHour(120)))
    rig.become(.infusing)
    rig.run(.milliseconds(20), at: .mLPerHour(120))
    #expect(rig.tripped == [.limitViolation])
  }

  @Test(.tags(.`RC-001`)) func `RC-001 follows a confirmed change of rate, up and down`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    for rate: FlowRate in [.mLPerHour(1_200), .microlitresPerHour(10), .mLPerHour(500)] {
      // The motor is told 30 ms before the monitor is.
      rig.run(.milliseconds(30), at: rate)
      try rig.hold(.order(rate))
      rig.status.confirmations += 1
      rig.become(.infusing)
      rig.run(.seconds(10), at: rate)
      #expect(rig.tripped.isEmpty, "\(rate)")
      #expect(rig.core.agreed == rig.status.heldHash)
    }
  }

  @Test(.tags(.`RC-001`)) func `RC-001 follows a change that starts anew with the gate closed`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(5))
    try rig.hold(.order(.mLPerHour(400)))
    rig.status.confirmations += 1
    rig.become(.starting)
    rig.run(.milliseconds(60))
    #expect(rig.core.agreed == rig.status.heldHash)
    #expect(rig.core.gate == .closed)
    rig.become(.infusing)
    rig.run(.seconds(5), at: .mLPerHour(400))
    #expect(rig.tripped.isEmpty)
  }

  @Test(.tags(.`RC-001`)) func `RC-001 a change of syringe is no change of rate`() throws {
    var rig = Rig()
    try rig.infuse(.order(vtbi: .millilitres(10)), for: .seconds(1))
    try rig.hold(.order(vtbi: .millilitres(10), in: .mL20))
    rig.status.confirmations += 1
    rig.become(.infusing)
    rig.run(.milliseconds(20), at: .mLPerHour(100))
    #expect(rig.tripped == [.limitViolation])
  }

  @Test(.tags(.`RC-007`, .`SRS-099`))
  func `RC-007 SRS-099 refuses what lies outside the device's limits`() throws {
    let name = try Prescription(.order()).hash
    let drafts: [PrescriptionDraft] = [
      .order(.mLPerHour(1_201)), .order(.nLPerHour(9_999)), .order(.mLPerHour(-5)),
      .order(vtbi: .millilitres(51)), .order(vtbi: .zero), .order(.max), .order(vtbi: .min),
      .order(.mLPerHour(100), vtbi: .microlitres(500), in: .mL1),
    ]
    for draft in drafts {
      var rig = Rig()
      rig.run(.milliseconds(200))
      rig.status.held = draft
      rig.status.heldHash = name
      rig.confirm()
      rig.run(.milliseconds(200))
      #expect(rig.tripped == [.limitViolation], "\(draft.rate) \(draft.vtbi)")
      #expect(rig.core.agreed == .none)
      #expect(!rig.actions.gate)
    }
  }

  @Test(.tags(.`RC-007`, .`SRS-099`)) func `RC-007 SRS-099 refuses content under another name`()
    throws
  {
    var rig = Rig()
    rig.run(.milliseconds(200))
    rig.status.held = .order(.mLPerHour(200))
    rig.status.heldHash = try Prescription(.order(.mLPerHour(100))).hash
    rig.confirm()
    rig.run(.milliseconds(200))
    #expect(rig.tripped == [.limitViolation])
  }

  @Test(.tags(.`RC-007`, .`SRS-099`))
  func `RC-007 SRS-099 refuses content that changes under its name`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(1))
    rig.status.held = .order(.mLPerHour(200))
    rig.run(.milliseconds(60), at: .mLPerHour(100))
    #expect(rig.tripped == [.limitViolation])
  }

  @Test func `a monitor that comes late waits until the controller rests`() throws {
    var rig = Rig()
    try rig.hold(.order())
    rig.status.confirmations = 3
    rig.become(.infusing)
    rig.run(.seconds(1))
    #expect(rig.core.gate == .open)
    #expect(rig.tripped.isEmpty)
    rig.become(.halted)
    rig.run(.milliseconds(100))
    rig.confirm()
    rig.run(.milliseconds(200))
    #expect(rig.core.gate == .closed)
  }
}
