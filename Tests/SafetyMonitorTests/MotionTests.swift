// SPDX-License-Identifier: Apache-2.0

import Domain
import Testing
import Units

@testable import SafetyMonitor

@Suite struct MotionTests {
  @Test(.tags(.`RC-016`, .`SRS-033`))
  func `RC-016 SRS-033 catches over-delivery by a fifth within its volume bound`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(10))
    rig.run(.seconds(5), at: .mLPerHour(120))
    #expect(rig.tripped.first == .overInfusion)
    #expect(!rig.actions.gate)
    let bound = Volume.microlitres(4) + FlowRate.mLPerHour(120).volume(over: .milliseconds(700))
    #expect(rig.core.measured - rig.core.expected < rig.core.expected + bound)
  }

  @Test(.tags(.`RC-016`, .`SRS-033`)) func `RC-016 SRS-033 catches a runaway within a second`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(10))
    rig.run(.milliseconds(1_000), at: .mLPerHour(150))
    #expect(rig.tripped.first == .overInfusion)
  }

  @Test(.tags(.`RC-016`, .`SRS-033`))
  func `RC-016 SRS-033 bounds the volume of a runaway at the lowest rate`() throws {
    var rig = Rig()
    try rig.infuse(.order(.microlitresPerHour(10)), for: .seconds(10))
    var volume = FlowIntegrator()
    while rig.tripped.isEmpty && volume.volume < .millilitres(1) {
      rig.run(.milliseconds(10), at: .mLPerHour(50))
      volume.add(.mLPerHour(50), over: .milliseconds(10))
    }
    #expect(rig.tripped.first == .overInfusion)
    #expect(volume.volume < .microlitres(6))
  }

  @Test(.tags(.`RC-016`, .`SRS-034`)) func `RC-016 SRS-034 catches a screw that stands still`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(10))
    rig.run(.milliseconds(2_450))
    #expect(rig.tripped.first == .underInfusion)
    #expect(!rig.actions.gate)
  }

  @Test(.tags(.`RC-016`, .`SRS-034`)) func `RC-016 SRS-034 catches delivery below nine tenths`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(.mLPerHour(60)), for: .seconds(10))
    rig.run(.minutes(1), at: .mLPerHour(50))
    #expect(rig.tripped.first == .underInfusion)
  }

  @Test(.tags(.`RC-016`, .`SRS-035`))
  func `RC-016 SRS-035 catches motion while nothing is to be delivered`() {
    var rig = Rig()
    rig.run(.seconds(1))
    rig.turn(40)
    rig.run(.milliseconds(100))
    #expect(rig.tripped == [.unexpectedMotion])
  }

  @Test(.tags(.`RC-016`, .`SRS-035`)) func `RC-016 SRS-035 catches motion in a pause`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(2))
    rig.become(.paused)
    rig.run(.seconds(1))
    #expect(rig.tripped.isEmpty)
    rig.run(.seconds(1), at: .mLPerHour(100))
    #expect(rig.tripped.first == .unexpectedMotion)
  }

  @Test(.tags(.`RC-016`, .`SRS-036`))
  func `RC-016 SRS-036 catches an infusion that does not end at its VTBI`() throws {
    var rig = Rig()
    try rig.infuse(.order(vtbi: .microlitres(100)), for: .milliseconds(3_600))
    #expect(rig.tripped.isEmpty)
    rig.run(.seconds(1), at: .mLPerHour(100))
    #expect(rig.tripped.first == .overInfusion)
  }

  @Test(.tags(.`RC-016`)) func `RC-016 keeps the vein open past the VTBI without objection`() throws
  {
    var rig = Rig()
    try rig.infuse(.order(vtbi: .microlitres(100)), for: .milliseconds(3_600))
    rig.become(.kvo)
    rig.run(.minutes(2), at: .mLPerHour(1))
    #expect(rig.tripped.isEmpty)
    rig.run(.seconds(5), at: .mLPerHour(100))
    #expect(rig.tripped.first == .overInfusion)
  }

  @Test(.tags(.`RC-016`)) func `RC-016 counts over many turns of the screw`() throws {
    var rig = Rig()
    try rig.infuse(.order(.mLPerHour(1_200)), for: .minutes(1))
    #expect(rig.tripped.isEmpty)
    let error = (rig.core.measured - .millilitres(20)).magnitude
    // 20 mL in the 50 mL barrel is 45 turns.
    #expect(error < .microlitres(1))
    #expect((rig.core.expected - .millilitres(20)).magnitude < .microlitres(1))
  }

  @Test(.tags(.`RC-020`, .`SRS-038`)) func `RC-020 SRS-038 catches reverse motion in a delivery`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(2))
    rig.run(.seconds(1), at: .mLPerHour(-100))
    #expect(rig.tripped == [.reverseMotion])
    #expect(!rig.actions.gate)
  }

  /// A withdrawal as fast as the drive goes, for a time that stays within a bound or goes beyond it.
  struct Withdrawal: Sendable {
    var syringe: Syringe
    var rate: FlowRate
    var time: Interval
    /// Somewhat less than what it takes back.
    var least = Volume.zero
  }

  @Test(
    .tags(.`RC-020`, .`SRS-039`),
    arguments: [
      Withdrawal(
        syringe: .mL50, rate: .mLPerHour(-1_170), time: .milliseconds(4_500),
        least: .microlitres(1_400)),
      Withdrawal(
        syringe: .mL30, rate: .mLPerHour(-850), time: .seconds(4), least: .microlitres(900)),
    ])
  func `RC-020 SRS-039 lets a relief withdraw what the device allows`(
    withdrawal: Withdrawal
  ) throws {
    var rig = Rig(withdrawal.syringe)
    try rig.infuse(.order(vtbi: .millilitres(20), in: withdrawal.syringe), for: .seconds(10))
    let before = rig.core.measured
    rig.become(.relieving)
    rig.run(withdrawal.time, at: withdrawal.rate)
    #expect(rig.tripped.isEmpty)
    #expect(rig.actions.gate)
    #expect(rig.core.measured < before - withdrawal.least)
    rig.become(.halted)
    rig.run(.seconds(1))
    #expect(rig.core.gate == .open)
    #expect(rig.tripped.isEmpty)
  }

  @Test(
    .tags(.`RC-020`, .`SRS-039`),
    arguments: [
      Withdrawal(syringe: .mL50, rate: .mLPerHour(-1_170), time: .milliseconds(5_500)),
      Withdrawal(syringe: .mL30, rate: .mLPerHour(-850), time: .milliseconds(5_500)),
    ]) func `RC-020 SRS-039 ends a relief that goes too far`(withdrawal: Withdrawal) throws
  {
    var rig = Rig(withdrawal.syringe)
    try rig.infuse(.order(vtbi: .millilitres(20), in: withdrawal.syringe), for: .seconds(10))
    rig.become(.relieving)
    rig.run(withdrawal.time, at: withdrawal.rate)
    #expect(rig.tripped.first == .reverseMotion)
    #expect(!rig.actions.gate)
  }

  @Test(.tags(.`RC-020`, .`SRS-039`)) func `RC-020 SRS-039 a relief in pieces is one relief`()
    throws
  {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(10))
    rig.become(.relieving)
    rig.run(.seconds(3), at: .mLPerHour(-1_170))
    rig.become(.halted)
    rig.run(.seconds(1))
    rig.become(.relieving)
    rig.run(.milliseconds(200))
    #expect(rig.core.gate == .closed)
    rig.run(.seconds(3), at: .mLPerHour(-1_170))
    #expect(rig.tripped.first == .reverseMotion)
  }

  @Test(.tags(.`RC-020`, .`SRS-039`)) func `RC-020 SRS-039 a relief does not go forwards`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(10))
    rig.become(.relieving)
    rig.run(.seconds(1), at: .mLPerHour(100))
    #expect(rig.tripped.first == .unexpectedMotion)
  }

  @Test func `a delivery after a relief needs another press`() throws {
    var rig = Rig()
    try rig.infuse(.order(), for: .seconds(2))
    rig.become(.relieving)
    rig.run(.milliseconds(500))
    rig.become(.infusing)
    rig.run(.milliseconds(20))
    #expect(rig.tripped == [.limitViolation])
  }

  struct Run: Sendable {
    let syringe: Syringe
    let microlitresPerHour: Int64
  }

  private static let rates: [Run] = [
    Run(syringe: .mL50, microlitresPerHour: 10),
    Run(syringe: .mL50, microlitresPerHour: 100),
    Run(syringe: .mL50, microlitresPerHour: 1_000),
    Run(syringe: .mL50, microlitresPerHour: 5_000),
    Run(syringe: .mL50, microlitresPerHour: 25_000),
    Run(syringe: .mL50, microlitresPerHour: 100_000),
    Run(syringe: .mL50, microlitresPerHour: 999_000),
    Run(syringe: .mL50, microlitresPerHour: 1_200_000),
    Run(syringe: .mL20, microlitresPerHour: 10),
    Run(syringe: .mL20, microlitresPerHour: 5_000),
    Run(syringe: .mL10, microlitresPerHour: 10),
    Run(syringe: .mL10, microlitresPerHour: 25_000),
    Run(syringe: .mL1, microlitresPerHour: 10),
    Run(syringe: .mL1, microlitresPerHour: 100),
    Run(syringe: .mL1, microlitresPerHour: 5_000),
    Run(syringe: .mL1, microlitresPerHour: 37_000),
  ]

  /// Hours of right motion at every rate, with noise of ± 2 counts and the magnet's nonlinearity.
  @Test(
    .tags(.`RC-016`, .`SRS-037`),
    arguments: Self.rates)
  func `RC-016 SRS-037 is silent over hours of right motion`(_ run: Run) {
    let syringe = run.syringe
    let rate = FlowRate.microlitresPerHour(run.microlitresPerHour)
    let step = Interval.milliseconds(100)
    var watch = MotionWatch()
    var real = FlowIntegrator()
    var now = Instant.zero
    var random: UInt64 = 7
    for cycle in 0..<72_000 {
      now = now + step
      // The motor lags a cycle behind at the start.
      if cycle > 0 { real.add(rate, over: step) }
      let travel = syringe.barrel.travel(for: real.volume)?.native ?? 0
      let counts = travel * 4_096 / 800_000
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let noise = Int64(random &>> 33) % 5 - 2
      // ± 1° over half a turn and back, as a triangle.
      let phase = counts % 2_048
      let bend = (phase < 1_024 ? phase : 2_048 - phase) * 22 / 1_024 - 11
      let found = watch.check(
        counts + noise + bend, against: .delivery(ceiling: rate, floor: rate), in: syringe, at: now)
      #expect(found.isEmpty, "after \(cycle) steps")
      if !found.isEmpty { return }
    }
  }
}
