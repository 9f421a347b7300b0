// SPDX-License-Identifier: Apache-2.0

import Domain
import ServiceAPI
import Synchronization
import Units

/// Orders that nodes proposed and nobody took yet; in memory alone, so that none outlives a restart.
// SRS-189: a proposal waits here and reaches no controller.
final class ProposalDesk: Sendable {
  /// Proposals at a time, and of one node.
  static let capacity = ProposalView.most
  static let capacityOfNode = 4
  /// How long one waits.
  static let lifetime = Interval.minutes(15)
  /// Proposals that were taken or dropped and whose keys are still known, of all nodes.
  static let remembered = 64

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

  /// What became of a proposal.
  enum Outcome: Equatable, Sendable {
    case waits(number: Int64, isNew: Bool)
    /// Another order, or one of somebody else, was proposed with the key.
    case keyUsed
    case full
  }

  private struct Contents {
    var waiting: [Proposal] = []
    var gone: [Proposal] = []
    var next: Int64 = 1

    mutating func lapse(at now: Instant) {
      waiting.removeAll { now - $0.at >= lifetime }
      gone.removeAll { now - $0.at >= lifetime }
    }
  }

  private let contents = Mutex(Contents())

  // SEC-374: a repeated proposal is the first one, also after it was taken.
  func add(
    _ draft: PrescriptionDraft, from node: String, by person: String? = nil, key: String,
    at now: Instant
  ) -> Outcome {
    contents.withLock { contents in
      contents.lapse(at: now)
      let known = contents.waiting + contents.gone
      if let same = known.first(where: { $0.from == node && $0.key == key }) {
        return same.draft == draft && same.by == person
          ? .waits(number: same.number, isNew: false) : .keyUsed
      }
      guard contents.waiting.count < Self.capacity, contents.gone.count < Self.remembered,
        contents.waiting.count(where: { $0.from == node }) < Self.capacityOfNode
      else { return .full }
      let number = contents.next
      contents.next += 1
      contents.waiting.append(
        Proposal(number: number, from: node, by: person, key: key, draft: draft, at: now))
      return .waits(number: number, isNew: true)
    }
  }

  /// Takes a proposal off the list; nil when none of this number waits.
  func take(_ number: Int64, at now: Instant) -> Proposal? {
    contents.withLock { contents in
      contents.lapse(at: now)
      guard let index = contents.waiting.firstIndex(where: { $0.number == number }) else {
        return nil
      }
      let proposal = contents.waiting.remove(at: index)
      contents.gone.append(proposal)
      return proposal
    }
  }

  /// Those that wait, the oldest first; of one node, or of all.
  func all(of node: String? = nil, at now: Instant) -> [ProposalView] {
    contents.withLock { contents in
      contents.lapse(at: now)
      return contents.waiting.filter { node == nil || $0.from == node }.map { proposal in
        ProposalView(
          number: proposal.number, from: proposal.from, by: proposal.by,
          secondsLeft: (proposal.at + Self.lifetime - now).seconds, draft: proposal.draft)
      }
    }
  }
}
