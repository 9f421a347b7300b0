// SPDX-License-Identifier: Apache-2.0

import Domain
import DurableFiles
import Foundation
import LocalTransport
import Messages
import SoftwareUpdate
import Units
import UpdateMetadata

/// Tells the pump what the journal says, and does what a person at the panel answered.
///
/// The only way in which an image is agreed to.
struct PanelDesk {
  private let place: Place
  private let sockets: String
  private let clock = MonotonicSource(scale: 1, epoch: .zero)
  private var service: Subscription
  private var status: ControlStatus?
  private var statusAt = Instant.min
  private var toldAt = Instant.min
  private var complained: String?

  init(_ place: Place, sockets: String) {
    self.place = place
    self.sockets = sockets
    service = Subscription(to: sockets + "/update.sock", allowing: PumpLink.service)
  }

  /// Works for a fifth of a second; returns the journals of the kinds that were ever taken in.
  mutating func round() -> [Kind: SlotJournal] {
    if let refusal = place.journals()[.firmware].flatMap({ refusal($0) }) {
      _ = service.send(.updateRefusal(refusal), at: clock.now())
    }
    let end = clock.now() + .milliseconds(200)
    var waiting = true
    while waiting {
      let now = clock.now()
      while let frame = service.receive(at: now) {
        switch frame {
        case .control(let new):
          status = new
          statusAt = now
        case .updateRefusal(let refusal):
          forget(refusal)
          // The next one is told at once.
          waiting = false
        case .updateAnswer(let answer):
          follow(answer, at: now)
          toldAt = .min
        default: break
        }
      }
      guard waiting, now < end else { break }
      // Without a service there is nothing to wait on but the time.
      _ = waitForInput(on: service.descriptor.map { [$0] } ?? [], upTo: end - now)
    }
    let journals = place.journals()
    let now = clock.now()
    goOn(journals, at: now)
    if let (kind, journal) = subject(of: journals), now - toldAt >= .milliseconds(500) {
      toldAt = now
      _ = service.send(.updateNotice(notice(kind, journal, at: now)), at: now)
    }
    return journals
  }

  /// The kind that a person or the service has to hear of first.
  private func subject(of journals: [Kind: SlotJournal]) -> (Kind, SlotJournal)? {
    let all = Kind.allCases.compactMap { kind in journals[kind].map { (kind, $0) } }
    let told = all.first { kind, journal in
      journal.news.map { !$0.returned || kind == .firmware } ?? false
    }
    return told ?? all.first { $0.1.phase == .staged } ?? all.first
  }

  /// Goes on with a switch that a power cut or a death interrupted after a person had agreed to it.
  private mutating func goOn(_ journals: [Kind: SlotJournal], at now: Instant) {
    for (kind, journal) in journals where kind != .firmware {
      if journal.news?.returned ?? false { giveUp(kind) }
      guard journal.phase == .armed || journal.phase == .trying,
        (try? InstallPolicy.check(condition(at: now))) != nil
      else { continue }
      activate(kind)
    }
  }

  /// What was damaged when it was to be activated is a refusal; the one before stays active.
  private mutating func giveUp(_ kind: Kind) {
    do {
      var shelf = try place.shelf(try place.folder())
      var slots = try shelf.slots(kind)
      try shelf.firmware.remember(refusal: UpdateMetadata.UpdateRefusal.wrongHash("").code)
      try slots.recordedNews()
      try slots.seenNews()
    } catch { complain(Refusal(error).text) }
  }

  private mutating func activate(_ kind: Kind) {
    do {
      var shelf = try place.shelf(try place.folder())
      var slots = try shelf.slots(kind)
      try slots.activate()
    } catch { complain(Refusal(error).text) }
  }

  /// The pump's condition as last heard; nil when that is longer ago than a second.
  private func condition(at now: Instant) -> PumpCondition? {
    guard let status, now - statusAt <= .seconds(1) else { return nil }
    return PumpCondition(status)
  }

  private mutating func notice(
    _ kind: Kind, _ journal: SlotJournal, at now: Instant
  ) -> UpdateNotice {
    var notice = UpdateNotice()
    notice.kind = UpdateKind(kind)
    notice.running = name(journal.running.version)
    if let candidate = journal.candidate, let version = ShortName(candidate.version),
      let digest = ContentHash(sha256: candidate.sha256)
    {
      switch journal.phase {
      case .staged: notice.stage = .offered
      case .armed: notice.stage = .agreed
      case .trying: notice.stage = kind == .firmware ? .onTrial : .agreed
      case .idle, .writing, .confirming, .returning: break
      }
      if notice.stage != .none {
        notice.candidate = version
        notice.digest = digest
      }
    } else if let candidate = journal.candidate {
      complain("version '\(candidate.version)' cannot be shown at the panel")
    }
    if notice.stage == .offered, let condition = condition(at: now) {
      do throws(Postponed) { try InstallPolicy.check(condition) } catch {
        notice.needsPower = error == .power
      }
    }
    if let news = journal.news, !news.returned || kind == .firmware {
      notice.outcome = news.returned ? .returned : .confirmed
      notice.ended = name(news.version)
      // A journal of before it was kept has none.
      if news.returned { notice.reason = ShortName(news.code) ?? ShortName() }
      notice.endedDigest = news.sha256.flatMap { ContentHash(sha256: $0) } ?? .none
      notice.recorded = news.recorded
    }
    return notice
  }

  /// The oldest refusal that is not on the pump's record.
  private func refusal(_ journal: SlotJournal) -> Domain.UpdateRefusal? {
    guard let (number, code, permit) = journal.refusal, let code = ShortName(code), code.count > 0
    else {
      return nil
    }
    return Domain.UpdateRefusal(number: number, code: code, permit: permit)
  }

  /// A refusal is on the pump's record.
  private mutating func forget(_ refusal: Domain.UpdateRefusal) {
    do {
      var slots = try place.slots(try place.folder())
      try slots.recordedRefusal(refusal.number)
    } catch { complain(Refusal(error).text) }
  }

  /// A version as the panel takes it; a longer one only informs and is shown as what it is, unnamed.
  private func name(_ version: String) -> ShortName { ShortName(version) ?? ShortName() }

  private mutating func follow(_ answer: UpdateAnswer, at now: Instant) {
    do {
      var shelf = try place.shelf(try place.folder())
      switch answer.kind {
      case .recorded:
        var slots = try shelf.slots(Kind(answer.about))
        try slots.recordedNews()
      case .seen: try shelf.firmware.seenNews()
      case .agree: try agree(to: answer.digest, &shelf, at: now)
      }
    } catch { complain(Refusal(error).text) }
  }

  private mutating func agree(
    to digest: ContentHash, _ shelf: inout Shelf, at now: Instant
  ) throws {
    // RC-125 SEC-365: to this image and no other, however late the answer comes.
    let chosen = place.journals().first { _, journal in
      journal.phase == .staged
        && journal.candidate.flatMap { ContentHash(sha256: $0.sha256) } == digest
    }
    guard let kind = chosen?.key else { return }
    // SEC-317 SEC-382: in standby and in no other state, whatever it is.
    do throws(Postponed) { try InstallPolicy.check(condition(at: now)) } catch {
      try shelf.firmware.remember(refusal: error.code)
      return complain(error.rawValue)
    }
    var slots = try shelf.slots(kind)
    if kind == .firmware { try slots.arm() } else { try slots.activate() }
    complained = nil
  }

  private mutating func complain(_ text: String) {
    guard text != complained else { return }
    complained = text
    FileHandle.standardError.write(Data("pump-updated: \(text)\n".utf8))
  }
}

extension UpdateKind {
  init(_ kind: Kind) {
    self =
      switch kind {
      case .firmware: .firmware
      case .drugLibrary: .drugLibrary
      case .configuration: .configuration
      }
  }
}

extension Kind {
  init(_ kind: UpdateKind) {
    self =
      switch kind {
      case .firmware: .firmware
      case .drugLibrary: .drugLibrary
      case .configuration: .configuration
      }
  }
}

extension PumpCondition {
  // SEC-317: anything that is not standby is a therapy.
  init(_ status: ControlStatus) {
    self.init(
      standby: status.state == .standby, mains: status.mains,
      battery: status.battery.map { Int($0.partsPerMillion / 10_000) })
  }
}

extension ContentHash {
  /// A digest of 32 bytes; nil for any other length, or for one that stands for no content.
  fileprivate init?(sha256 bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    func word(_ index: Int) -> UInt64 {
      bytes[8 * index..<8 * index + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init(word(0), word(1), word(2), word(3))
    guard self != .none else { return nil }
  }
}
