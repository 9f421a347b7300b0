// SPDX-License-Identifier: Apache-2.0

public import Alarms
public import DeliveryControl
public import DeviceInterface
public import Domain
public import Units

/// One cycle of `pump-controld`: sense, decide, act, publish; every 10 ms.
///
/// It owns the board and everything the controller remembers, reads no clock and opens no socket:
/// what came in is handed to ``step(_:at:)`` and what is to go out is its result.
public struct ControlCycle<Board: ControlBoard> {
  public var board: Board
  /// The newest events, for a reader that missed some.
  public private(set) var ring = EventRing()
  /// The readings of the last cycle: what the recorder keeps beside the inbox (RC-022).
  public var readings = ControlReadings()
  @usableFromInline var core: DeliveryCore
  @usableFromInline var alarms = AlarmCore()
  @usableFromInline var journal = Journal()
  @usableFromInline var cycle: UInt64 = 0
  @usableFromInline var selfTestFailed = false
  @usableFromInline var missed: UInt32 = 0
  @usableFromInline var worst: Interval = .zero
  @usableFromInline var publishedAt: Instant?
  @usableFromInline var journalFailing = false

  public init(board: Board) {
    self.board = board
    core = DeliveryCore(simulated: board.simulated, at: .zero)
  }

  /// Prepares the board, everything off, and takes up the journal.
  ///
  /// Call once, before any step.
  public mutating func start(at now: Instant) {
    core = DeliveryCore(simulated: board.simulated, at: now)
    ring.append(
      PumpEvent(source: .control, kind: .started, at: now, a: board.simulated ? 1 : 0))
    // RC-004: start-up writes the safe values.
    board.act(.off, ControlOutputs(), at: now)
    do { try board.prepare() } catch { selfTestFailed = true }
    switch journal.restore(on: &board) {
    case .blank: break
    case .record(let record): restore(record, at: now)
    case .unreadable:
      core.restoreFailed()
      ring.append(PumpEvent(source: .control, kind: .journalFailed, at: now))
    }
  }

  @usableFromInline
  mutating func restore(_ record: JournalRecord, at now: Instant) {
    // A withdrawal may have stored a lower bound below nothing.
    let lower = Swift.max(record.delivered, .zero)
    let kvo = Swift.max(record.kvo, .zero)
    let uncertainty = record.deliveredBound - lower
    core.restore(delivered: lower, kvo: kvo, uncertainty: uncertainty)
    ring.append(
      PumpEvent(
        source: .control, kind: .journalRestored, at: now, a: lower.native, b: uncertainty.native))
  }

  /// One cycle.
  @inlinable
  public mutating func step(_ inbox: ControlInbox, at now: Instant) -> ControlOutbox {
    // Sense.
    readings = board.sense(at: now)
    let inputs = gather(inbox, at: now)
    // Decide.
    let actions = core.decide(inputs)
    take(actions, inbox, at: now)
    // The intent of the next cycle is stored before the motion it allows.
    note(journal.keep(present, on: &board), at: now)
    // Act.
    var order: DriveOrder = .off
    if case .speed(let speed) = actions.motor { order = .speed(speed.native) }
    board.act(order, outputs(actions, at: now), at: now)
    // Publish.
    return publish(actions, at: now)
  }

  @usableFromInline var present: Journal.Present {
    Journal.Present(
      state: core.state, prescription: core.heldHash.word0, rate: core.heldRate,
      delivered: core.delivered, kvo: core.deliveredKVO)
  }

  @usableFromInline
  mutating func gather(_ inbox: ControlInbox, at now: Instant) -> DeliveryInputs {
    cycle &+= 1
    if inbox.missed != missed {
      missed = inbox.missed
      ring.append(
        PumpEvent(
          source: .control, kind: .cycleMissed, at: now, a: inbox.lateness.native,
          b: Int64(missed)))
    }
    worst = Swift.max(worst, inbox.lateness)
    var inputs = DeliveryInputs(now: now)
    inputs.sensed = Sensed(readings)
    inputs.command = inbox.command
    inputs.safety = inbox.safety
    inputs.safetyAt = inbox.safetyAt
    inputs.serviceAlive = inbox.serviceAlive
    inputs.panelAlive = inbox.panelAlive
    inputs.realtime = inbox.realtime
    inputs.journalCovers = journal.covers(present)
    inputs.selfTestFailed = selfTestFailed
    inputs.signalling = alarms.signalling
    inputs.clearable = alarms.clearable
    return inputs
  }

  /// Carries the decision into alarms and events.
  @usableFromInline
  mutating func take(_ actions: DeliveryActions, _ inbox: ControlInbox, at now: Instant) {
    for position in 0..<actions.events.count { ring.append(actions.events[position]) }
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
          a: core.delivered.native))
      rest &= rest &- 1
    }
  }

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
  func outputs(_ actions: DeliveryActions, at now: Instant) -> ControlOutputs {
    let signals = alarms.signals(at: now)
    var outputs = ControlOutputs()
    outputs.buzzer = signals.buzzer
    outputs.lampRed = signals.red
    outputs.lampYellow = signals.yellow
    outputs.lampGreen = core.state.delivers
    outputs.motorEnable = actions.motorEnable
    return outputs
  }

  @usableFromInline
  mutating func publish(_ actions: DeliveryActions, at now: Instant) -> ControlOutbox {
    // RC-005: one full-state value, of what is held and done.
    var status = ControlStatus()
    core.describe(&status)
    status.alarms = alarms.signalling
    status.conditions = alarms.conditions
    status.audioPausedUntil = alarms.pausedUntil
    status.cycle = cycle
    status.missed = missed
    status.worstLateness = worst
    status.lastEvent = ring.newest
    let due = publishedAt.map { now - $0 >= .milliseconds(50) } ?? true
    let publish = due || actions.stateChanged || actions.reply != nil
    if publish { publishedAt = now }
    return ControlOutbox(status: status, publish: publish, events: ring.take())
  }
}

extension Sensed {
  /// The board's readings in the core's words.
  init(_ readings: ControlReadings) {
    self.init()
    stopKey = readings.stopKey
    confirmKey = readings.confirmKey
    doorClosed = readings.doorClosed
    plungerEngaged = readings.plungerEngaged
    airDetected = readings.airDetected
    mains = readings.mains
    linesLost = readings.linesLost
    pressure = readings.pressure
    clamp = readings.clamp
    if let drive = readings.drive {
      position = drive.position
      unpowered = drive.faults.contains(.noPower)
      bridgeFault = drive.faults.contains(.bridge)
      driveNotReady = drive.faults.contains(.commandTimeout) || drive.faults.contains(.notReady)
    }
    if let battery = readings.battery {
      batteryVoltage = battery.voltage
      batteryCharge = battery.charge
      batteryRate = battery.chargePerHour
    }
  }
}
