// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import Domain
import Plant
import SafetyProcess
import StrictJSON
public import Units

/// Runs a scenario on a rig, cycle by cycle, and judges it.
///
/// Steps act before the cycle that begins at their time; what a window waits for is looked at after
/// every cycle, both ends included. Nothing but the scenario, its seed and the rig enters.
public struct Trial<Rig: TrialRig> {
  public private(set) var rig: Rig
  public let scenario: Scenario
  /// Virtual time since the start.
  public var elapsed: Interval { rig.now - began }
  public var isOver: Bool { elapsed >= scenario.end }

  private let began: Instant
  private let seed: UInt64
  private var nextStep = 0
  private var waiting: [Window] = []
  private var requests: [Command] = []
  private var asked: UInt32 = 0
  private var held: [(key: HardKey, until: Interval)] = []
  private var cycles: UInt64 = 0
  private var events = RigEvents()
  private var nextSample = Interval.zero
  private var nextLook = Interval.zero
  private var alarms = AlarmSet()
  private var highestPressure = Pressure.zero
  private var agreement: Agreement
  private var records = TrialRecords()
  private var failures: [TrialResult.Failure] = []

  /// An expectation whose window is open.
  private struct Window {
    var expectation: Expectation
    var until: Interval
    var place: TextPosition
  }

  public init(_ scenario: Scenario, on rig: Rig, seed: UInt64) {
    self.scenario = scenario
    self.rig = rig
    self.seed = seed
    began = rig.now
    agreement = Agreement(Agreement.Shown(rig.control))
    look()
  }

  // MARK: Running

  /// Runs until the end or for so many cycles, whichever is first.
  public mutating func run(cycles most: Int = .max) {
    var left = most
    while left > 0, !isOver {
      cycle()
      left -= 1
    }
  }

  private mutating func cycle() {
    let before = elapsed
    takeSteps(at: before)
    if !requests.isEmpty { rig.ask(requests.removeFirst()) }
    rig.step(&events)
    cycles += 1
    let time = elapsed
    if events.published {
      agreement.add(Agreement.Shown(rig.control), over: time - before)
      alarms = alarms.union(rig.control.alarms).union(rig.safety.alarms)
    } else {
      agreement.add(time - before)
    }
    if events.control.events.count > 0 { take(events.control.events) }
    if events.safety.events.count > 0 { take(events.safety.events) }
    if !waiting.isEmpty { watch(at: time) }
    if time >= nextLook || isOver { look() }
  }

  /// Truth is looked at ten times a second, records at the scenario's own pace.
  private mutating func look() {
    let time = elapsed
    highestPressure = max(highestPressure, rig.linePressure())
    nextLook = time + .milliseconds(100)
    guard time >= nextSample || isOver else {
      nextLook = min(nextLook, nextSample)
      return
    }
    records.sample(rig, at: time)
    agreement.judge(rig, at: time)
    nextSample = time + scenario.sampleEvery
    nextLook = min(nextLook, nextSample)
  }

  private mutating func take(_ batch: EventBatch) {
    for position in 0..<batch.count {
      let event = batch[position]
      records.add(event, at: event.at - began)
      waiting.removeAll { Trial.meets(event, $0.expectation) }
    }
  }

  // MARK: Steps

  private mutating func takeSteps(at time: Interval) {
    for press in held where press.until <= time { rig.key(press.key, down: false) }
    if !held.isEmpty { held.removeAll { $0.until <= time } }
    while nextStep < scenario.steps.count, scenario.steps[nextStep].when.begin <= time {
      take(scenario.steps[nextStep], at: time)
      nextStep += 1
    }
  }

  private mutating func take(_ step: Step, at time: Interval) {
    switch step.what {
    case .program(let draft): ask(.program, draft)
    case .ask(let kind): ask(kind, nil)
    case .press(let key, let hold):
      rig.key(key, down: true)
      held.append((key, time + hold))
    case .turn(let turns):
      for turn in turns {
        do { try rig.turn(turn.knob, turn.value) } catch {
          failures.append(.init(place: step.place, reason: "\(error)"))
        }
      }
    case .expect(let expectation): expect(expectation, step, at: time)
    }
  }

  private mutating func ask(_ kind: CommandKind, _ draft: PrescriptionDraft?) {
    asked += 1
    requests.append(Command(kind, from: .service, number: asked, draft: draft))
  }

  // MARK: Expectations

  private mutating func expect(_ expectation: Expectation, _ step: Step, at time: Interval) {
    switch step.when {
    case .at:
      guard !isSo(expectation) else { return }
      fail(expectation, step.place, "at \(Decimal.seconds(time)) s")
    case .within(_, let until):
      guard !isSo(expectation) else { return }
      waiting.append(Window(expectation: expectation, until: until, place: step.place))
    }
  }

  private mutating func watch(at time: Interval) {
    waiting = waiting.filter { !isSo($0.expectation) }
    for window in waiting where window.until <= time {
      fail(window.expectation, window.place, "by \(Decimal.seconds(window.until)) s")
    }
    waiting.removeAll { $0.until <= time }
  }

  private func isSo(_ expectation: Expectation) -> Bool {
    switch expectation {
    case .state(let state): rig.control.state == state
    case .alarm(let alarm): signalling.contains(alarm)
    case .noAlarm(let alarm): !signalling.contains(alarm)
    case .gate(let gate): rig.safety.gate == gate
    case .event: false
    }
  }

  private var signalling: AlarmSet { rig.control.alarms.union(rig.safety.alarms) }

  private static func meets(_ event: PumpEvent, _ expectation: Expectation) -> Bool {
    guard case .event(let kind, let alarm) = expectation, event.kind == kind else { return false }
    return alarm.map { $0.rawValue == event.subject } ?? true
  }

  private mutating func fail(_ expectation: Expectation, _ place: TextPosition, _ when: String) {
    let present = signalling.names.joined(separator: ", ")
    failures.append(
      .init(
        place: place,
        reason: "expected \(expectation.words) \(when); state \(rig.control.state), "
          + "gate \(rig.safety.gate), alarms [\(present)]"))
  }

  // MARK: The end

  /// Judges the end; call it once ``isOver``.
  public mutating func finish() -> TrialResult {
    agreement.settle()
    judgeOutcome()
    return TrialResult(
      name: scenario.name, seed: seed, cycles: cycles, failures: failures,
      state: rig.control.state, alarms: alarms, highestPressure: highestPressure, air: air,
      agreement: agreement, records: records)
  }

  private var air: Volume { Volume(native: rig.truth.deliveredAir_fL / 1_000_000) }

  private mutating func judgeOutcome() {
    for window in waiting { fail(window.expectation, window.place, "by the end") }
    waiting = []
    let outcome = scenario.outcome
    if let target = outcome.delivered {
      let fluid = Volume(native: rig.truth.infusedFluid_fL / 1_000_000)
      check(
        (fluid - target.value).magnitude <= target.allowed,
        "delivered \(Decimal.millilitres(fluid)) mL; expected "
          + "\(Decimal.millilitres(target.value)) ± \(Decimal.millilitres(target.allowed)) mL")
    }
    if let most = outcome.airAtMost {
      check(
        air <= most,
        "\(Decimal.millilitres(air)) mL of air reached the patient; at most "
          + "\(Decimal.millilitres(most)) mL may")
    }
    if let most = outcome.pressureAtMost {
      check(
        highestPressure <= most,
        "the line reached \(highestPressure.pascals) Pa; at most \(most.pascals) Pa expected")
    }
    if let state = outcome.state {
      check(rig.control.state == state, "ended in \(rig.control.state); expected \(state)")
    }
    if let expected = outcome.alarms {
      let missing = expected.subtracting(alarms).names.joined(separator: ", ")
      let added = alarms.subtracting(expected).names.joined(separator: ", ")
      check(
        alarms == expected, "alarms differ: missing [\(missing)], not expected [\(added)]")
    }
    if let broken = agreement.broken { check(false, "RC-005: \(broken)") }
  }

  private mutating func check(_ truth: Bool, _ reason: String) {
    if !truth { failures.append(.init(place: .start, reason: reason)) }
  }
}

extension Expectation {
  /// For a person.
  var words: String {
    switch self {
    case .state(let state): "state \(state)"
    case .alarm(let alarm): "alarm \(alarm)"
    case .noAlarm(let alarm): "no alarm \(alarm)"
    case .gate(let gate): "gate \(gate)"
    case .event(let kind, let alarm): "event \(kind)" + (alarm.map { " \($0)" } ?? "")
    }
  }
}
