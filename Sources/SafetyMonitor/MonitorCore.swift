// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// The independent monitor: decides, from its own sensors and its own arithmetic, whether the motor
/// may have power (RC-003).
///
/// Call ``decide(_:at:)`` once per cycle of 10 ms. Nothing is read and nothing is written but the
/// argument and the value itself: the same inputs give the same decisions on every machine.
///
/// - Important: Of the controller's status only three things are trusted, and each is checked: the
///   state it says it is in, the content it says it holds, the count of CONFIRM presses. Motion, time,
///   pressure and power are the monitor's own.
public struct MonitorCore: Sendable {
  /// What a decision left: read by whoever reports it.
  public struct Standing: Hashable, Sendable, BitwiseCopyable {
    /// The prescription the monitor agrees to see delivered now.
    public var agreed: ContentHash = .none
    /// Where the gate stands.
    public var gate: GateState = .untested
    /// What opened the gate, or signals now.
    public var alarms = AlarmSet()
    /// The pusher's travel since the first reading; `nil` without a valid reading.
    public var travel: Length?
    /// The fluid that the screw's motion displaced in this infusion, reliefs taken off.
    public var measured = Volume.zero
    /// The fluid that the prescription asks for by now, reliefs taken off.
    public var expected = Volume.zero
    /// The controller's cycle counter as last received.
    public var heard: UInt64 = 0
  }

  public private(set) var standing = Standing()
  public var agreed: ContentHash { standing.agreed }
  public var gate: GateState { standing.gate }
  public var alarms: AlarmSet { standing.alarms }
  public var travel: Length? { standing.travel }
  public var measured: Volume { standing.measured }
  public var expected: Volume { standing.expected }
  public var heard: UInt64 { standing.heard }

  private var controller = ControllerWatch()
  private var agreement = Agreement()
  /// The status that was judged last, and what came of it.
  private var judged: Heard?
  private var judgement = Agreement.Verdict.rest
  private var screw = ScrewTravel()
  private var motion = MotionWatch()
  private var pressure = PressureWatch()
  private var power = PowerWatch()
  private var keeper = GateKeeper()

  private var last: Instant?
  private var lastCounts: Int64 = 0
  private var displaced: Int64 = 0
  private var infused: Int64 = 0
  private var displacedVolume = ScrewTravel.Displacement()
  private var infusedVolume = ScrewTravel.Displacement()
  private var asked = FlowIntegrator()
  private var relieved = Volume.zero

  private var objections = AlarmSet()
  private var trippedAt: Instant?
  private var trippedConfirmations: UInt32 = 0
  private var wasProving = false

  public init() {}

  /// Decides one cycle; the inputs are left as they are but for what was new in them, and `inout` so
  /// that nobody copies them.
  // RC-095 SRS-107: no input traps the monitor.
  public mutating func decide(_ inputs: inout MonitorInputs, at now: Instant) -> MonitorActions {
    var checks = Checks.none
    var found = AlarmSet()

    let presence = controller.listen(
      to: inputs.control?.cycle, receivedAt: inputs.controlAt, at: now)
    // SRS-022: a controller that returns starts nothing.
    if presence == .restarted {
      agreement = Agreement()
      judged = nil
      judgement = .rest
    }
    found.set(.controllerLost, presence == .lost)
    checks.insert(.controller)

    // The status to judge by, if there is a controller to judge.
    var status: Heard?
    var verdict = Agreement.Verdict.rest
    if presence == .present || presence == .restarted {
      judge(&inputs)
      status = judged
      verdict = judgement
    }
    // RC-001 RC-007 SRS-015: what was not confirmed, or not within the limits, does not move.
    found.set(.limitViolation, verdict == .violation)
    checks.insert(.agreement)

    // RC-140 SRS-213: software that nobody vouches for gets no power, whatever the controller makes of it.
    found.set(.softwareUnproved, inputs.unproved)

    found.set(.encoderFault, screw.read(inputs.encoder, at: now))
    if screw.valid {
      found = found.union(checkMotion(verdict, at: now))
      checks.insert(.motion)
    }

    let delivers = verdict == .infuse || verdict == .keepOpen
    let limit = delivers ? agreement.plan?.occlusion : nil
    found.set(
      .pressureDisagreement,
      pressure.check(own: inputs.pressure, twin: status?.pressure, limit: limit, at: now))
    checks.insert(.pressure)

    let finding = power.check(
      powered: inputs.motorPowered, linesLost: inputs.linesLost, gateClosed: keeper.isClosed,
      proving: keeper.isProving, at: now)
    found.set(.gateStuck, finding == .stuck)
    if !inputs.linesLost { checks.insert(.power) }

    var actions = MonitorActions()
    if !found.isEmpty { actions.tripped = object(found, status, at: now) }
    let event = happened(found, verdict, finding, status, at: now)
    if event == .forgive && keeper.isTripped { forgive() }
    keeper.handle(event)
    if keeper.isProving && !wasProving { power.beginProof(at: now) }
    wasProving = keeper.isProving

    stand(objections.union(found))
    actions.gate = keeper.isClosed
    // RC-019 SRS-024: the stroke stands behind every check; a cycle that skipped one earns none.
    actions.stroke = checks == .all
    actions.buzzer = Self.sounds(
      since: keeper.isTripped ? trippedAt : nil, status, found, at: now)
    return actions
  }

  /// Judges a status when it comes.
  ///
  /// Judging the same one again would change nothing, so between two statuses the verdict stands.
  private mutating func judge(_ inputs: inout MonitorInputs) {
    guard inputs.isNew, let said = inputs.control else { return }
    inputs.isNew = false
    judged = Heard(said)
    judgement = agreement.judge(said)
  }

  /// What is looked at more than once of a status.
  private struct Heard: Sendable, BitwiseCopyable {
    let state: TherapyState
    let confirmations: UInt32
    let alarms: AlarmSet
    let pressure: Pressure?

    init(_ status: borrowing ControlStatus) {
      state = status.state
      confirmations = status.confirmations
      alarms = status.alarms
      pressure = status.pressure
    }
  }

  private mutating func stand(_ alarms: AlarmSet) {
    standing.agreed = agreement.plan?.hash ?? .none
    standing.gate = keeper.shown
    standing.alarms = alarms
    standing.travel = screw.valid ? ScrewTravel.travel(screw.counts) : nil
    standing.expected = asked.volume + relieved
    standing.heard = controller.heard
  }

  // MARK: Motion

  /// Compares and counts the motion since the last cycle.
  private mutating func checkMotion(_ verdict: Agreement.Verdict, at now: Instant) -> AlarmSet {
    let step = Scale.saturatingSubtract(screw.counts, lastCounts)
    let time = max(now - (last ?? now), .zero)
    lastCounts = screw.counts
    last = now
    guard let plan = agreement.plan else {
      forgetInfusion()
      return motion.check(screw.counts, against: .rest, in: .mL50, at: now)
    }
    let syringe = plan.syringe
    let expectation = expectation(verdict, plan)
    var found = motion.check(screw.counts, against: expectation, in: syringe, at: now)
    displaced = Scale.saturatingAdd(displaced, step)
    standing.measured = displacedVolume.of(displaced, in: syringe)
    switch expectation {
    case .rest: break
    case .delivery(_, let floor):
      asked.add(floor, over: time)
      if verdict != .keepOpen { infused = Scale.saturatingAdd(infused, step) }
    case .relief:
      relieved += ScrewTravel.volume(step, in: syringe)
      infused = Scale.saturatingAdd(infused, step)
    }
    // RC-016 SRS-036: an infusion that does not end at its VTBI is over-delivery, at whatever rate.
    let sum = infusedVolume.of(infused, in: syringe)
    if verdict == .infuse && sum > agreement.mostInfused {
      found.insert(.overInfusion)
    }
    return found
  }

  private func expectation(
    _ verdict: Agreement.Verdict, _ plan: InfusionPlan
  ) -> MotionWatch.Expectation {
    // Behind an open gate nothing moves, whatever the controller says.
    guard keeper.isClosed else { return .rest }
    switch verdict {
    case .rest, .violation: return .rest
    case .ready: return .delivery(ceiling: plan.rate, floor: .zero)
    case .infuse: return .delivery(ceiling: plan.rate, floor: plan.rate)
    case .keepOpen: return .delivery(ceiling: plan.kvo, floor: plan.kvo)
    case .relieve: return .relief
    }
  }

  private mutating func forgetInfusion() {
    displaced = 0
    infused = 0
    asked = FlowIntegrator()
    relieved = .zero
    standing.measured = .zero
  }

  // MARK: Objections

  private func happened(
    _ found: AlarmSet, _ verdict: Agreement.Verdict, _ finding: PowerWatch.Finding,
    _ status: Heard?, at now: Instant
  ) -> GateKeeper.Event {
    if !found.isEmpty { return .object }
    if isCleared(status, at: now) { return .forgive }
    // The proof of the self-test after start needs no controller.
    if keeper.shown == .untested { return finding == .proved ? .proved : .release }
    switch verdict {
    case .rest, .violation: return .release
    case .ready, .infuse, .keepOpen, .relieve: return finding == .proved ? proof : .ask
    }
  }

  /// A proof counts once it was begun; before, the controller's wish begins it.
  private var proof: GateKeeper.Event { keeper.isProving ? .proved : .ask }

  /// Takes new objections up; returns the first of them.
  private mutating func object(
    _ found: AlarmSet, _ status: Heard?, at now: Instant
  ) -> AlarmID? {
    let new = found.subtracting(objections)
    objections = objections.union(found)
    trippedAt = trippedAt ?? now
    trippedConfirmations = status?.confirmations ?? trippedConfirmations
    return new.isEmpty ? nil : AlarmID(rawValue: UInt8(new.bits.trailingZeroBitCount))
  }

  /// A person has been there: the infusion was ended, or CONFIRM was pressed anew.
  // SRS-028: an objection needs a person.
  private func isCleared(_ status: Heard?, at now: Instant) -> Bool {
    guard keeper.isTripped, let trippedAt, let status else { return false }
    guard now - trippedAt >= MonitorLimits.shortestTrip else { return false }
    switch status.state {
    case .standby, .programmed: return true
    case .starting: return status.confirmations > trippedConfirmations
    case .awaitingConfirm, .infusing, .kvo, .paused, .relieving, .halted, .faulted: return false
    }
  }

  private mutating func forgive() {
    objections = AlarmSet()
    trippedAt = nil
  }

  /// The backup buzzer sounds when the controller is silent, when the gate does not cut the power,
  /// and when the controller does not announce an objection by itself.
  ///
  /// Told by what it needs alone: as a method it would be handed a copy of the whole monitor.
  // RC-017 SRS-029: nobody else is left to say that the controller is gone.
  private static func sounds(
    since tripped: Instant?, _ status: Heard?, _ found: AlarmSet, at now: Instant
  ) -> Bool {
    if found.contains(.controllerLost) || found.contains(.gateStuck) { return true }
    guard let tripped, let status else { return false }
    return now - tripped >= MonitorLimits.announcement
      && !status.alarms.contains(.monitorRefused) && !status.alarms.contains(.softwareUnproved)
  }
}

/// The checks a cycle has to make before it may stroke the gate's watchdog.
///
/// No `OptionSet`: its initialisers build an array, and the cycle must not allocate.
private struct Checks: Equatable, Sendable {
  private var made: UInt8
  private init(_ made: UInt8) { self.made = made }

  static var none: Checks { Checks(0) }
  static var controller: Checks { Checks(1) }
  static var agreement: Checks { Checks(2) }
  static var motion: Checks { Checks(4) }
  static var pressure: Checks { Checks(8) }
  static var power: Checks { Checks(16) }
  static var all: Checks { Checks(31) }

  mutating func insert(_ check: Checks) { made |= check.made }
}
