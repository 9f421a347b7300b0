// SPDX-License-Identifier: Apache-2.0

import LocalTransport
import Testing
import Units

@testable import Realtime

@Suite struct CadenceTests {
  @Test(.tags(.`SRS-109`)) func `SRS-109 a beat keeps its place and no beat is early`() {
    let before = MonotonicSource.machine
    var cadence = Cadence(period: .milliseconds(10), speed: 10)
    for _ in 0..<5 {
      let kept = cadence.wait()
      #expect(kept)
    }
    // The first may be due at once; four more take four periods.
    #expect(MonotonicSource.machine - before >= .milliseconds(4))
  }

  @Test(.tags(.`SRS-246`), arguments: [1, 3, 1_000] as [Int64])
  func `SRS-246 every start finds the same grid`(speed: Int64) {
    let epoch = Instant.nanoseconds(123_456_789)
    let step = Interval.milliseconds(10).native / speed
    for place in [0, 2_500_000, 5_000_000, 9_999_999] as [Int64] {
      for now in [0, 123_456_788, 123_456_789, 1_000_000_007, 86_400_000_000_001] as [Int64] {
        let cadence = Cadence(
          period: .milliseconds(10), place: .nanoseconds(place), speed: speed, epoch: epoch, at: now
        )
        #expect(cadence.next > now)
        #expect(cadence.next - now <= step)
        #expect((cadence.next - epoch.native - place / speed) % step == 0)
      }
    }
  }

  @Test(.tags(.`SRS-246`), arguments: 0..<200)
  func `SRS-246 two that begin at different moments stay half a period apart`(start: Int64) {
    let whole = Cadence(
      period: .milliseconds(10), place: .zero, speed: 1, epoch: .zero, at: 7_000_000_000)
    var half = Cadence(
      period: .milliseconds(10), place: .milliseconds(5), speed: 1, epoch: .zero,
      at: 7_000_000_000 + start * 777_777)
    // A cycle that overran by any time keeps the place as well.
    half.record(wokenAt: half.next + start * 1_234_567)
    #expect((half.next - whole.next) % 10_000_000 == 5_000_000)
  }

  @Test(.tags(.`SRS-109`))
  func `SRS-109 lateness is told in the pump's time and missed beats are skipped`() {
    var cadence = Cadence(period: .milliseconds(10), speed: 1)
    let start = MonotonicSource.machine.native
    // Three and a half seconds late, within what a slow machine adds.
    cadence.record(wokenAt: start + 3_500_000_000)
    #expect(cadence.missed > 340)
    #expect(cadence.missed < 350)
    #expect(cadence.lateness > .milliseconds(3_400))
    // The next beat lies ahead of that moment: waking there is not late by a period.
    let missed = cadence.missed
    cadence.record(wokenAt: start + 3_500_000_000)
    #expect(cadence.missed == missed)
    #expect(cadence.lateness == .zero)
  }

  @Test func `no clock reading traps`() {
    for now in [Int64.min, -1, 0, .max] {
      for period in [Interval.min, .zero, .nanoseconds(1), .max] {
        for (place, epoch) in [(Interval.min, Instant.max), (.zero, .zero), (.max, .min)] {
          for start in [Int64.min, 0, .max] {
            var cadence = Cadence(
              period: period, place: place, speed: .max, epoch: epoch, at: start)
            cadence.record(wokenAt: now)
            cadence.record(wokenAt: now)
            #expect(cadence.lateness >= .zero)
          }
        }
      }
    }
  }
}

@Suite struct DaemonOptionsTests {
  private func parse(_ line: String) throws(DaemonOptions.Mistake) -> DaemonOptions.Request {
    try DaemonOptions.parse(line.split(separator: " ").map(String.init))
  }

  @Test func `reads a whole line`() throws {
    #expect(
      try parse("--run run/ --board link --speed 5 --epoch 7 --allow-user 1000")
        == .run(
          DaemonOptions(
            run: "run", board: .link, speed: 5, epoch: .nanoseconds(7), users: [1000])))
    #expect(
      try parse("--run run --board link --allow-user root --allow-user 7")
        == .run(
          DaemonOptions(run: "run", board: .link, speed: 1, epoch: .zero, users: [0, 7])))
    var named = DaemonOptions(run: "run", board: .link, speed: 1, epoch: .zero, users: [3])
    named.services = [11]
    named.panels = [12, 13]
    #expect(
      try parse(
        "--run run --board link --service-user 11 --panel-user 12 --allow-user 3 --panel-user 13")
        == .run(named))
    #expect(try parse("--run x --help") == .help)
    #expect(try parse("--version") == .version)
  }

  @Test func `a device's board has a watchdog unless it is told to have none`() throws {
    func watchdog(_ line: String) throws -> String? {
      guard case .run(let options) = try parse("--run x " + line) else { return "no run" }
      return options.watchdog
    }
    #expect(try watchdog("--board reference") == "/dev/watchdog")
    #expect(try watchdog("--board reference --watchdog /dev/watchdog1") == "/dev/watchdog1")
    #expect(try watchdog("--board reference --watchdog none") == nil)
    #expect(try watchdog("--board link") == nil)
    #expect(throws: DaemonOptions.Mistake.together("--board link", "--watchdog")) {
      try parse("--run x --board link --watchdog /dev/watchdog")
    }
  }

  @Test(.tags(.`SRS-211`))
  func `SRS-211 a device's board asks for the verdict unless it is told to ask for none`() throws {
    func verdict(_ line: String) throws -> String? {
      guard case .run(let options) = try parse("--run x " + line) else { return "no run" }
      return options.verdict
    }
    for board in DaemonOptions.Board.allCases {
      #expect(
        try verdict("--board \(board.rawValue)")
          == (board.isDevice ? "/run/pump-verify/verdict" : nil))
      #expect(try verdict("--board \(board.rawValue) --verdict /tmp/it") == "/tmp/it")
      #expect(try verdict("--board \(board.rawValue) --verdict none") == nil)
    }
    #expect(throws: DaemonOptions.Mistake.self) { try parse("--run x --board link --verdict it") }
    #expect(throws: DaemonOptions.Mistake.twice("--verdict")) {
      try parse("--run x --board link --verdict none --verdict none")
    }
  }

  @Test func `time on a device is real`() {
    #expect(throws: DaemonOptions.Mistake.together("--board reference", "--speed")) {
      try parse("--run x --board reference --speed 2 --epoch 1")
    }
  }

  @Test(.tags(.`SRS-119`)) func `SRS-119 each mistake is named`() {
    #expect(throws: DaemonOptions.Mistake.unknown("--fast")) { try parse("--fast") }
    #expect(throws: DaemonOptions.Mistake.valueMissing("--run")) { try parse("--run") }
    #expect(throws: DaemonOptions.Mistake.required("--run")) { try parse("--board link") }
    #expect(throws: DaemonOptions.Mistake.required("--board")) { try parse("--run x") }
    #expect(throws: DaemonOptions.Mistake.twice("--run")) { try parse("--run x --run y") }
    #expect(throws: DaemonOptions.Mistake.required("--epoch")) {
      try parse("--run x --board link --speed 2")
    }
    for line in [
      "--board glass", "--speed 0", "--speed 1001", "--epoch -1", "--allow-user no-such-user",
      "--allow-user 4294967295", "--allow-user 7x",
      "--watchdog x",
    ] {
      #expect {
        try parse(line)
      } throws: { error in
        if case DaemonOptions.Mistake.badValue = error { true } else { false }
      }
    }
  }
}
