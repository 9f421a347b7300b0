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
    #expect(desk.drop(1, at: end) == nil)
    #expect(desk.take(1, by: 1, at: end) { _ in true } == nil)
    #expect(desk.all(at: end).isEmpty)
    #expect(
      desk.add(Self.draft, from: "1", key: "6", at: end) == .waits(number: 17, isNew: true))
    // What lapsed is remembered from its end, whenever the desk is asked next.
    #expect(
      desk.add(Self.draft, from: "1", key: "1", at: end) == .waits(number: 1, isNew: false))
    #expect(
      desk.add(Self.draft, from: "1", key: "1", at: end + ProposalDesk.lifetime)
        == .waits(number: 18, isNew: true))
  }

  @Test(.tags(.`SEC-374`))
  func `SEC-374 keys of proposals that ended are known for fifteen minutes, and only so many`() {
    let desk = ProposalDesk()
    let start = Instant.zero
    for number in 1...ProposalDesk.remembered {
      _ = desk.add(Self.draft, from: "n", key: "\(number)", at: start)
      #expect(desk.drop(Int64(number), at: start)?.key == "\(number)")
      #expect(
        desk.add(Self.draft, from: "n", key: "\(number)", at: start)
          == .waits(number: Int64(number), isNew: false))
    }
    // Rather none than one that is forgotten and comes back.
    #expect(desk.add(Self.draft, from: "n", key: "more", at: start) == .full)
    #expect(desk.all(at: start).isEmpty)
    #expect(
      desk.add(Self.draft, from: "n", key: "more", at: start + ProposalDesk.lifetime)
        == .waits(number: 65, isNew: true))
  }

  /// Puts one there and gives its number.
  private static func add(
    _ desk: ProposalDesk, _ key: String, from node: String = "n", by person: String? = nil,
    at now: Instant = .zero
  ) throws -> Int64 {
    guard
      case .waits(let number, isNew: true) = desk.add(
        draft, from: node, by: person, key: key, at: now)
    else { throw NotUnderstood("no place") }
    return number
  }

  private static func reply(_ number: UInt32, _ refusal: Refusal? = nil) -> Reply {
    Reply(to: Command(.program, from: .service, number: number, draft: draft), refusal: refusal)
  }

  @Test(.tags(.`SRS-247`))
  func `SRS-247 what became of a proposal is told for fifteen minutes from its end`() throws {
    let desk = ProposalDesk()
    let numbers = try (1...4).map { try Self.add(desk, "\($0)") }
    func states(_ now: Instant) -> [ProposalState?] {
      numbers.map { desk.standing($0, of: "n", at: now)?.state }
    }
    #expect(states(.zero) == [.waits, .waits, .waits, .waits])
    #expect(desk.standing(numbers[0], of: "n", at: .zero)?.proposal.secondsLeft == 900)
    let later = Instant.zero + .minutes(5)
    #expect(desk.take(numbers[0], by: 7, at: later) { $0.number } == numbers[0])
    #expect(desk.drop(numbers[1], at: later)?.number == numbers[1])
    guard case .withdrawn = desk.withdraw(numbers[2], of: "n", by: nil, at: later) else {
      throw NotUnderstood("not withdrawn")
    }
    #expect(states(later) == [.taken, .dropped, .withdrawn, .waits])
    #expect(desk.standing(numbers[0], of: "n", at: later)?.proposal.secondsLeft == 0)
    #expect(desk.all(at: later).map(\.number) == [numbers[3]])
    let end = later + ProposalDesk.lifetime
    #expect(states(end - .seconds(1)) == [.taken, .dropped, .withdrawn, .lapsed])
    #expect(states(end) == [nil, nil, nil, .lapsed])
    #expect(states(Instant.zero + .minutes(30)) == [nil, nil, nil, nil])
  }

  @Test(.tags(.`SRS-247`))
  func `SRS-247 a refusal of the controller is that of the command that took the proposal`()
    throws
  {
    let desk = ProposalDesk()
    let number = try Self.add(desk, "1")
    func state(_ now: Instant = .zero) -> ProposalState? {
      desk.standing(number, of: "n", at: now)?.state
    }
    #expect(desk.take(number, by: 7, at: .zero) { _ in true } == true)
    // Another number, origin and kind, and nothing.
    var stranger = Self.reply(7, .doorOpen)
    stranger.origin = .panel
    var other = Self.reply(7, .doorOpen)
    other.kind = .start
    for reply in [Self.reply(8, .doorOpen), stranger, other, nil] { desk.hear(reply, at: .zero) }
    #expect(state() == .taken)
    desk.hear(Self.reply(7, .therapyActive), at: .zero + .seconds(4))
    #expect(state() == .refused(.therapyActive))
    // It neither waits again nor is changed by what comes later.
    desk.hear(Self.reply(7), at: .zero + .seconds(4))
    #expect(state() == .refused(.therapyActive) && desk.all(at: .zero).isEmpty)
    #expect(desk.take(number, by: 9, at: .zero) { _ in true } == nil)
    guard case .ended = desk.withdraw(number, of: "n", by: nil, at: .zero) else {
      throw NotUnderstood("withdrawn")
    }
  }

  @Test(.tags(.`SRS-247`))
  func `SRS-247 an accepted one stays taken, and a reply that is late counts for nothing`() throws {
    let desk = ProposalDesk()
    let numbers = try (1...2).map { try Self.add(desk, "\($0)") }
    _ = desk.take(numbers[0], by: 1, at: .zero) { _ in true }
    _ = desk.take(numbers[1], by: 2, at: .zero) { _ in true }
    desk.hear(Self.reply(1), at: .zero)
    desk.hear(Self.reply(1, .faulted), at: .zero)
    desk.hear(Self.reply(2, .faulted), at: .zero + ProposalDesk.patience)
    for number in numbers { #expect(desk.standing(number, of: "n", at: .zero)?.state == .taken) }
  }

  @Test(.tags(.`SRS-247`, .`SRS-189`))
  func
    `SRS-247 SRS-189 one that is being taken is nobody else's, and waits when it is not passed on`()
    throws
  {
    let desk = ProposalDesk()
    let number = try Self.add(desk, "1")
    let late = Instant.zero + ProposalDesk.lifetime
    func pass(_ proposal: ProposalDesk.Proposal) throws(NotUnderstood) {
      #expect(desk.take(number, by: 2, at: .zero) { _ in true } == nil)
      #expect(desk.drop(number, at: .zero) == nil)
      guard case .ended = desk.withdraw(number, of: "n", by: nil, at: .zero) else {
        throw NotUnderstood("withdrawn meanwhile")
      }
      // It keeps its place, and does not lapse under the hand.
      #expect(desk.all(at: late).count == 1)
      desk.hear(Self.reply(1, .doorOpen), at: .zero)
    }
    #expect(throws: NotUnderstood("not passed on")) {
      try desk.take(number, by: 1, at: .zero) { (proposal) throws(NotUnderstood) in
        try pass(proposal)
        throw NotUnderstood("not passed on")
      }
    }
    #expect(desk.standing(number, of: "n", at: .zero)?.state == .waits)
    // The controller may be faster than who passes it on.
    #expect(throws: Never.self) {
      try desk.take(number, by: 1, at: .zero) { (proposal) throws(NotUnderstood) in
        try pass(proposal)
      }
    }
    #expect(desk.standing(number, of: "n", at: .zero)?.state == .refused(.doorOpen))
  }

  @Test(.tags(.`SEC-441`, .`SRS-248`))
  func `SEC-441 SRS-248 a node withdraws its own alone, and a person theirs`() throws {
    let desk = ProposalDesk()
    let own = try Self.add(desk, "1")
    let named = try Self.add(desk, "2", by: "ada")
    func withdraw(_ number: Int64, _ node: String, _ person: String? = nil) -> String {
      switch desk.withdraw(number, of: node, by: person, at: .zero) {
      case .withdrawn(let proposal): "withdrawn \(proposal.number)"
      case .none: "none"
      case .notTheirs: "not theirs"
      case .ended: "ended"
      }
    }
    for number in [own, named, 99] {
      #expect(withdraw(number, "other", "ada") == "none")
      #expect(desk.standing(number, of: "other", at: .zero) == nil)
    }
    #expect(withdraw(named, "n") == "not theirs" && withdraw(named, "n", "bob") == "not theirs")
    #expect(desk.all(at: .zero).count == 2)
    #expect(withdraw(named, "n", "ada") == "withdrawn \(named)")
    #expect(withdraw(named, "n", "ada") == "ended" && withdraw(named, "n", "bob") == "not theirs")
    #expect(withdraw(own, "n", "bob") == "withdrawn \(own)")
  }

  @Test(.tags(.`SEC-374`, .`SRS-248`))
  func `SEC-374 SRS-248 a node that proposes and withdraws takes no place from another`() throws {
    let desk = ProposalDesk()
    for key in 1...ProposalDesk.leftByNode {
      let number = try Self.add(desk, "\(key)")
      _ = desk.withdraw(number, of: "n", by: nil, at: .zero)
      #expect(
        desk.add(Self.draft, from: "n", key: "\(key)", at: .zero)
          == .waits(number: number, isNew: false))
    }
    #expect(desk.add(Self.draft, from: "n", key: "more", at: .zero) == .full)
    _ = try Self.add(desk, "more", from: "other")
    _ = try Self.add(desk, "more", at: .zero + ProposalDesk.lifetime)
  }
}
