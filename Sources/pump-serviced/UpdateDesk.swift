// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Domain
import LocalTransport
import Messages
import Units

/// Room for refusals on the log: 32 at once and one a minute from then on, whatever the updater says.
struct RefusalRoom {
  static var most: Int64 { 32 }
  static var pause: Interval { .seconds(60) }
  private var left = Self.most
  private var filledAt = Instant.min

  /// Takes room for one; false when there is none.
  mutating func take(at now: Instant) -> Bool {
    while left < Self.most, now - filledAt >= Self.pause {
      left += 1
      filledAt = filledAt + Self.pause
    }
    if left == Self.most { filledAt = now }
    guard left > 0 else { return false }
    left -= 1
    return true
  }
}

/// Where pump-updated tells what waits and how it ended, and hears what a person at the panel answered.
///
/// A socket of its own: what comes in is notices and nothing else, so that an updater that was taken over
/// can ask the pump for nothing; what goes out is the pump's statuses and the answers.
struct UpdateDesk {
  private var hub: Hub
  private let panels: PeerPolicy
  /// The last notice of each kind.
  private var last: [UpdateKind: UpdateNotice] = [:]
  private var newest: UpdateNotice?
  /// The refusal that was heard last, and is on record by now.
  private var refusal: UpdateRefusal?
  private var room = RefusalRoom()

  /// Listens for `updaters`; the answers of `panels` alone count.
  init(run folder: String, updaters: PeerPolicy, panels: PeerPolicy) throws(TransportError) {
    hub = try Hub(path: folder + "/update.sock", allowing: updaters)
    self.panels = panels
  }

  var descriptors: [Int32] { hub.descriptors }

  /// What those who listen to the service are to be told.
  struct Told {
    var notice: UpdateNotice?
    /// Not numbered yet: the service counts its own.
    var events: [PumpEvent] = []
    /// What the log is told beyond them: versions and contents.
    var entries: [AuditEntry] = []
    /// Bundles that were refused.
    var refusals: [UpdateRefusal] = []
  }

  /// Takes in what the updater says; bounded.
  mutating func step(at now: Instant) -> Told {
    hub.accept()
    var told = Told()
    for _ in 0..<8 {
      guard let frame = hub.receive(at: now) else { break }
      // SEC-366: a command, an event or anything else from here goes nowhere.
      if case .updateRefusal(let heard) = frame { hear(heard, at: now, &told) }
      guard case .updateNotice(let notice) = frame else { continue }
      hear(notice, at: now, &told)
      told.notice = notice
      let last = last[notice.kind]
      // One round after it was put on record, which then has reached the disk.
      if let last, !notice.recorded, notice.outcome != .none, notice.outcome == last.outcome,
        notice.ended == last.ended
      {
        hub.send(.updateAnswer(UpdateAnswer(.recorded, about: notice.kind)), at: now)
      }
      self.last[notice.kind] = notice
      newest = notice
    }
    return told
  }

  /// Gives a refusal to the log when it is heard first, and back when it is heard again: then it is on record.
  // SEC-401 SRS-216: told again until it is on record.
  // SEC-379: what there is no room for is not given back, so that the updater keeps it and tells it later.
  private mutating func hear(_ heard: UpdateRefusal, at now: Instant, _ told: inout Told) {
    if heard == refusal { return hub.send(.updateRefusal(heard), at: now) }
    guard room.take(at: now) else { return }
    told.refusals.append(heard)
    refusal = heard
  }

  /// How the last update ended, without what came with it from foreign files; nil before the updater spoke.
  var outcome: UpdateNotice? {
    last[.firmware].map { last in
      var notice = UpdateNotice()
      notice.outcome = last.outcome
      return notice
    }
  }

  /// What waits for a person now: what it is, and its content.
  var offer: (kind: UpdateKind, image: ContentHash)? {
    guard let newest, newest.stage == .offered else { return nil }
    return (newest.kind, newest.digest)
  }

  /// Passes a status of the pump on: an updater has to know that it is in standby.
  mutating func send(_ status: Frame, at now: Instant) { hub.send(status, at: now) }

  /// Passes on that somebody at the panel has seen a return; everything else that comes as a frame is dropped.
  // SEC-365 SEC-393: an agreement has to be asked for at the socket for people, where the service sees who agrees.
  mutating func pass(_ answer: UpdateAnswer, from user: UInt32, at now: Instant) {
    guard panels.allows(user), answer.kind == .seen else { return }
    hub.send(.updateAnswer(answer), at: now)
  }

  /// Tells the updater of an agreement that the service has allowed.
  mutating func agree(to image: ContentHash, at now: Instant) {
    guard image != .none else { return }
    hub.send(.updateAnswer(UpdateAnswer(.agree, to: image)), at: now)
  }

  // RC-126 SRS-166: each step of an update is an event once; the alarm of a return is the controller's.
  // SRS-195: what it was, in which version and with which content, stands on the log beside it.
  private mutating func hear(_ new: UpdateNotice, at now: Instant, _ told: inout Told) {
    let last = last[new.kind]
    // SEC-430: what is not done is on record with the code of why.
    func add(_ kind: EventKind, _ version: ShortName, _ digest: ContentHash, _ reason: String = "")
    {
      let short = digest == .none ? 0 : Int64(digest.short)
      told.events.append(
        PumpEvent(source: .service, kind: kind, subject: new.kind.rawValue, at: now, a: short))
      guard let event = AuditEvent(kind, of: new.kind) else { return }
      told.entries.append(
        AuditEntry(
          event, source: .updater, subject: UInt32(new.kind.rawValue), a: short,
          reference: reason.isEmpty ? version.text : "\(version.text) \(reason)",
          payload: digest == .none ? [] : digest.bytes))
    }
    if new.stage != last?.stage || new.digest != last?.digest {
      switch new.stage {
      case .offered: add(.softwareOffered, new.candidate, new.digest)
      case .agreed: add(.softwareAgreed, new.candidate, new.digest)
      case .none, .onTrial: break
      }
    }
    let ended = new.outcome != last?.outcome || new.ended != last?.ended
    if ended, !new.recorded {
      switch new.outcome {
      case .confirmed: add(.softwareConfirmed, new.ended, new.endedDigest)
      case .returned:
        add(
          .softwareReturned, new.ended, new.endedDigest,
          new.reason.count == 0 ? "unknown" : new.reason.text)
      case .none: break
      }
    }
  }
}

extension AuditEvent {
  /// The log's own event for a step of an update of this kind; nil where the pump's event says it all.
  init?(_ event: EventKind, of kind: UpdateKind) {
    switch (event, kind) {
    case (.softwareOffered, .firmware), (.softwareOffered, .configuration): self = .updateStaged
    case (.softwareOffered, .drugLibrary): self = .libraryInstalled
    case (.softwareConfirmed, .firmware): self = .updateInstalled
    case (.softwareConfirmed, .drugLibrary): self = .libraryActivated
    case (.softwareConfirmed, .configuration): self = .configurationChanged
    case (.softwareReturned, _): self = .updateRolledBack
    default: return nil
    }
  }
}

extension ContentHash {
  /// The 32 bytes.
  fileprivate var bytes: [UInt8] {
    [word0, word1, word2, word3].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
    }
  }
}
