// SPDX-License-Identifier: Apache-2.0

import Alarms
import Domain
import EveryCase
import Testing
import Units

@Suite struct AlarmTests {
  @Test(.tags(.`RC-090`, .`SRS-079`))
  func `RC-090 SRS-079 every alarm fits the display, and what stops is HIGH and latches`() {
    everyCase(of: AlarmID.allCases) { alarm in
      let row = AlarmTable.row(alarm)
      for language in Language.allCases {
        let text = row.text[language].description
        let remedy = row.remedy[language].description
        #expect((1...21).contains(text.unicodeScalars.count), "\(alarm): \(text)")
        #expect((1...42).contains(remedy.unicodeScalars.count), "\(alarm): \(remedy)")
      }
      #expect(!row.stops || row.priority == .high && row.latching, "\(alarm)")
    }
  }

  @Test(.tags(.`RC-090`, .`SRS-081`))
  func `RC-090 SRS-081 shows the highest priority first and the lowest number among equals`() {
    #expect(AlarmTable.foremost(of: AlarmSet()) == nil)
    var set = AlarmSet.of(.serviceLost)
    #expect(AlarmTable.foremost(of: set) == .serviceLost)
    set.insert(.doorOpen)
    set.insert(.limitViolation)
    #expect(AlarmTable.foremost(of: set) == .doorOpen)
  }

  @Test(.tags(.`RC-090`, .`SRS-082`))
  func `RC-090 SRS-082 latches what latches and lets go of the rest`() {
    var core = AlarmCore()
    var both = AlarmSet.of(.doorOpen)
    both.insert(.serviceLost)
    let first = core.update(both, at: .zero)
    #expect(first.raised == both)
    let second = core.update(AlarmSet(), at: .zero)
    #expect(second.cleared == .of(.serviceLost))
    #expect(core.signalling == .of(.doorOpen))
    let cleared = core.clear(at: .zero)
    #expect(cleared == .of(.doorOpen))
    #expect(core.signalling.isEmpty)
  }

  @Test(.tags(.`RC-090`, .`SRS-082`))
  func `RC-090 SRS-082 does not clear an alarm whose condition is present`() {
    var core = AlarmCore()
    _ = core.update(.of(.doorOpen), at: .zero)
    let cleared = core.clear(at: .zero)
    #expect(cleared.isEmpty)
    #expect(core.signalling == .of(.doorOpen))
  }

  @Test(.tags(.`RC-024`, .`SRS-083`))
  func `RC-024 SRS-083 ends an audio pause with time and with a new alarm`() {
    var core = AlarmCore()
    let nothing = core.pauseAudio(at: .zero)
    #expect(!nothing)
    _ = core.update(.of(.doorOpen), at: .zero)
    let paused = core.pauseAudio(at: .zero)
    #expect(paused)
    let late = Instant.zero + .seconds(119)
    let before = core.update(.of(.doorOpen), at: late)
    #expect(!before.audioResumed)
    let after = core.update(.of(.doorOpen), at: .zero + .seconds(120))
    #expect(after.audioResumed)
    _ = core.pauseAudio(at: late)
    var two = AlarmSet.of(.doorOpen)
    two.insert(.serviceLost)
    let more = core.update(two, at: late)
    #expect(more.audioResumed)
    #expect(core.pausedUntil == nil)
  }

  @Test(.tags(.`RC-090`, .`SRS-084`))
  func `RC-090 SRS-084 beeps 10, 3 and 2 times a burst and flashes within its range`() {
    func beeps(_ priority: AlarmPriority, within time: Int64) -> Int {
      var count = 0
      var before = false
      for millisecond in 0..<time {
        let now = priority.signals(after: .milliseconds(millisecond)).buzzer
        if now && !before { count += 1 }
        before = now
      }
      return count
    }
    #expect(beeps(.high, within: 6_300) == 10)
    #expect(beeps(.medium, within: 6_000) == 3)
    #expect(beeps(.low, within: 16_600) == 2)
    var flashes = 0
    for step in 0..<1_000 {
      let now = AlarmPriority.high.signals(after: .milliseconds(Int64(step) * 10))
      let next = AlarmPriority.high.signals(after: .milliseconds(Int64(step) * 10 + 10))
      if !now.red && next.red { flashes += 1 }
    }
    #expect((14...28).contains(flashes))
  }

  @Test func `no signal traps on any time`() {
    for priority in [AlarmPriority.low, .medium, .high] {
      for time in [Int64.min, -1, 0, .max] {
        let lit = priority.signals(after: Interval(native: time))
        #expect(priority != .low || lit.yellow)
      }
    }
  }
}
