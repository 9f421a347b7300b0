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

  @usableFromInline
  init() {}

  @usableFromInline
  mutating func report(
    _ core: MonitorCore.Standing, _ actions: MonitorActions, _ readings: SafetyReadings,
    missed: UInt32, lateness: Interval, simulated: Bool, at now: Instant
  ) -> SafetyOutbox {
    var events = EventBatch()
    let before = Before(status)
    status.simulated = simulated
    if !begun {
      begun = true
      note(.started, at: now, a: simulated ? 1 : 0, in: &events)
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
        in: &events)
    }
    if status.gate != before.gate {
      note(
        .gateChanged, at: now, a: Int64(before.gate.rawValue), b: Int64(status.gate.rawValue),
        in: &events)
    }
    noteAlarms(before.alarms, at: now, in: &events)

    let changed =
      events.count > 0 || status.agreed != before.agreed || status.buzzer != before.buzzer
    // Every 50 ms, so that a reader may take 150 ms without one for a dead monitor (RC-018).
    let due = published.map { now - $0 >= .milliseconds(50) } ?? true
    if changed || due { published = now }
    return SafetyOutbox(publish: changed || due, events: events)
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
