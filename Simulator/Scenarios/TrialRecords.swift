// SPDX-License-Identifier: Apache-2.0

import Domain
import Plant
import Units

/// The two records a trial writes line by line; equal trials give equal bytes.
public struct TrialRecords: Sendable {
  /// `events.jsonl`: one object a line.
  public private(set) var events: [UInt8] = []
  /// `samples.csv`.
  public private(set) var samples: [UInt8]

  init() {
    samples = Array(
      ("time_s,commanded_mL_per_h,delivered_mL,displayed_mL,line_pressure_kPa,"
        + "bubble_passed_mL,state,gate,alarms\n").utf8)
  }

  mutating func add(_ event: PumpEvent, at time: Interval) {
    var line = "{\"time_s\":\"\(Decimal.text(time.nanoseconds, places: 9))\""
    line += ",\"source\":\"\(event.source)\",\"number\":\(event.number)"
    line += ",\"event\":\"\(event.kind)\""
    if let subject = TrialRecords.subject(of: event) { line += ",\"subject\":\"\(subject)\"" }
    switch event.kind {
    case .stateChanged:
      line += TrialRecords.change(event, TherapyState.init(rawValue:))
    case .gateChanged:
      line += TrialRecords.change(event, GateState.init(rawValue:))
    case .started, .commandAccepted, .commandRefused, .confirmed, .stopPressed, .alarmRaised,
      .alarmCleared, .audioPaused, .audioResumed, .rateChanged, .infusionEnded, .journalRestored,
      .journalFailed, .tripped, .frameRefused, .cycleMissed, .peerChanged, .reliefStarted,
      .reliefEnded, .softwareOffered, .softwareAgreed, .softwareConfirmed, .softwareReturned:
      break
    }
    line += ",\"a\":\(event.a),\"b\":\(event.b)}\n"
    events.append(contentsOf: Array(line.utf8))
  }

  mutating func sample(_ rig: some TrialRig, at time: Interval) {
    let control = rig.control
    let safety = rig.safety
    let truth = rig.truth
    let alarms = control.alarms.union(safety.alarms).names.joined(separator: "|")
    let line =
      "\(Decimal.seconds(time)),"
      + "\(Decimal.text(control.commandedRate.nanolitresPerHour, places: 6)),"
      + "\(Decimal.millilitres(femtolitres: truth.delivered_fL)),"
      + "\(Decimal.millilitres(control.delivered + control.deliveredKVO)),"
      + "\(Decimal.text(Int64(truth.linePressure_Pa), places: 3)),"
      + "\(Decimal.millilitres(femtolitres: truth.bubblePassed_fL)),"
      + "\(control.state),\(safety.gate),\(alarms)\n"
    samples.append(contentsOf: Array(line.utf8))
  }

  private static func change<State>(_ event: PumpEvent, _ state: (UInt8) -> State?) -> String {
    guard let old = UInt8(exactly: event.a).flatMap(state),
      let new = UInt8(exactly: event.b).flatMap(state)
    else { return "" }
    return ",\"from\":\"\(old)\",\"to\":\"\(new)\""
  }

  private static func subject(of event: PumpEvent) -> String? {
    switch event.kind {
    case .alarmRaised, .alarmCleared, .tripped: AlarmID(rawValue: event.subject).map { "\($0)" }
    case .commandAccepted, .commandRefused: CommandKind(rawValue: event.subject).map { "\($0)" }
    case .peerChanged: EventPeer(rawValue: event.subject).map { "\($0)" }
    case .started, .stateChanged, .confirmed, .stopPressed, .audioPaused, .audioResumed,
      .rateChanged, .infusionEnded, .journalRestored, .journalFailed, .gateChanged, .frameRefused,
      .cycleMissed, .reliefStarted, .reliefEnded, .softwareOffered, .softwareAgreed,
      .softwareConfirmed, .softwareReturned:
      nil
    }
  }
}
