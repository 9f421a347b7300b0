// SPDX-License-Identifier: Apache-2.0

import Domain
import DurableFiles
import Foundation
import LocalTransport
import Messages
import SoftwareUpdate
import Units

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

  /// Works for a fifth of a second; returns the journal as far as there is one.
  mutating func round() -> SlotJournal? {
    if let refusal = look().flatMap({ refusal($0) }) {
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
    let journal = look()
    let now = clock.now()
    if let journal, now - toldAt >= .milliseconds(500) {
      toldAt = now
      _ = service.send(.updateNotice(notice(journal, at: now)), at: now)
    }
    return journal
  }

  /// The pump's condition as last heard; nil when that is longer ago than a second.
  private func condition(at now: Instant) -> PumpCondition? {
    guard let status, now - statusAt <= .seconds(1) else { return nil }
    return PumpCondition(status)
  }

  private func look() -> SlotJournal? {
    guard let folder = try? PosixFolder(path: place.state, access: .reading) else { return nil }
    return try? Slots.look(into: folder)
  }

  private mutating func notice(_ journal: SlotJournal, at now: Instant) -> UpdateNotice {
    var notice = UpdateNotice()
    notice.running = name(journal.running.version)
    if let candidate = journal.candidate, let version = ShortName(candidate.version),
      let digest = ContentHash(sha256: candidate.sha256)
    {
      switch journal.phase {
      case .staged: notice.stage = .offered
      case .armed: notice.stage = .agreed
      case .trying: notice.stage = .onTrial
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
    if let news = journal.news {
      notice.outcome = news.returned ? .returned : .confirmed
      notice.ended = name(news.version)
      notice.recorded = news.recorded
    }
    return notice
  }

  /// The oldest refusal that is not on the pump's record.
  private func refusal(_ journal: SlotJournal) -> UpdateRefusal? {
    guard let (number, code) = journal.refusal, let code = ShortName(code), code.count > 0 else {
      return nil
    }
    return UpdateRefusal(number: number, code: code)
  }

  /// A refusal is on the pump's record.
  private mutating func forget(_ refusal: UpdateRefusal) {
    do {
      var slots = try place.slots(try place.folder())
      try slots.recordedRefusal(refusal.number)
    } catch { complain(Refusal(error).text) }
  }

  /// A version as the panel takes it; a longer one only informs and is shown as what it is, unnamed.
  private func name(_ version: String) -> ShortName { ShortName(version) ?? ShortName() }

  private mutating func follow(_ answer: UpdateAnswer, at now: Instant) {
    do {
      var slots = try place.slots(try place.folder())
      switch answer.kind {
      case .recorded: try slots.recordedNews()
      case .seen: try slots.seenNews()
      case .agree:
        // RC-125 SEC-365: to this image and no other, however late the answer comes.
        guard slots.journal.phase == .staged, let candidate = slots.journal.candidate,
          ContentHash(sha256: candidate.sha256) == answer.digest
        else { return }
        do throws(Postponed) { try InstallPolicy.check(condition(at: now)) } catch {
          try slots.remember(refusal: error.code)
          return complain(error.rawValue)
        }
        try slots.arm()
      }
      complained = nil
    } catch { complain(Refusal(error).text) }
  }

  private mutating func complain(_ text: String) {
    guard text != complained else { return }
    complained = text
    FileHandle.standardError.write(Data("pump-updated: \(text)\n".utf8))
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
