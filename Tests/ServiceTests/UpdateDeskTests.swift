// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Domain
import EveryCase
import Foundation
import LocalTransport
import Messages
import Testing
import Units

@testable import pump_serviced

@Suite struct UpdateDeskTests {
  /// The service's bench with an updater beside it.
  private struct Bench {
    var pump: ServiceTests.Bench
    var updater: Subscription
    var told: [Frame] = []

    init(panels: PeerPolicy = .sameUser) throws {
      pump = try ServiceTests.Bench(panels: panels)
      updater = Subscription(to: pump.folder + "/update.sock")
      run(20)
    }

    mutating func run(_ rounds: Int) {
      for _ in 0..<rounds {
        while let frame = updater.receive(at: pump.now) { told.append(frame) }
        pump.run(1)
      }
    }

    mutating func say(_ frame: Frame) {
      _ = updater.send(frame, at: pump.now)
      run(3)
    }

    var answers: [UpdateAnswer] {
      told.compactMap { if case .updateAnswer(let answer) = $0 { answer } else { nil } }
    }

    var events: [EventKind] {
      pump.heard.compactMap { if case .event(let event) = $0 { event.kind } else { nil } }
    }
  }

  private static func notice(
    _ stage: UpdateStage, _ outcome: UpdateOutcome = .none, recorded: Bool = false
  ) -> UpdateNotice {
    var notice = UpdateNotice()
    notice.stage = stage
    if stage != .none { notice.digest = ContentHash(7, 0, 0, 1) }
    notice.outcome = outcome
    notice.recorded = recorded
    return notice
  }

  @Test(.tags(.`SEC-401`, .`SRS-216`))
  func `SEC-401 SRS-216 a refusal is for the log once, and given back when it is told again`()
    throws
  {
    let folder = NSTemporaryDirectory() + "desk-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var desk = try UpdateDesk(run: folder, updaters: .sameUser, panels: .sameUser)
    var updater = Subscription(to: folder + "/update.sock")
    var now = Instant.nanoseconds(1_000_000_000)
    var recorded: [UpdateRefusal] = []
    var back: [UpdateRefusal] = []
    func round(_ refusal: UpdateRefusal?) {
      if let refusal { _ = updater.send(.updateRefusal(refusal), at: now) }
      for _ in 0..<4 {
        now = now + .milliseconds(200)
        recorded += desk.step(at: now).refusals
        while let frame = updater.receive(at: now) {
          if case .updateRefusal(let heard) = frame { back.append(heard) }
        }
      }
    }
    round(nil)
    let first = UpdateRefusal(number: 3, code: try #require(ShortName("wrong-hash")))
    let second = UpdateRefusal(number: 4, code: try #require(ShortName("expired")))
    round(first)
    #expect(recorded == [first] && back.isEmpty)
    round(first)
    #expect(recorded == [first] && back == [first])
    round(second)
    round(second)
    #expect(recorded == [first, second] && back == [first, second])
  }

  @Test(.tags(.`SEC-379`)) func `SEC-379 a flood of refusals has room for 32 and one a minute`() {
    var room = RefusalRoom()
    var now = Instant.nanoseconds(1_000_000_000)
    func taken(_ tries: Int) -> Int { (0..<tries).count { _ in room.take(at: now) } }
    #expect(taken(1_000) == 32)
    now = now + .seconds(59)
    #expect(taken(1_000) == 0)
    now = now + .seconds(1)
    #expect(taken(1_000) == 1)
    // An hour of one try a second: sixty.
    var hour = 0
    for _ in 0..<3_600 {
      now = now + .seconds(1)
      hour += taken(1)
    }
    #expect(hour == 60)
    // However long it was quiet, the room is no larger than it was.
    now = now + .seconds(1_000_000)
    #expect(taken(1_000) == 32)
    now = now + .seconds(60)
    #expect(taken(1_000) == 1)
  }

  @Test(.tags(.`SEC-379`))
  func `SEC-379 a refusal without room is not given back and is recorded when there is room`()
    throws
  {
    let folder = NSTemporaryDirectory() + "desk-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var desk = try UpdateDesk(run: folder, updaters: .sameUser, panels: .sameUser)
    var updater = Subscription(to: folder + "/update.sock")
    var now = Instant.nanoseconds(1_000_000_000)
    let code = try #require(ShortName("wrong-hash"))
    _ = updater.receive(at: now)
    /// How often it is recorded, and whether it is given back.
    func say(_ number: UInt32) -> (recorded: Int, back: Bool) {
      var recorded = 0
      var back = false
      for _ in 0..<3 {
        _ = updater.send(.updateRefusal(UpdateRefusal(number: number, code: code)), at: now)
        recorded += desk.step(at: now).refusals.count
        while let frame = updater.receive(at: now) {
          if case .updateRefusal = frame { back = true }
        }
      }
      return (recorded, back)
    }
    for number in 1...32 { #expect(say(UInt32(number)) == (1, true)) }
    for number in 33...80 { #expect(say(UInt32(number)) == (0, false)) }
    now = now + .seconds(61)
    #expect(say(33) == (1, true))
    #expect(say(34) == (0, false))
  }

  @Test(.tags(.`RC-126`, .`SRS-166`))
  func `RC-126 SRS-166 each step is an event once, and the controller hears of a return`() throws {
    var bench = try Bench()
    for notice in [
      Self.notice(.offered), Self.notice(.offered), Self.notice(.agreed), Self.notice(.onTrial),
      Self.notice(.none, .returned), Self.notice(.none, .returned),
      Self.notice(.none, .returned, recorded: true), Self.notice(.none),
      Self.notice(.none, .confirmed), Self.notice(.none, .confirmed),
    ] {
      bench.say(.updateNotice(notice))
      #expect(bench.pump.heard.contains(.updateNotice(notice)))
    }
    #expect(
      bench.events == [
        .softwareOffered, .softwareAgreed, .softwareReturned, .softwareConfirmed,
      ])
    // Told to be on record when it was said again, and not before.
    #expect(bench.answers == [UpdateAnswer(.recorded), UpdateAnswer(.recorded)])
    let lines = try bench.pump.lines()
    #expect(lines.count == 4)
    #expect(
      lines.contains { $0.contains(#""source":"service""#) && $0.contains("softwareReturned") })
  }

  @Test(.tags(.`SRS-195`, .`SEC-430`))
  func `SRS-195 SEC-430 each kind has its own steps, and the log has version and content`() throws {
    let folder = NSTemporaryDirectory() + "desk-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var desk = try UpdateDesk(run: folder, updaters: .sameUser, panels: .sameUser)
    var updater = Subscription(to: folder + "/update.sock")
    let now = Instant.nanoseconds(1_000_000_000)
    let digest = ContentHash(0x0102_0304_0506_0708, 0, 0, 0xff)
    _ = updater.receive(at: now)
    func hear(_ notice: UpdateNotice) -> UpdateDesk.Told {
      _ = updater.send(.updateNotice(notice), at: now)
      return desk.step(at: now)
    }
    try everyCase(of: UpdateKind.allCases) { kind in
      var offered = Self.notice(.offered)
      offered.kind = kind
      offered.digest = digest
      offered.candidate = try #require(ShortName("4.2"))
      var ended = Self.notice(.none, .confirmed)
      ended.kind = kind
      ended.ended = offered.candidate
      ended.endedDigest = digest
      let first = hear(offered)
      #expect(desk.offer?.kind == kind && desk.offer?.image == digest)
      #expect(hear(offered).events.isEmpty)
      let last = hear(ended)
      #expect(desk.offer == nil)
      #expect(first.events.map(\.kind) == [.softwareOffered])
      #expect(last.events.map(\.kind) == [.softwareConfirmed])
      #expect((first.events + last.events).allSatisfy { $0.subject == kind.rawValue })
      let names: [AuditEvent] =
        switch kind {
        case .firmware: [.updateStaged, .updateInstalled]
        case .drugLibrary: [.libraryInstalled, .libraryActivated]
        case .configuration: [.updateStaged, .configurationChanged]
        }
      let entries = first.entries + last.entries
      #expect(entries.map(\.event) == names)
      #expect(entries.allSatisfy { $0.reference == "4.2" && $0.a == 0x0102_0304 })
      #expect(entries.allSatisfy { $0.payload.count == 32 && $0.payload.last == 0xff })
      // What another kind said in between makes no step of this one anew.
      #expect(hear(ended).events.isEmpty)
    }
    var returned = Self.notice(.none, .returned)
    returned.ended = try #require(ShortName("4.3"))
    returned.reason = try #require(ShortName("not-well"))
    let told = hear(returned).entries
    #expect(told.map(\.event) == [.updateRolledBack])
    // SEC-430: why stands beside what it was.
    #expect(told.map(\.reference) == ["4.3 not-well"])
    #expect(desk.outcome?.outcome == .returned)
    // An updater of before told no reason.
    returned.ended = try #require(ShortName("4.4"))
    returned.reason = ShortName()
    #expect(hear(returned).entries.map(\.reference) == ["4.4 unknown"])
    var other = Self.notice(.none, .confirmed)
    other.kind = .drugLibrary
    _ = hear(other)
    // The alarm of a return is about firmware, whatever came after it.
    #expect(desk.outcome?.outcome == .returned)
  }

  @Test(.tags(.`RC-132`, .`SRS-208`, .`SEC-394`))
  func `RC-132 SRS-208 SEC-394 the controller hears how an update ended and nothing else of it`()
    throws
  {
    var bench = try Bench()
    bench.pump.run(120)
    #expect(bench.pump.notices.isEmpty)
    var returned = Self.notice(.offered, .returned)
    returned.running = try #require(ShortName("1.0"))
    returned.candidate = try #require(ShortName("2.0"))
    returned.ended = try #require(ShortName("1.9"))
    for (notice, outcome) in [
      (returned, UpdateOutcome.returned), (Self.notice(.offered), .none),
      (Self.notice(.none, .confirmed), .confirmed),
    ] {
      bench.say(.updateNotice(notice))
      bench.pump.notices = []
      // Said again with each heartbeat, also when the updater has fallen silent.
      bench.pump.run(200)
      var word = UpdateNotice()
      word.outcome = outcome
      #expect(bench.pump.notices.count == 4 && bench.pump.notices.allSatisfy { $0 == word })
    }
    _ = try bench.pump.lines()
  }

  @Test(.tags(.`RC-126`, .`SRS-166`))
  func `RC-126 SRS-166 a service that started again does not tell twice what is on record`() throws
  {
    var bench = try Bench()
    bench.say(.updateNotice(Self.notice(.none, .returned, recorded: true)))
    #expect(bench.events.isEmpty && bench.answers.isEmpty)
    _ = try bench.pump.lines()
  }

  @Test(.tags(.`SEC-365`))
  func
    `SEC-365 passes on that the panel has seen a return, and no agreement that comes as a frame`()
    throws
  {
    let agreement = UpdateAnswer(.agree, to: ContentHash(7, 0, 0, 1))
    var bench = try Bench()
    for answer in [agreement, UpdateAnswer(.seen), UpdateAnswer(.recorded)] {
      _ = bench.pump.client.send(.updateAnswer(answer), at: bench.pump.now)
      bench.run(3)
    }
    // What only the service can know nobody else says, and who agrees is asked at the socket for people.
    #expect(bench.answers == [UpdateAnswer(.seen)])
    #expect(bench.pump.requests.allSatisfy { $0.kind == .heartbeat })
    _ = try bench.pump.lines()

    // This test's user is a client and not the panel.
    var other = try Bench(panels: PeerPolicy(users: [4_000_000_000]))
    _ = other.pump.client.send(.updateAnswer(UpdateAnswer(.seen)), at: other.pump.now)
    other.run(3)
    #expect(other.answers.isEmpty)
    _ = try other.pump.lines()
  }

  @Test(.tags(.`SEC-366`))
  func `SEC-366 nothing that an updater says reaches the controller or looks like the pump`() throws
  {
    var bench = try Bench()
    bench.pump.heard = []
    let draft = PrescriptionDraft(
      drug: DrugName(), syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(10))
    everyCase(of: pairs(CommandKind.allCases, CommandOrigin.allCases)) { kind, origin in
      bench.say(
        .command(Command(kind, from: origin, number: 7, draft: kind == .program ? draft : nil)))
    }
    bench.say(.control(ControlStatus()))
    bench.say(.safety(SafetyStatus()))
    bench.say(.event(PumpEvent(source: .control, kind: .confirmed, at: bench.pump.now)))
    bench.say(.busRequest(.sample))
    bench.say(.updateAnswer(UpdateAnswer(.agree, to: ContentHash(7, 0, 0, 1))))
    #expect(bench.pump.requests.allSatisfy { $0.kind == .heartbeat && $0.origin == .service })
    #expect(bench.pump.heard.isEmpty && bench.answers.isEmpty)
    #expect(try bench.pump.lines().isEmpty)
  }

  @Test func `an updater hears how the pump is`() throws {
    var bench = try Bench()
    var status = ControlStatus()
    status.cycle = 4
    bench.pump.control.send(.control(status), at: bench.pump.now)
    bench.run(3)
    #expect(bench.told.contains(.control(status)))
    _ = try bench.pump.lines()
  }
}
