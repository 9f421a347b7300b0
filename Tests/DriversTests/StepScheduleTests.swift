// SPDX-License-Identifier: Apache-2.0

import Drivers
import Testing
import Units

/// A seeded generator (SplitMix64).
private struct Chance: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

@Suite struct StepScheduleTests {
  private func at(_ nanoseconds: Int64) -> Instant { .nanoseconds(nanoseconds) }

  /// A ramp so steep that a speed is there with the first slice.
  private func schedule(acceleration: Int64 = 1 << 40, timeout: Interval = .hours(1))
    -> StepSchedule
  {
    StepSchedule(acceleration: acceleration, timeout: timeout, at: .nanoseconds(0))
  }

  @Test(arguments: [
    // Speed per 10 000 s, and when the hundredth step is due after the first slice of 1 ms.
    (Int64(10_000), Int64(100_000_000_000)), (10_000_000, 100_000_000), (52_000_000, 19_230_770),
    (30_000, 33_333_333_334), (3_000, 333_333_333_334),
  ])
  func `the hundredth step is due to the nanosecond`(speed: Int64, due: Int64) throws {
    var schedule = StepSchedule(
      acceleration: 1 << 40, timeout: .nanoseconds(.max), at: .nanoseconds(0))
    schedule.command(speed, at: at(0))
    var last: StepSchedule.Step?
    for _ in 0..<100 { last = schedule.next(until: at(2_000_000_000_000)) }
    let step = try #require(last)
    #expect(!step.backwards)
    #expect(step.at == at(1_000_000 + due))
  }

  @Test func `reaches a speed by its ramp`() {
    var schedule = schedule(acceleration: 52_000)
    schedule.command(52_000_000, at: at(0))
    var steps = 0
    while schedule.next(until: at(101_000_000)) != nil { steps += 1 }
    // 100 ms at 52 microsteps/s more each millisecond: 52 × 100 × 101 / 2 / 1000.
    #expect((262...263).contains(steps))
    while schedule.next(until: at(1_101_000_000)) != nil { steps += 1 }
    #expect((5_461...5_464).contains(steps))
  }

  @Test func `is never a step away from the travel asked for, whatever was asked`() {
    var chance = Chance(state: 41)
    // Without a ramp the travel is the sum of speed times time, in exact numbers.
    var schedule = schedule()
    var now: Int64 = 0
    var travel = 0.0
    var previous = 0.0
    var made = 0
    var lastStep = at(-1)
    for _ in 0..<2_000 {
      let speed = Int64.random(in: -52_000_000...52_000_000, using: &chance)
      schedule.command(speed, at: at(now))
      // Whole slices, so that the speed changes where the sum changes.
      let length = Int64.random(in: 1...40, using: &chance) * 1_000_000
      // The new speed holds from the next slice on; the schedule stands on its edge.
      while let step = schedule.next(until: at(now + 1_000_000)) {
        made += step.backwards ? -1 : 1
        #expect(step.at >= lastStep)
        lastStep = step.at
      }
      now += 1_000_000
      while let step = schedule.next(until: at(now + length)) {
        made += step.backwards ? -1 : 1
        #expect(step.at >= lastStep)
        lastStep = step.at
      }
      now += length
      travel += previous * 1e6 + Double(speed) * Double(length)
      previous = Double(speed)
      #expect(abs(Double(made) - travel / 1e13) < 1.001)
    }
  }

  @Test func `gives the same steps in slices of any length`() {
    func steps(of length: Int64) -> [StepSchedule.Step] {
      var schedule = schedule(acceleration: 52_000)
      schedule.command(31_415_926, at: at(0))
      var steps: [StepSchedule.Step] = []
      var now: Int64 = 0
      while now < 500_000_000 {
        now = min(now + length, 500_000_000)
        while let step = schedule.next(until: at(now)) { steps.append(step) }
      }
      return steps
    }
    let whole = steps(of: 500_000_000)
    #expect(whole.count > 1_000)
    for length in [1_000_000, 700_001, 13_333, 4_999_999] as [Int64] {
      #expect(steps(of: length) == whole)
    }
  }

  @Test(.tags(.`RC-004`)) func `RC-004 stops by its ramp when the command is not renewed`() {
    var schedule = schedule(acceleration: 52_000, timeout: .milliseconds(200))
    schedule.command(10_000_000, at: at(0))
    while schedule.next(until: at(150_000_000)) != nil {}
    #expect(!schedule.timedOut)
    schedule.renew(at: at(150_000_000))
    while schedule.next(until: at(350_000_000)) != nil {}
    #expect(!schedule.timedOut && !schedule.resting)
    var last = at(0)
    while let step = schedule.next(until: at(60_000_000_000)) { last = step.at }
    #expect(schedule.timedOut && schedule.resting)
    // 1000 microsteps a second at 52 a millisecond: 20 ms.
    #expect(last < at(372_000_000))
    schedule.command(10_000_000, at: at(60_000_000_000))
    #expect(schedule.next(until: at(60_100_000_000)) != nil)
  }

  @Test func `forgets a step under way when the current is gone`() {
    var schedule = schedule()
    schedule.command(10_000, at: at(0))
    #expect(schedule.next(until: at(900_000_000)) == nil)
    schedule.halt()
    schedule.skip(to: at(900_000_000))
    schedule.command(10_000, at: at(900_000_000))
    // A whole second after the slice in which it began, not the tenth that was left.
    #expect(schedule.next(until: at(1_899_000_000)) == nil)
    #expect(schedule.next(until: at(2_000_000_000)) != nil)
  }

  @Test(arguments: [Int64.min, .max, -1, 0, 1])
  func `takes any number for a speed`(speed: Int64) {
    var schedule = schedule(acceleration: 52_000)
    schedule.command(speed, at: at(0))
    for _ in 0..<1_000 { _ = schedule.next(until: at(20_000_000)) }
    #expect(schedule.now <= at(20_000_000))
  }
}
