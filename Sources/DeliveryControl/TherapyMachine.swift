// SPDX-License-Identifier: Apache-2.0

import Domain

/// The therapy's states and the one table of what leads from which to which.
///
/// It knows no sensor and no time: the core turns those into events. An event is either carried out,
/// or refused with the reason a person is told, or it changes nothing, with the reason written here.
struct TherapyMachine: Sendable {
  /// Where a read-back leads when it lapses.
  enum Rest: Sendable { case programmed, paused, halted }

  enum State: Hashable, Sendable {
    case standby
    case programmed
    case awaitingConfirm(Rest)
    case starting
    /// `change`: a change of rate or VTBI waits for CONFIRM.
    case infusing(change: Bool)
    case kvo(change: Bool)
    case paused
    case relieving
    case halted
    case faulted
  }

  enum Event: Sendable {
    // Asked for.
    case program, start, pause, stop, cancel
    // Keys and time.
    case confirmKey, stopKey, lapse
    // Seen by the pump.
    case gateClosed, vtbiReached, occlusion, relieved, alarm, fault
  }

  enum Verdict: Hashable, Sendable {
    case to(State)
    /// Accepted, or of no consequence: the state stands.
    case stay
    case refused(Refusal)
  }

  private(set) var state: State = .standby { didSet { therapy = Self.therapy(in: state) } }
  /// The state as everybody else sees it; never set but through ``state``.
  private(set) var therapy: TherapyState = .standby

  private static func therapy(in state: State) -> TherapyState {
    switch state {
    case .standby: .standby
    case .programmed: .programmed
    case .awaitingConfirm: .awaitingConfirm
    case .starting: .starting
    case .infusing: .infusing
    case .kvo: .kvo
    case .paused: .paused
    case .relieving: .relieving
    case .halted: .halted
    case .faulted: .faulted
    }
  }

  /// A change of a running infusion waits for CONFIRM.
  var changeWaits: Bool { state == .infusing(change: true) || state == .kvo(change: true) }

  /// Carries an event out.
  ///
  /// The caller has asked ``verdict(on:)`` when guards of its own stand between.
  @discardableResult
  mutating func apply(_ event: Event) -> Verdict {
    let verdict = verdict(on: event)
    if case .to(let next) = verdict { state = next }
    return verdict
  }

  private static func rested(_ rest: Rest) -> Verdict {
    switch rest {
    case .programmed: .to(.programmed)
    case .paused: .to(.paused)
    case .halted: .to(.halted)
    }
  }

  // RC-095 SRS-010: every pair of state and event is decided.
  func verdict(on event: Event) -> Verdict {
    switch (state, event) {
    // A fault of the pump ends everything, from everywhere.
    case (_, .fault): .to(.faulted)

    // Standby: nothing is held, nothing moves.
    case (.standby, .program): .to(.programmed)
    case (.standby, .start): .refused(.nothingProgrammed)
    case (.standby, .pause), (.standby, .stop): .refused(.notInfusing)
    case (.standby, .cancel): .refused(.nothingPending)
    case (.standby, .confirmKey): .refused(.nothingToConfirm)
    // Nothing runs that they could end.
    case (.standby, .stopKey), (.standby, .alarm), (.standby, .occlusion): .stay
    // They speak of a read-back, a start or a motion that ended in an earlier cycle.
    case (.standby, .lapse), (.standby, .gateClosed), (.standby, .vtbiReached),
      (.standby, .relieved):
      .stay

    // Programmed: held, not asked to start.
    case (.programmed, .program): .to(.programmed)
    case (.programmed, .start): .to(.awaitingConfirm(.programmed))
    case (.programmed, .pause): .refused(.notInfusing)
    case (.programmed, .stop): .to(.standby)
    case (.programmed, .cancel): .refused(.nothingPending)
    case (.programmed, .confirmKey): .refused(.nothingToConfirm)
    // Nothing runs that they could end.
    case (.programmed, .stopKey), (.programmed, .alarm), (.programmed, .occlusion): .stay
    // They speak of a read-back, a start or a motion that ended in an earlier cycle.
    case (.programmed, .lapse), (.programmed, .gateClosed), (.programmed, .vtbiReached),
      (.programmed, .relieved):
      .stay

    // Read-back on show. It may not change under the eyes of who reads it.
    case (.awaitingConfirm, .program), (.awaitingConfirm, .start): .refused(.alreadyStarting)
    case (.awaitingConfirm, .pause): .refused(.notInfusing)
    case (.awaitingConfirm, .stop): .to(.standby)
    // RC-001 SRS-009: the only way to a start.
    case (.awaitingConfirm, .confirmKey): .to(.starting)
    case (.awaitingConfirm(let rest), .cancel), (.awaitingConfirm(let rest), .stopKey),
      (.awaitingConfirm(let rest), .lapse), (.awaitingConfirm(let rest), .alarm):
      Self.rested(rest)
    // The motor is off: the pressure is not of our making and relief has nothing to withdraw.
    case (.awaitingConfirm, .occlusion): .stay
    // They speak of a start or a motion that ended in an earlier cycle.
    case (.awaitingConfirm, .gateClosed), (.awaitingConfirm, .vtbiReached),
      (.awaitingConfirm, .relieved):
      .stay

    // Starting: confirmed, waiting for the monitor; the motor is off.
    case (.starting, .program), (.starting, .start): .refused(.alreadyStarting)
    case (.starting, .pause), (.starting, .stopKey): .to(.paused)
    case (.starting, .stop): .to(.standby)
    case (.starting, .cancel): .refused(.nothingPending)
    case (.starting, .confirmKey): .refused(.nothingToConfirm)
    case (.starting, .gateClosed): .to(.infusing(change: false))
    case (.starting, .alarm), (.starting, .occlusion): .to(.halted)
    // No read-back, and no motion yet.
    case (.starting, .lapse), (.starting, .vtbiReached), (.starting, .relieved): .stay

    // SRS-002: STOP ends motion from every moving state.
    // Infusing.
    case (.infusing, .program): .to(.infusing(change: true))
    case (.infusing(change: true), .start): .stay
    case (.infusing(change: false), .start): .refused(.alreadyInfusing)
    case (.infusing, .pause), (.infusing, .stopKey): .to(.paused)
    case (.infusing, .stop): .to(.standby)
    case (.infusing(change: true), .cancel), (.infusing(change: true), .lapse):
      .to(.infusing(change: false))
    case (.infusing(change: false), .cancel): .refused(.nothingPending)
    // RC-001 SRS-012: a confirmed change starts anew, so that the monitor agrees to it first.
    case (.infusing(change: true), .confirmKey): .to(.starting)
    case (.infusing(change: false), .confirmKey): .refused(.nothingToConfirm)
    case (.infusing(let change), .vtbiReached): .to(.kvo(change: change))
    case (.infusing, .occlusion): .to(.relieving)
    case (.infusing, .alarm): .to(.halted)
    // No read-back lapses, the gate is closed already, nothing was withdrawn.
    case (.infusing(change: false), .lapse), (.infusing, .gateClosed), (.infusing, .relieved):
      .stay

    // Keeping the vein open.
    case (.kvo, .program): .to(.kvo(change: true))
    case (.kvo(change: true), .start): .stay
    case (.kvo(change: false), .start): .refused(.alreadyInfusing)
    case (.kvo, .pause), (.kvo, .stopKey): .to(.paused)
    case (.kvo, .stop): .to(.standby)
    case (.kvo(change: true), .cancel), (.kvo(change: true), .lapse): .to(.kvo(change: false))
    case (.kvo(change: false), .cancel): .refused(.nothingPending)
    case (.kvo(change: true), .confirmKey): .to(.starting)
    case (.kvo(change: false), .confirmKey): .refused(.nothingToConfirm)
    case (.kvo, .occlusion): .to(.relieving)
    case (.kvo, .alarm): .to(.halted)
    // No read-back lapses, the gate is closed already, the VTBI is behind, nothing was withdrawn.
    case (.kvo(change: false), .lapse), (.kvo, .gateClosed), (.kvo, .vtbiReached),
      (.kvo, .relieved):
      .stay

    // Paused by a person. Another order needs this one stopped first.
    case (.paused, .program): .refused(.therapyActive)
    case (.paused, .start): .to(.awaitingConfirm(.paused))
    case (.paused, .pause): .refused(.notInfusing)
    case (.paused, .stop): .to(.standby)
    case (.paused, .cancel): .refused(.nothingPending)
    case (.paused, .confirmKey): .refused(.nothingToConfirm)
    // The motor is off already.
    case (.paused, .stopKey), (.paused, .alarm), (.paused, .occlusion): .stay
    // They speak of a read-back, a start or a motion that ended in an earlier cycle.
    case (.paused, .lapse), (.paused, .gateClosed), (.paused, .vtbiReached), (.paused, .relieved):
      .stay

    // Relieving an occlusion: bounded, and only ever on the way to halted.
    case (.relieving, .program), (.relieving, .start): .refused(.relievingPressure)
    case (.relieving, .pause), (.relieving, .stopKey): .to(.halted)
    case (.relieving, .stop): .to(.standby)
    case (.relieving, .cancel): .refused(.nothingPending)
    case (.relieving, .confirmKey): .refused(.nothingToConfirm)
    case (.relieving, .relieved), (.relieving, .alarm): .to(.halted)
    // The occlusion is what is being relieved; no forward motion reaches a VTBI.
    case (.relieving, .occlusion), (.relieving, .vtbiReached), (.relieving, .lapse),
      (.relieving, .gateClosed):
      .stay

    // Halted by an alarm.
    case (.halted, .program): .refused(.therapyActive)
    case (.halted, .start): .to(.awaitingConfirm(.halted))
    case (.halted, .pause): .refused(.notInfusing)
    case (.halted, .stop): .to(.standby)
    case (.halted, .cancel): .refused(.nothingPending)
    case (.halted, .confirmKey): .refused(.nothingToConfirm)
    // The motor is off already.
    case (.halted, .stopKey), (.halted, .alarm), (.halted, .occlusion): .stay
    // They speak of a read-back, a start or a motion that ended in an earlier cycle.
    case (.halted, .lapse), (.halted, .gateClosed), (.halted, .vtbiReached), (.halted, .relieved):
      .stay

    // Faulted: only a restart leads out.
    case (.faulted, .program), (.faulted, .start), (.faulted, .pause), (.faulted, .stop),
      (.faulted, .cancel), (.faulted, .confirmKey):
      .refused(.faulted)
    // Nothing that still happens can make a faulted pump move.
    case (.faulted, .stopKey), (.faulted, .lapse), (.faulted, .gateClosed),
      (.faulted, .vtbiReached), (.faulted, .occlusion), (.faulted, .relieved), (.faulted, .alarm):
      .stay
    }
  }
}

extension TherapyMachine: Fielded {
  /// A state as one number: its own, and what it carries in the tens.
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var number: UInt8 =
      switch state {
      case .standby: 0
      case .programmed: 1
      case .awaitingConfirm(.programmed): 2
      case .awaitingConfirm(.paused): 12
      case .awaitingConfirm(.halted): 22
      case .starting: 3
      case .infusing(let change): change ? 14 : 4
      case .kvo(let change): change ? 15 : 5
      case .paused: 6
      case .relieving: 7
      case .halted: 8
      case .faulted: 9
      }
    try visitor.field(&number)
    switch number {
    case 0: state = .standby
    case 1: state = .programmed
    case 2: state = .awaitingConfirm(.programmed)
    case 12: state = .awaitingConfirm(.paused)
    case 22: state = .awaitingConfirm(.halted)
    case 3: state = .starting
    case 4: state = .infusing(change: false)
    case 14: state = .infusing(change: true)
    case 5: state = .kvo(change: false)
    case 15: state = .kvo(change: true)
    case 6: state = .paused
    case 7: state = .relieving
    case 8: state = .halted
    case 9: state = .faulted
    default: throw .unknownCase
    }
  }
}
