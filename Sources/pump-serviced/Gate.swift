// SPDX-License-Identifier: Apache-2.0

import AccessControl
import Domain
import ServiceAPI
import Synchronization
import Units

/// What a command needs, by the one table of permissions.
///
/// Clearing an alarm whose cause is gone, and dropping a read-back, move nothing by themselves: the one has
/// its own row, the other counts as a pause.
enum CommandPolicy {
  static func action(of kind: CommandKind) -> Action {
    switch kind {
    case .program: .program
    case .start: .start
    case .pause, .cancel, .heartbeat: .pause
    case .stop: .stop
    case .silence: .silence
    case .clear: .clearAlarm
    }
  }

  /// What the pump is doing; without a controller it does no therapy.
  static func condition(of status: ControlStatus?) -> Condition {
    guard let status else { return .fault }
    switch status.state {
    case .standby: return .standby
    case .faulted: return .fault
    case .programmed, .awaitingConfirm, .starting, .infusing, .kvo, .paused, .relieving, .halted:
      return .therapy
    }
  }
}

extension EmergencyLimits {
  /// Whether this may be asked for as an emergency while the controller says that.
  static func allow(_ kind: CommandKind, _ draft: PrescriptionDraft?, _ status: ControlStatus?)
    -> Bool
  {
    allow(kind, draft, held: status?.held, state: status?.state ?? .faulted)
  }
}

/// What the service's loop and the thread for people share; neither waits for the other.
final class Gate: Sendable {
  /// What is known of the pump's people.
  enum People: Sendable {
    /// They cannot be read, or not yet.
    case unknown
    /// The pump was never commissioned.
    case none
    case some
  }

  /// Commands that wait for the loop.
  static let capacity = 16
  /// A status older than this is none.
  static let statusLifetime = Interval.seconds(2)

  private struct Contents {
    var people = People.unknown
    var status: ControlStatus?
    var heardAt = Instant.min
    var waiting: [Command] = []
    var agreement: ContentHash?
    var offer: (kind: UpdateKind, image: ContentHash)?
    var refusal: Refused?
  }

  /// Commands of the panel that were not passed on.
  struct Refused: Hashable, Sendable {
    var count: UInt32
    var reason: ServiceRefusal.Reason
  }

  private let contents = Mutex(Contents())
  /// Where it hears what the controller replied to what was taken there.
  let desk = ProposalDesk()

  var people: People {
    get { contents.withLock { $0.people } }
    set { contents.withLock { $0.people = newValue } }
  }

  /// The controller's newest status, or nil when it says nothing.
  func status(at now: Instant) -> ControlStatus? {
    contents.withLock { now - $0.heardAt <= Self.statusLifetime ? $0.status : nil }
  }

  func hear(_ status: ControlStatus, at now: Instant) {
    contents.withLock { contents in
      contents.status = status
      contents.heardAt = now
    }
    desk.hear(status.reply, at: now)
  }

  /// Leaves a command for the loop; false when too many wait.
  func leave(_ command: Command) -> Bool {
    contents.withLock { contents in
      guard contents.waiting.count < Self.capacity else { return false }
      contents.waiting.append(command)
      return true
    }
  }

  /// What the updater says that waits for a person now.
  var offer: (kind: UpdateKind, image: ContentHash)? {
    get { contents.withLock { $0.offer } }
    set { contents.withLock { $0.offer = newValue } }
  }

  /// Leaves a person's agreement to an update for the loop; a later one takes its place.
  func agree(to image: ContentHash) { contents.withLock { $0.agreement = image } }

  func takeAgreement() -> ContentHash? { contents.withLock { $0.agreement.take() } }

  // SEC-333 SRS-204: the panel hears which of its commands was refused, and why.
  /// The panel's commands that were refused, and why the last one was.
  var refusal: Refused? { contents.withLock { $0.refusal } }

  func refuse(_ reason: ServiceRefusal.Reason) {
    contents.withLock { contents in
      let count = contents.refusal?.count ?? 0
      contents.refusal = Refused(count: count == .max ? 1 : count + 1, reason: reason)
    }
  }

  func take() -> [Command] {
    contents.withLock { contents in
      defer { contents.waiting = [] }
      return contents.waiting
    }
  }

  /// What becomes of a command that came without a session.
  enum Verdict: Hashable, Sendable {
    case pass
    /// Allowed to anyone, and on record as break-glass.
    case breakGlass
    case refuse(ServiceRefusal.Reason)
  }

  // SEC-333 SRS-153: once the pump has people, what is asked without a session gets no more than
  // the table gives to nobody.
  /// Judges a command that came as a frame: nobody is signed in on that way.
  ///
  /// At the panel, where a person stands before the pump and CONFIRM is at hand, what needs a session counts
  /// as break-glass within its limits; from elsewhere it has to be asked for as such.
  func judge(_ command: Command, at now: Instant) -> Verdict {
    let status = status(at: now)
    let condition = CommandPolicy.condition(of: status)
    let action = CommandPolicy.action(of: command.kind)
    if people == .none { return .pass }
    if Permissions.requirement(for: action, by: nil, in: condition) == .nothing { return .pass }
    guard command.origin == .panel else { return .refuse(.notSignedIn) }
    guard Permissions.requirement(for: .emergencyStart, by: nil, in: condition) == .nothing else {
      return .refuse(.notPermitted)
    }
    guard EmergencyLimits.allow(command.kind, command.draft, status) else {
      let nothingHeld = command.kind == .start && status?.held == nil
      return .refuse(nothingHeld ? .notSignedIn : .beyondEmergencyLimits)
    }
    return .breakGlass
  }
}
