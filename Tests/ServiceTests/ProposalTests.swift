// SPDX-License-Identifier: Apache-2.0

import Domain
import ServiceAPI
import Testing
import Units

@testable import pump_serviced

@Suite struct ProposalTests {
  private static let draft = PrescriptionDraft(
    drug: DrugName(), syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(10))

  @Test(.tags(.`SRS-189`))
  func `SRS-189 a proposal lapses after fifteen minutes, and so many wait and no more`() {
    let desk = ProposalDesk()
    let start = Instant.zero
    for node in 1...4 {
      for key in 1...4 {
        let number = Int64(4 * (node - 1) + key)
        #expect(
          desk.add(Self.draft, from: "\(node)", key: "\(key)", at: start)
            == .waits(number: number, isNew: true))
      }
      #expect(desk.add(Self.draft, from: "\(node)", key: "5", at: start) == .full)
    }
    #expect(desk.add(Self.draft, from: "5", key: "1", at: start) == .full)
    #expect(desk.all(of: "2", at: start).map(\.number) == [5, 6, 7, 8])
    let end = start + ProposalDesk.lifetime
    #expect(desk.all(at: end - .seconds(1)).map(\.secondsLeft) == Array(repeating: 1, count: 16))
    #expect(desk.take(1, at: end) == nil)
    #expect(desk.all(at: end).isEmpty)
    #expect(
      desk.add(Self.draft, from: "1", key: "1", at: end) == .waits(number: 17, isNew: true))
  }

  @Test(.tags(.`SEC-374`))
  func `SEC-374 keys of taken proposals are known until they would lapse, and only so many`() {
    let desk = ProposalDesk()
    let start = Instant.zero
    for number in 1...ProposalDesk.remembered {
      _ = desk.add(Self.draft, from: "n", key: "\(number)", at: start)
      #expect(desk.take(Int64(number), at: start)?.key == "\(number)")
      #expect(
        desk.add(Self.draft, from: "n", key: "\(number)", at: start)
          == .waits(number: Int64(number), isNew: false))
    }
    // Rather none than one that is forgotten and comes back.
    #expect(desk.add(Self.draft, from: "n", key: "more", at: start) == .full)
    #expect(desk.all(at: start).isEmpty)
  }
}
