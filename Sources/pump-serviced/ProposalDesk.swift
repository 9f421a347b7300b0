// SPDX-License-Identifier: Apache-2.0

import Domain
import ServiceAPI
import Synchronization
import Units

/// Orders that nodes proposed, and what became of them; in memory alone, so that none outlives a restart.
///
/// One that was taken never waits again, also when the controller refuses it: whoever took it has the refusal
/// before them, and a second person cannot take it meanwhile.
// SRS-189: a proposal waits here and reaches no controller.
final class ProposalDesk: Sendable {
  /// Proposals that wait at a time, and of one node.
  static let capacity = ProposalView.most
  static let capacityOfNode = 4
  /// How long one waits, and how long what became of it is known from then on.
  static let lifetime = Interval.minutes(15)
  /// Proposals that are known at a time, of all nodes.
  static let remembered = 64
  /// Of those, how many of one node that nobody at the pump ended: a node that proposes and withdraws fills its
  /// own share, and not that of others.
  static let leftByNode = 16
  /// How long the controller's reply counts after a proposal was taken.
  static let patience = Interval.seconds(5)

  /// An order as it was proposed.
  struct Proposal: Sendable {
    let number: Int64
    let from: String
    /// The login of the person in whose name it is; nil without one.
    let by: String?
    let key: String
    let draft: PrescriptionDraft
    let at: Instant
  }

  /// What came of proposing.
  enum Outcome: Equatable, Sendable {
    case waits(number: Int64, isNew: Bool)
    /// Another order, or one of somebody else, was proposed with the key.
    case keyUsed
    case full
  }

  /// What came of withdrawing.
  enum Withdrawal: Sendable {
    case withdrawn(Proposal)
    /// The node has none of this number.
    case none
    /// It is in the name of another person.
    case notTheirs
    /// It waits no more.
    case ended
  }

  private struct Entry {
    let proposal: Proposal
    var state = ProposalState.waits
    /// When it ended; nil while it waits.
    var end: Instant?
    /// The command by which it is taken, from before it is passed on.
    var command: UInt32?
    /// The controller's reply to that.
    var reply: Reply?

    var waits: Bool { state == .waits }

    /// Whether somebody can still end it: not while it is on its way to the controller.
    var isFree: Bool { waits && command == nil }

    mutating func end(_ state: ProposalState, at now: Instant) {
      self.state = state
      end = now
    }

    func view(at now: Instant) -> ProposalView {
      ProposalView(
        number: proposal.number, from: proposal.from, by: proposal.by,
        secondsLeft: waits ? max(0, (proposal.at + lifetime - now).seconds) : 0,
        draft: proposal.draft)
    }
  }

  private struct Contents {
    /// The oldest first.
    var entries: [Entry] = []
    var next: Int64 = 1

    mutating func lapse(at now: Instant) {
      for index in entries.indices where entries[index].isFree {
        let end = entries[index].proposal.at + lifetime
        if now >= end { entries[index].end(.lapsed, at: end) }
      }
      entries.removeAll { entry in entry.end.map { now - $0 >= lifetime } ?? false }
    }

    func index(_ number: Int64) -> Int? {
      entries.firstIndex { $0.proposal.number == number }
    }
  }

  private let contents = Mutex(Contents())

  // SEC-374: a repeated proposal is the first one, also after it ended.
  func add(
    _ draft: PrescriptionDraft, from node: String, by person: String? = nil, key: String,
    at now: Instant
  ) -> Outcome {
    contents.withLock { contents in
      contents.lapse(at: now)
      let own = contents.entries.filter { $0.proposal.from == node }
      if let same = own.first(where: { $0.proposal.key == key })?.proposal {
        return same.draft == draft && same.by == person
          ? .waits(number: same.number, isNew: false) : .keyUsed
      }
      // Rather none than one that is forgotten and comes back.
      guard contents.entries.count < Self.remembered,
        contents.entries.count(where: \.waits) < Self.capacity,
        own.count(where: \.waits) < Self.capacityOfNode,
        own.count(where: { $0.state == .withdrawn || $0.state == .lapsed }) < Self.leftByNode
      else { return .full }
      let number = contents.next
      contents.next += 1
      contents.entries.append(
        Entry(
          proposal: Proposal(
            number: number, from: node, by: person, key: key, draft: draft, at: now)))
      return .waits(number: number, isNew: true)
    }
  }

  /// Takes a proposal by a command that `pass` hands on; nil when none of this number waits.
  ///
  /// Nobody else takes or ends it meanwhile. One that `pass` does not hand on waits as before.
  func take<Answer, Failure: Error>(
    _ number: Int64, by command: UInt32, at now: Instant,
    _ pass: (Proposal) throws(Failure) -> Answer
  ) throws(Failure) -> Answer? {
    // Before it is handed on, since the controller may have replied when `pass` returns.
    let proposal: Proposal? = contents.withLock { contents in
      contents.lapse(at: now)
      guard let index = contents.index(number), contents.entries[index].isFree else { return nil }
      contents.entries[index].command = command
      return contents.entries[index].proposal
    }
    guard let proposal else { return nil }
    do throws(Failure) {
      let answer = try pass(proposal)
      change(number) { $0.end(.taken, at: now) }
      return answer
    } catch {
      change(number) { entry in
        entry.command = nil
        entry.reply = nil
      }
      throw error
    }
  }

  private func change(_ number: Int64, _ body: (inout Entry) -> Void) {
    contents.withLock { contents in
      guard let index = contents.index(number) else { return }
      body(&contents.entries[index])
    }
  }

  // SRS-247: what the controller refuses, no node is told was taken.
  /// Hears the controller's last reply; the first to the command of a proposal counts.
  func hear(_ reply: Reply?, at now: Instant) {
    guard let reply, reply.origin == .service, reply.kind == .program else { return }
    contents.withLock { contents in
      for index in contents.entries.indices {
        let entry = contents.entries[index]
        guard entry.command == reply.number, entry.reply == nil,
          now - (entry.end ?? now) < Self.patience
        else { continue }
        contents.entries[index].reply = reply
      }
    }
  }

  /// Takes a proposal off the list; nil when none of this number waits.
  func drop(_ number: Int64, at now: Instant) -> Proposal? {
    contents.withLock { contents in
      contents.lapse(at: now)
      guard let index = contents.index(number), contents.entries[index].isFree else { return nil }
      contents.entries[index].end(.dropped, at: now)
      return contents.entries[index].proposal
    }
  }

  // SEC-441 SRS-248: of another node's proposal it is said that there is none.
  /// Ends a node's own proposal; one in a person's name for that person alone.
  func withdraw(
    _ number: Int64, of node: String, by person: String?, at now: Instant
  ) -> Withdrawal {
    contents.withLock { contents in
      contents.lapse(at: now)
      guard let index = contents.index(number), contents.entries[index].proposal.from == node else {
        return .none
      }
      let proposal = contents.entries[index].proposal
      guard proposal.by == nil || proposal.by == person else { return .notTheirs }
      guard contents.entries[index].isFree else { return .ended }
      contents.entries[index].end(.withdrawn, at: now)
      return .withdrawn(proposal)
    }
  }

  // SRS-247 SEC-441: a node is told what became of its own, and of no other.
  /// A node's own proposal and what became of it; nil when it has none of this number.
  func standing(_ number: Int64, of node: String, at now: Instant) -> ProposalStanding? {
    contents.withLock { contents in
      contents.lapse(at: now)
      guard let index = contents.index(number), contents.entries[index].proposal.from == node else {
        return nil
      }
      let entry = contents.entries[index]
      var state = entry.state
      if state == .taken, let refusal = entry.reply?.refusal { state = .refused(refusal) }
      return ProposalStanding(proposal: entry.view(at: now), state: state)
    }
  }

  /// Those that wait, the oldest first; of one node, or of all.
  func all(of node: String? = nil, at now: Instant) -> [ProposalView] {
    contents.withLock { contents in
      contents.lapse(at: now)
      return contents.entries.filter { $0.waits && (node == nil || $0.proposal.from == node) }
        .map { $0.view(at: now) }
    }
  }
}
