// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Domain
public import SafetyMonitor
public import Units

/// Puts the monitor's decisions into a status and into events.
@usableFromInline
struct SafetyReporter: Sendable {
  @usableFromInline private(set) var status = SafetyStatus()
  private var published: Instant?
  private var begun = false
  /// Refused frames that an event has told of, and when it did.
  private var refused: UInt32 = 0
  private var refusalAt: Instant?

  @usableFromInline
  init() {}

  @usableFromInline
  mutating func report(
    _ core: MonitorCore.Standing, _ actions: MonitorActions, _ readings: SafetyReadings,
    missed: UInt32, lateness: Interval, refused: UInt32, refusal: UInt8, simulated: Bool,
    at now: Instant, into outbox: inout SafetyOutbox
  ) {
    outbox.events.removeAll()
    let before = Before(status)
    status.simulated = simulated
    if !begun {
      begun = true
      note(.started, at: now, a: simulated ? 1 : 0, in: &outbox.events)
    }
    // RC-023 SRS-143: refused frames are an event, and a flood of them is six events a minute.
    if refused != self.refused, refusalAt.map({ now - $0 >= .seconds(10) }) ?? true {
      self.refused = refused
      refusalAt = now
      note(.frameRefused, refusal, at: now, a: Int64(refused), in: &outbox.events)
    }
    status.gate = core.gate
    status.agreed = core.agreed
    status.alarms = core.alarms
    status.travel = core.travel
    status.measured = core.measured
    status.expected = core.expected
    status.pressure = readings.pressure
    status.motorPowered = readings.motorPowered
    status.buzzer = actions.buzzer
    status.heard = core.heard
    status.cycle &+= 1
    status.missed = missed
    status.worstLateness = max(status.worstLateness, lateness)
    if let alarm = actions.tripped {
      note(
        .tripped, alarm.rawValue, at: now, a: status.expected.native, b: status.measured.native,
        in: &outbox.events)
    }
    if status.gate != before.gate {
      note(
        .gateChanged, at: now, a: Int64(before.gate.rawValue), b: Int64(status.gate.rawValue),
        in: &outbox.events)
    }
    noteAlarms(before.alarms, at: now, in: &outbox.events)

    let changed =
      outbox.events.count > 0 || status.agreed != before.agreed || status.buzzer != before.buzzer
    // Every 50 ms, so that a reader may take 150 ms without one for a dead monitor (RC-018).
    let due = published.map { now - $0 >= .milliseconds(50) } ?? true
    if changed || due { published = now }
    outbox.publish = changed || due
  }

  /// What a change is told by.
  private struct Before {
    let gate: GateState
    let agreed: ContentHash
    let alarms: AlarmSet
    let buzzer: Bool

    init(_ status: borrowing SafetyStatus) {
      gate = status.gate
      agreed = status.agreed
      alarms = status.alarms
      buzzer = status.buzzer
    }
  }

  private mutating func noteAlarms(_ before: AlarmSet, at now: Instant, in events: inout EventBatch)
  {
    var raised = status.alarms.subtracting(before).bits
    while raised != 0 {
      let number = UInt8(raised.trailingZeroBitCount)
      note(.alarmRaised, number, at: now, a: status.measured.native, in: &events)
      raised &= raised &- 1
    }
    var cleared = before.subtracting(status.alarms).bits
    while cleared != 0 {
      let number = UInt8(cleared.trailingZeroBitCount)
      note(.alarmCleared, number, at: now, a: status.measured.native, in: &events)
      cleared &= cleared &- 1
    }
  }

  private mutating func note(
    _ kind: EventKind, _ subject: UInt8 = 0, at now: Instant, a: Int64 = 0, b: Int64 = 0,
    in events: inout EventBatch
  ) {
    status.lastEvent &+= 1
    events.append(
      PumpEvent(
        number: status.lastEvent, source: .safety, kind: kind, subject: subject, at: now, a: a,
        b: b))
  }
}
