// SPDX-License-Identifier: Apache-2.0

import Alarms
import DeliveryControl
public import DeviceInterface
public import Domain
public import Units

/// Everything that one cycle of the controller leaves for the next, and what is decided on it; no
/// board is in it, so it is one concrete piece of code for all of them.
///
/// Its methods are mutating where they need not be: an `inout` value is used in place, a borrowed one
/// of this size is copied at every call.
@usableFromInline
struct ControlMemory: Sendable {
  @usableFromInline private(set) var ring = EventRing()
  @usableFromInline var journal = Journal()
  @usableFromInline var selfTestFailed = false
  private var core: DeliveryCore
  /// What the present decision depends on.
  ///
  /// Filled in anew each cycle, but for what the inbox says has not changed: it is no memory, and no
  /// checkpoint holds it.
  private var inputs = DeliveryInputs(now: .zero)
  private var wasAsked = false
  /// What the last decision asked for; no decision depends on it.
  private var actions = DeliveryActions()
  private var alarms = AlarmCore()
  private var cycle: UInt64 = 0
  private var missed: UInt32 = 0
  /// Refused frames that an event has told of, and when it did.
  private var refused: UInt32 = 0
  private var refusalAt: Instant?
  private var worst: Interval = .zero
  private var publishedAt: Instant?
  private var journalFailing = false

  @usableFromInline
  init(simulated: Bool, at now: Instant) {
    core = DeliveryCore(simulated: simulated, at: now)
  }

  // MARK: Start

  @usableFromInline
  mutating func started(at now: Instant) {
    let simulated = core.simulatedBoard
    ring.append(PumpEvent(source: .control, kind: .started, at: now, a: simulated ? 1 : 0))
  }

  /// Takes up what the journal's memory held.
  @usableFromInline
  mutating func restored(_ found: Journal.Restored, at now: Instant) {
    switch found {
    case .blank: break
    case .record(let record): restore(record, at: now)
    case .unreadable:
      core.restoreFailed()
      ring.append(PumpEvent(source: .control, kind: .journalFailed, at: now))
    }
  }

  @usableFromInline
  mutating func softwareUnproved() { core.softwareUnproved() }

  private mutating func restore(_ record: JournalRecord, at now: Instant) {
    // A withdrawal may have stored a lower bound below nothing.
    let lower = Swift.max(record.delivered, .zero)
    let kvo = Swift.max(record.kvo, .zero)
    let uncertainty = record.deliveredBound - lower
    core.restore(delivered: lower, kvo: kvo, uncertainty: uncertainty)
    ring.append(
      PumpEvent(
        source: .control, kind: .journalRestored, at: now, a: lower.native, b: uncertainty.native))
  }

  // MARK: One cycle

  @usableFromInline
  mutating func decide(
    _ inbox: inout ControlInbox, _ readings: ControlReadings, at now: Instant
  ) {
    gather(&inbox, readings, at: now)
    core.decide(inputs, into: &actions)
    takeActions(at: now)
  }

  /// What the journal has to cover.
  @usableFromInline
  mutating func present() -> Journal.Present {
    Journal.Present(
      state: core.standing.state, prescription: core.standing.heldHash.word0,
      rate: core.standing.heldRate, delivered: core.standing.delivered,
      kvo: core.standing.deliveredKVO)
  }

  private mutating func gather(
    _ inbox: inout ControlInbox, _ readings: ControlReadings, at now: Instant
  ) {
    cycle &+= 1
    if inbox.missed != missed {
      missed = inbox.missed
      ring.append(
        PumpEvent(
          source: .control, kind: .cycleMissed, at: now, a: inbox.lateness.native,
          b: Int64(missed)))
    }
    // RC-023 SRS-143: refused frames are an event, and a flood of them is six events a minute.
    if inbox.refused != refused, refusalAt.map({ now - $0 >= .seconds(10) }) ?? true {
      refused = inbox.refused
      refusalAt = now
      ring.append(
        PumpEvent(
          source: .control, kind: .frameRefused, subject: inbox.refusal, at: now,
          a: Int64(refused)))
    }
    worst = Swift.max(worst, inbox.lateness)
    inputs.now = now
    inputs.sensed.take(readings)
    let asked = inbox.command != nil
    if asked || wasAsked { inputs.command = inbox.command }
    wasAsked = asked
    // Another status comes with another instant.
    if inputs.safetyAt != inbox.safetyAt {
      inputs.safetyAt = inbox.safetyAt
      inputs.safety = inbox.safety.map { MonitorWord($0) }
    }
    inputs.serviceAlive = inbox.serviceAlive
    inputs.panelAlive = inbox.panelAlive
    inputs.realtime = inbox.realtime
    inputs.updateReturned = inbox.updateReturned
    inputs.journalCovers = journal.covers(present())
    inputs.selfTestFailed = selfTestFailed
    inputs.signalling = alarms.signalling
    inputs.clearable = alarms.clearable
  }

  /// Carries the decision into alarms and events.
  private mutating func takeActions(at now: Instant) {
    var position = 0
    while position < actions.events.count {
      ring.append(actions.events[position])
      position += 1
    }
    if actions.clearAlarms { tell(alarms.clear(at: now), .alarmCleared, at: now) }
    if actions.pauseAudio && alarms.pauseAudio(at: now) {
      ring.append(PumpEvent(source: .control, kind: .audioPaused, at: now))
    }
    let changes = alarms.update(actions.conditions, at: now)
    tell(changes.raised, .alarmRaised, at: now)
    tell(changes.cleared, .alarmCleared, at: now)
    if changes.audioResumed {
      ring.append(PumpEvent(source: .control, kind: .audioResumed, at: now))
    }
  }

  private mutating func tell(_ set: AlarmSet, _ kind: EventKind, at now: Instant) {
    var rest = set.bits
    while rest != 0 {
      ring.append(
        PumpEvent(
          source: .control, kind: kind,
          subject: UInt8(truncatingIfNeeded: rest.trailingZeroBitCount), at: now,
          a: core.standing.delivered.native))
      rest &= rest &- 1
    }
  }

  /// Whether the journal could store what was due.
  @usableFromInline
  mutating func note(_ stored: Bool, at now: Instant) {
    if !stored && !journalFailing {
      ring.append(
        PumpEvent(
          source: .control, kind: .journalFailed, at: now, a: Int64(journal.slotAddress)))
    }
    journalFailing = !stored
  }

  @usableFromInline
  mutating func order() -> DriveOrder {
    switch actions.motor {
    case .off: .off
    case .speed(let speed): .speed(speed.native)
    }
  }

  @usableFromInline
  mutating func outputs(at now: Instant) -> ControlOutputs {
    let signals = alarms.signals(at: now)
    var outputs = ControlOutputs()
    outputs.buzzer = signals.buzzer
    outputs.lampRed = signals.red
    outputs.lampYellow = signals.yellow
    outputs.lampGreen = core.standing.state.delivers
    outputs.motorEnable = actions.motorEnable
    return outputs
  }

  @usableFromInline
  mutating func publish(into outbox: inout ControlOutbox, at now: Instant) {
    let due = publishedAt.map { now - $0 >= .milliseconds(50) } ?? true
    let publish = due || actions.stateChanged || actions.reply != nil
    if publish { publishedAt = now }
    outbox.publish = publish
    ring.take(into: &outbox.events)
  }

  @usableFromInline
  mutating func report(into status: inout ControlStatus) {
    core.describe(&status)
    status.alarms = alarms.signalling
    status.conditions = alarms.conditions
    status.audioPausedUntil = alarms.pausedUntil
    status.cycle = cycle
    status.missed = missed
    status.worstLateness = worst
    status.lastEvent = ring.newest
  }

  // MARK: A checkpoint

  /// The whole of it, in one fixed order (RC-022); too long for the buffer while too many events wait.
  @usableFromInline
  mutating func checkpoint() -> RecordBuffer {
    var buffer = RecordBuffer()
    do throws(FieldRefusal) { try fields(&buffer) } catch { buffer.overflow() }
    return buffer
  }
}

extension ControlMemory: Fielded {
  @usableFromInline
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try core.fields(&visitor)
    try alarms.fields(&visitor)
    try journal.fields(&visitor)
    try ring.fields(&visitor)
    try visitor.field(&cycle)
    try visitor.field(&selfTestFailed)
    try visitor.field(&missed)
    try visitor.field(&refused)
    try visitor.field(&refusalAt)
    try visitor.field(&worst)
    try visitor.field(&publishedAt)
    try visitor.field(&journalFailing)
  }
}

extension Sensed {
  /// Takes the board's readings over, in the core's words.
  mutating func take(_ readings: ControlReadings) {
    stopKey = readings.stopKey
    confirmKey = readings.confirmKey
    doorClosed = readings.doorClosed
    plungerEngaged = readings.plungerEngaged
    airDetected = readings.airDetected
    mains = readings.mains
    linesLost = readings.linesLost
    pressure = readings.pressure
    clamp = readings.clamp
    position = readings.drive?.position
    let faults = readings.drive?.faults ?? DriveFaults()
    unpowered = faults.contains(.noPower)
    bridgeFault = faults.contains(.bridge)
    driveNotReady = faults.contains(.commandTimeout) || faults.contains(.notReady)
    batteryVoltage = readings.battery?.voltage
    batteryCharge = readings.battery?.charge
    batteryRate = readings.battery?.chargePerHour
  }
}
