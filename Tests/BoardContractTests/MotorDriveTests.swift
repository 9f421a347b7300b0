// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Board
import Devices
import Drivers
import SimulatedBoard
import Testing
import Units

/// A drive with its chip behind it, in virtual time.
private protocol DriveRig {
  init() throws
  var supplied: Bool { get set }
  /// What the chip has really made.
  var truth: Int64 { get }
  /// The motor has current, by the chip.
  var current: Bool { get }
  mutating func prepare() throws
  mutating func setSpeed(_ speed: Int64) throws(BusError)
  mutating func renew() throws
  mutating func off() throws
  mutating func report() throws -> DriveReport
  /// Lets milliseconds pass without a word to the drive.
  mutating func wait(_ milliseconds: Int)
}

extension DriveRig {
  /// Ready to move: prepared, with its supply.
  static func ready() throws -> Self {
    var rig = try Self()
    rig.supplied = true
    rig.wait(10)
    try rig.prepare()
    rig.wait(10)
    return rig
  }

  /// Runs for a time as the board does: renewed every 50 ms.
  mutating func run(_ milliseconds: Int) throws {
    for past in stride(from: 0, to: milliseconds, by: 10) {
      if past % 50 == 0 { try renew() }
      wait(10)
    }
  }
}

private struct TicRig: DriveRig {
  private let chip = SimTic()
  private var bus: SimulatedI2C
  private var drive = Tic<SimulatedI2C>()
  var supplied = false
  init() throws { bus = try SimulatedI2C([chip]) }
  var truth: Int64 { chip.position }
  var current: Bool { chip.energised }
  mutating func prepare() throws { try drive.prepare(on: &bus) }
  mutating func setSpeed(_ speed: Int64) throws(BusError) { try drive.setSpeed(speed, on: &bus) }
  mutating func renew() throws { try drive.renew(on: &bus) }
  mutating func off() throws { try drive.off(on: &bus) }
  mutating func report() throws -> DriveReport { try drive.report(on: &bus) }
  mutating func wait(_ milliseconds: Int) {
    for _ in 0..<milliseconds { chip.advance(milliseconds: 1, supplied: supplied) }
  }
}

private struct StepRig: DriveRig {
  var stepper = SimulatedStepper(rateCap: 5_200, at: .nanoseconds(0))
  private var drive = DRV8825<SimulatedStepper>(rateCap: 5_200)
  private var now = Instant.nanoseconds(0)
  var supplied = false
  init() {}
  var truth: Int64 { stepper.chip.position }
  var current: Bool { stepper.chip.energised }
  mutating func prepare() throws { try drive.prepare(on: &stepper) }
  mutating func setSpeed(_ speed: Int64) throws(BusError) {
    try drive.setSpeed(speed, on: &stepper)
  }
  mutating func renew() throws { try drive.renew(on: &stepper) }
  mutating func off() throws { try drive.off(on: &stepper) }
  mutating func report() throws -> DriveReport { try drive.report(on: &stepper) }
  mutating func wait(_ milliseconds: Int) {
    now = now + .milliseconds(Int64(milliseconds))
    stepper.advance(to: now, supplied: supplied)
  }
}

/// The contract of `MotorDrive`, run over every drive there is.
@Suite struct MotorDriveTests {
  private static var drives: [String] { ["Tic", "DRV8825"] }

  private func rig(_ name: String) throws -> any DriveRig {
    name == "Tic" ? try TicRig.ready() : try StepRig.ready()
  }

  @Test(.tags(.`RC-004`), arguments: drives)
  func `RC-004 is off after preparing`(name: String) throws {
    var rig = try rig(name)
    let report = try rig.report()
    #expect(!report.energised && !rig.current)
    #expect(report.position == 0)
    #expect(report.faults == [])
    rig.wait(1_000)
    #expect(rig.truth == 0)
  }

  @Test(arguments: drives, [Int64(10_000_000), -10_000_000, 52_000_000, 1_000])
  func `makes the steps that its speed asks for, and counts them`(name: String, speed: Int64) throws
  {
    var rig = try rig(name)
    try rig.setSpeed(speed)
    try rig.run(20_000)
    let report = try rig.report()
    #expect(report.energised && rig.current)
    #expect(report.position == rig.truth)
    // 20 s less what the ramp takes, at most 100 ms of full speed and one step.
    let asked = speed * 20 / 10_000
    let most = abs(asked) + 1
    let least = abs(asked) - abs(speed) / 100_000 - 1
    #expect((least...most).contains(abs(report.position)))
    #expect(report.position.signum() == asked.signum())
  }

  @Test(.tags(.`RC-004`), arguments: drives)
  func `RC-004 stops by itself 200 ms after the last command`(name: String) throws {
    var rig = try rig(name)
    try rig.setSpeed(10_000_000)
    try rig.run(1_000)
    let before = rig.truth
    rig.wait(190)
    let moving = rig.truth
    #expect(moving - before > 150)
    rig.wait(1_000)
    let after = rig.truth
    #expect(after - moving < 100)
    rig.wait(10_000)
    #expect(rig.truth == after)
    let report = try rig.report()
    #expect(report.faults.contains(.commandTimeout))
    #expect(report.position == after)
  }

  @Test(.tags(.`RC-004`), arguments: drives)
  func `RC-004 takes the current away at once`(name: String) throws {
    var rig = try rig(name)
    try rig.setSpeed(52_000_000)
    try rig.run(500)
    let before = rig.truth
    try rig.off()
    rig.wait(1)
    #expect(!rig.current)
    rig.wait(1_000)
    #expect(rig.truth - before <= 6)
    let report = try rig.report()
    #expect(!report.energised)
    #expect(report.position == rig.truth)
  }

  @Test(.tags(.`RC-003`), arguments: drives)
  func `RC-003 tells a lost supply and waits for a command after it`(name: String) throws {
    var rig = try rig(name)
    try rig.setSpeed(10_000_000)
    try rig.run(500)
    rig.supplied = false
    rig.wait(10)
    let stopped = rig.truth
    try rig.run(500)
    #expect(rig.truth == stopped)
    var report = try rig.report()
    #expect(report.faults.contains(.noPower) && !report.energised)
    #expect(report.position == stopped)
    rig.supplied = true
    try rig.run(500)
    #expect(rig.truth == stopped)
    report = try rig.report()
    #expect(!report.energised && !report.faults.contains(.noPower))
    try rig.setSpeed(10_000_000)
    try rig.run(500)
    #expect(rig.truth > stopped + 400)
    #expect(try rig.report().position == rig.truth)
  }

  @Test(arguments: drives, [500_000_001, -500_000_001, Int64.max, .min])
  func `refuses a speed beyond it, and goes on as before`(name: String, speed: Int64) throws {
    var rig = try rig(name)
    #expect(throws: BusError.badRequest) { try rig.setSpeed(speed) }
    rig.wait(500)
    #expect(rig.truth == 0)
  }

  @Test func `keeps the rate cap of its board`() throws {
    var rig = try StepRig.ready()
    #expect(throws: BusError.badRequest) { try rig.setSpeed(52_000_001) }
    #expect(throws: BusError.badRequest) { try rig.setSpeed(-52_000_001) }
    try rig.setSpeed(-52_000_000)
  }

  @Test func `tells the driver's own fault`() throws {
    var rig = try StepRig.ready()
    rig.stepper.chip.fault = true
    rig.wait(10)
    #expect(try rig.report().faults == .bridge)
  }

  @Test func `keeps the timing of the data sheet, also back and forth`() throws {
    var rig = try StepRig.ready()
    for speed in [52_000_000, -52_000_000, 1, -1, 30_000_000, -7_000_000] as [Int64] {
      try rig.setSpeed(speed)
      try rig.run(300)
    }
    #expect(rig.stepper.chip.violations == 0)
    #expect(try rig.report().position == rig.truth)
  }

  /// A drive at half its cap whose thread sleeps up to so many microseconds too long, after a minute
  /// and a second of rest from it.
  private func overslept(_ microseconds: Int64) throws -> StepRig {
    var rig = try StepRig.ready()
    var state: UInt64 = 7
    rig.stepper.oversleep = {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return .microseconds(Int64(state >> 33) % (microseconds + 1))
    }
    try rig.setSpeed(5_000_000)
    try rig.run(60_000)
    rig.stepper.oversleep = { .zero }
    try rig.run(1_000)
    return rig
  }

  @Test(arguments: [50, 500, 3_000] as [Int64])
  func `a machine that oversleeps loses no step and doubles none`(microseconds: Int64) throws {
    var rig = try overslept(microseconds)
    let report = try rig.report()
    #expect(report.position == rig.truth)
    #expect(rig.stepper.chip.violations == 0)
    // 61 s at 500 a second, less the ramp of 10 ms and the first look.
    #expect((30_490...30_500).contains(report.position))
    #expect(rig.stepper.worstLateness >= .microseconds(microseconds / 2))
  }

  @Test func `a machine that can not keep up counts what it made, and no more`() throws {
    var rig = try overslept(60_000)
    let report = try rig.report()
    #expect(report.position == rig.truth)
    #expect(rig.stepper.chip.violations == 0)
    #expect((1_000..<30_000).contains(report.position))
  }

  @Test func `turns the screw of the whole board by step and direction`() throws {
    let pump = SimulatedPump(seed: 1, stepDirection: true)
    var control = try #require(pump.stepControlBoard())
    var safety = pump.safetyBoard()
    try control.prepare()
    try safety.prepare()
    var outputs = ControlOutputs()
    outputs.motorEnable = true
    var guardian = SafetyOutputs()
    guardian.gate = true
    guardian.stroke = true
    var encoder: Int64?
    for cycle in 0..<1_003 {
      pump.advance()
      _ = control.sense(at: pump.now)
      encoder = safety.sense(at: pump.now).encoder
      control.act(cycle < 3 ? .off : .speed(10_000_000), outputs, at: pump.now)
      safety.act(guardian, at: pump.now)
    }
    let made = try #require(control.sense(at: pump.now).drive).position
    #expect((9_900...10_010).contains(made))
    let counts = made * 4_096 / 6_400 % 4_096
    #expect(abs(try #require(encoder) - counts) <= 8)
    #expect(pump.stepper?.chip.violations == 0)
  }
}
