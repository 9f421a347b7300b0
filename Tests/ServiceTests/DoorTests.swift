// SPDX-License-Identifier: Apache-2.0

import AccessControl
import AuditLog
import LocalTransport
import ServiceAPI
import Testing
import Units

@testable import pump_serviced

@Suite struct `What the gateway tells of its door` {
  @Test(.tags(.`SEC-410`))
  func `SEC-410 a share of records is given at once, and then one a second`() {
    var share = RecordShare()
    let start = Instant.zero
    func takes(_ count: Int64, at now: Instant) -> Bool { share.take(count, at: now) }
    #expect(!takes(97, at: start))
    #expect(takes(96, at: start))
    var taken: Int64 = 0
    // Ten minutes, asked ten times a second.
    for tenth in 0..<6_000 where takes(1, at: start + .milliseconds(Int64(100 * tenth))) {
      taken += 1
    }
    #expect(taken == 599)
    // An hour of quiet gives no more than there was at first, and a clock that goes back gives nothing.
    let late = start + .seconds(4_200)
    #expect(!takes(97, at: late) && takes(96, at: late))
    #expect(!takes(1, at: start) && !takes(1, at: late) && takes(1, at: late + .seconds(1)))
  }

  @Test(.tags(.`SEC-410`, .`SRS-222`))
  func
    `SEC-410 SRS-222 each node and each reason of a report is a record, as far as the share goes`()
    throws
  {
    let rig = try Rig()
    defer { rig.close() }
    let now = rig.clock.now()
    let before = rig.told.all.count
    #expect(
      rig.cases.note(
        [
          .node("ward.test", opened: 3, closed: 1), .node("other.test", opened: 0, closed: 2),
          .refused(.expired, count: 400, address: "192.0.2.1"),
          .refused(.crowd, count: 1, address: ""),
        ], at: now))
    let told = Array(rig.told.all.dropFirst(before))
    #expect(
      told.map(\.event) == [
        .connectionOpened, .connectionClosed, .connectionRefused, .connectionRefused,
      ])
    #expect(told.map(\.a) == [3, 2, 400, 1] && told.map(\.b) == [1, 0, 0, 0])
    #expect(told.map(\.actor?.name) == ["ward.test", "other.test", nil, nil])
    #expect(told.map(\.reference) == ["", "", "expired from 192.0.2.1", "crowd"])
    #expect(told.allSatisfy { $0.source == .gateway })
    let all = Array(repeating: DoorReport.refused(.name, count: 1, address: ""), count: 45)
    #expect(rig.cases.note(all, at: now) && rig.cases.note(all, at: now))
    #expect(!rig.cases.note(all, at: now))
    #expect(rig.told.all.count - before == 94)
  }
}
