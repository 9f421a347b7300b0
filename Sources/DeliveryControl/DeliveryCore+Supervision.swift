// SPDX-License-Identifier: Apache-2.0

public import Domain
import Units

/// What the pump watches in itself, and what stops it.
extension DeliveryCore {
  /// The controller's alarms that stop delivery: the rows of the alarm table that say so.
  // RC-090 SRS-080: the table says what stops.
  public static var stopping: AlarmSet {
    var set = AlarmSet()
    set.insert(.occlusionDownstream)
    set.insert(.airInLine)
    set.insert(.syringeEmpty)
    set.insert(.syringeNotSeated)
    set.insert(.plungerNotEngaged)
    set.insert(.doorOpen)
    set.insert(.syringeMismatch)
    set.insert(.batteryDepleted)
    set.insert(.driveFault)
    set.insert(.pressureSensorFault)
    set.insert(.monitorLost)
    set.insert(.monitorRefused)
    set.insert(.journalFault)
    set.insert(.selfTestFailed)
    set.insert(.softwareUnproved)
    return set
  }

  /// Looks at everything once and turns what is wrong into conditions and events of the machine.
  mutating func supervise(
    _ inputs: DeliveryInputs, _ plausible: Bool, _ actions: inout DeliveryActions
  ) {
    watchMonitor(inputs, &actions)
    watchSyringe(inputs, &actions)
    watchLine(inputs, &actions)
    watchDrive(inputs, plausible, &actions)
    watchPower(inputs, &actions)
    watchPeers(inputs, &actions)
    watchKeys(inputs, &actions)
    let present = actions.conditions.intersection(Self.stopping)
    if let cause = faultCause {
      actions.conditions.insert(cause)
      machine.apply(.fault)
    } else if isRelieved(present) {
      if machine.therapy.delivers { reportRelief(inputs, &actions) }
      machine.apply(.occlusion)
    } else if !present.isEmpty {
      machine.apply(.alarm)
    }
  }

  /// Whether pressure is what delivery stops for; that the syringe ran empty meanwhile is no reason to
  /// leave it in the line.
  private func isRelieved(_ present: AlarmSet) -> Bool {
    var others = present
    if machine.therapy.moves { others.set(.syringeEmpty, false) }
    return others == .of(.occlusionDownstream)
  }

  /// The states in which a part that motion depends on is missed.
  private static func guarded(_ state: TherapyState) -> Bool {
    state == .starting || state.moves || state == .halted
  }

  private mutating func watchMonitor(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    let now = inputs.now
    if let safety = inputs.safety {
      if watch.monitorAt == nil || safety.cycle != watch.monitorCycle {
        watch.monitorCycle = safety.cycle
        watch.monitorAt = now
      }
    }
    // SRS-023: a silent monitor stops the infusion.
    // RC-018: a status that is old, and one that comes but does not advance, are both silence.
    let received = inputs.safetyAt.map { now - $0 <= Self.monitorFreshness } ?? false
    let advancing = watch.monitorAt.map { now - $0 <= Self.monitorFreshness } ?? false
    watch.monitorFresh = received && advancing
    let state = machine.therapy
    let depends = state == .starting || state.moves
    let late = now - startedAt > .seconds(2)
    actions.conditions.set(.monitorLost, !watch.monitorFresh && (depends || late))

    guard watch.monitorFresh, let safety = inputs.safety else { return }
    let agreed = safety.gate == .closed && safety.agreed == plan?.hash
    let age = now - stateSince
    // A trip of before clears only when the monitor has seen the new confirmation.
    let refused =
      state.moves && !agreed
      || state == .starting
        && (age > .seconds(2) || safety.gate == .tripped && age > .milliseconds(300))
    actions.conditions.set(.monitorRefused, refused)
    // RC-006: no motion that the journal does not know of; it had its time to store the intent.
    let uncovered = depends && !inputs.journalCovers
    if watch.journal.holds(uncovered, for: .milliseconds(500), at: now) {
      actions.conditions.insert(.journalFault)
    }
    if state == .starting && agreed && inputs.journalCovers { machine.apply(.gateClosed) }
  }

  // RC-013 SRS-047: door, plunger and syringe.
  private mutating func watchSyringe(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    let now = inputs.now
    let sensed = inputs.sensed
    let guarded = Self.guarded(machine.therapy)
    let clamped = sensed.clamp.flatMap { Self.syringe(atOpening: $0) }
    if clamped != watch.clampSyringe {
      watch.clampSyringe = clamped
      watch.clampSince = now
    } else if clamped != seated,
      now - watch.clampSince >= .milliseconds(100) || now - startedAt < .milliseconds(50)
    {
      seated = clamped
      book.syringeChanged()
    }
    let readable = !sensed.linesLost
    let open = watch.door.holds(readable && !sensed.doorClosed, for: .milliseconds(30), at: now)
    let loose = watch.plunger.holds(
      readable && !sensed.plungerEngaged, for: .milliseconds(30), at: now)
    actions.conditions.set(.doorOpen, guarded && open)
    actions.conditions.set(.plungerNotEngaged, guarded && loose)
    actions.conditions.set(.syringeNotSeated, guarded && seated == nil)
    let other = seated != nil && plan != nil && seated != plan?.syringe
    actions.conditions.set(.syringeMismatch, guarded && other)
    // SRS-050: an empty syringe stops.
    let empty = seated.map { book.outOfSyringe >= $0.capacity } ?? false
    actions.conditions.set(.syringeEmpty, guarded && empty)
    // RC-029: lines that cannot be read hide the STOP key.
    if watch.lines.holds(sensed.linesLost, for: .milliseconds(50), at: now)
      || inputs.selfTestFailed
    {
      faultCause = faultCause ?? .selfTestFailed
    }
  }

  /// The clamp opens to the barrel's inner diameter plus 2 mm of wall; 1 mm either way is tolerated,
  /// less than half of what the two nearest sizes differ by, save 1 mL, which nothing lies below.
  // SRS-049: the clamp tells the size.
  static func syringe(atOpening opening: Length) -> Syringe? {
    let tenths = opening.native / 1_000
    switch tenths {
    case 5_700..<7_700: return .mL1
    case 9_580..<11_580: return .mL3
    case 12_990..<14_990: return .mL5
    case 15_430..<17_430: return .mL10
    case 20_050..<22_050: return .mL20
    case 22_590..<24_590: return .mL30
    case 27_560..<29_560: return .mL50
    default: return nil
    }
  }

  private mutating func watchLine(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    let now = inputs.now
    let delivers = machine.therapy.delivers
    let guarded = Self.guarded(machine.therapy)
    // RC-012 SRS-042: three samples in a row, so that one noisy sample stops nothing.
    if let pressure = inputs.sensed.pressure, let plan {
      watch.pressureCount = delivers && pressure >= plan.occlusion ? watch.pressureCount + 1 : 0
      if watch.pressureCount >= 3 { watch.occluded = true }
      let half = Pressure(native: plan.occlusion.native / 2)
      // SRS-130: a syringe that runs empty into an occlusion reaches no limit, and what it stored would
      // stay in the line.
      if delivers && actions.conditions.contains(.syringeEmpty)
        && pressure >= DeviceLimits.pressureAtEmpty
      {
        watch.occluded = true
      }
      if machine.therapy != .relieving && !delivers && pressure < half { watch.occluded = false }
    }
    if machine.therapy == .standby { watch.occluded = false }
    actions.conditions.set(.occlusionDownstream, watch.occluded)

    // RC-029 SRS-059: without its pressure sensor the pump is blind to an occlusion.
    let blind = watch.pressure.holds(
      inputs.sensed.pressure == nil, for: .milliseconds(100), at: now)
    // RC-029 SRS-140: a pressure that does not change by one step for 10 s is a memory, no reading.
    watch.pressureFrozen = watch.pressureStill.lasts(
      inputs.sensed.pressure?.native, for: .seconds(10), at: now)
    actions.conditions.set(
      .pressureSensorFault,
      (blind || watch.pressureFrozen) && (guarded || machine.therapy == .paused))
    actions.conditions.set(.airInLine, guarded && air.exceeded)
  }

  private mutating func reportRelief(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    let most = plan.map { DeviceLimits.relief(for: $0.syringe) } ?? .zero
    actions.events.append(
      PumpEvent(
        source: .control, kind: .reliefStarted, at: inputs.now,
        a: inputs.sensed.pressure?.native ?? 0, b: most.native))
  }

  // RC-027 SRS-053: a drive that is silent, broken, or somewhere else than ordered.
  private mutating func watchDrive(
    _ inputs: DeliveryInputs, _ plausible: Bool, _ actions: inout DeliveryActions
  ) {
    let now = inputs.now
    let sensed = inputs.sensed
    let moves = machine.therapy.moves
    let silent = watch.drive.holds(sensed.position == nil, for: .milliseconds(100), at: now)
    let gateClosed = watch.monitorFresh && inputs.safety?.gate == .closed
    let dead = watch.power.holds(
      moves && gateClosed && (sensed.unpowered || sensed.driveNotReady),
      for: .milliseconds(300), at: now)
    // The bound: a hundredth of a turn, and half a second of the fastest motion now ordered.
    let bound = 64 + commandedSpeed.magnitude.native / 20_000
    let far = machine.therapy.delivers && !sensed.unpowered && book.isAstray(by: bound)
    let astray = watch.deviation.holds(far, for: .milliseconds(50), at: now)
    if silent || sensed.bridgeFault || (moves && (dead || astray || !plausible)) {
      faultCause = faultCause ?? .driveFault
    }
  }

  // RC-021 SRS-066: the battery's ends are announced.
  private mutating func watchPower(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    let now = inputs.now
    let sensed = inputs.sensed
    let onBattery = watch.mains.holds(
      !sensed.mains && !sensed.linesLost, for: .milliseconds(100), at: now)
    // RC-096 SRS-067: mains lost for 100 ms is told.
    actions.conditions.set(.mainsLost, onBattery)
    actions.conditions.set(
      .gaugeFault,
      watch.gauge.holds(sensed.batteryCharge == nil, for: .seconds(5), at: now))
    // RC-029 SRS-142: a cell under load moves its voltage or its charge by a step within seconds. On
    // mains a full one rests, and so may its gauge.
    let voltageStill = watch.voltageStill.lasts(
      onBattery ? sensed.batteryVoltage?.native : nil, for: .minutes(1), at: now)
    let chargeStill = watch.chargeStill.lasts(
      onBattery ? sensed.batteryCharge?.native : nil, for: .minutes(1), at: now)
    let gaugeFrozen = voltageStill && chargeStill
    batteryTime = nil
    guard onBattery, let charge = sensed.batteryCharge else { return }
    if let rate = sensed.batteryRate, rate < .zero {
      batteryTime = charge.magnitude.scaled(
        by: Interval.nanosecondsPerHour, over: rate.magnitude.native
      ).map { Interval(native: $0.native) }
    }
    // A lithium cell at 3.3 V is at the foot of its curve, whatever its gauge believes.
    let voltage = sensed.batteryVoltage ?? .max
    let time = batteryTime ?? .max
    let depleted =
      voltage <= .millivolts(3_300) || time <= .minutes(3)
      || charge <= .percent(1)
    actions.conditions.set(.batteryDepleted, depleted)
    actions.conditions.set(
      .batteryLow, !depleted && (time <= .minutes(30) || voltage <= .millivolts(3_450)))
    if gaugeFrozen && !depleted { actions.conditions.insert(.gaugeFault) }
  }

  // RC-008 SRS-073: who has gone is told, and nothing stops for it.
  private mutating func watchPeers(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    let now = inputs.now
    let grace: Interval = .seconds(2)
    let service = watch.service.holds(!inputs.serviceAlive, for: grace, at: now)
    let panel = watch.panel.holds(!inputs.panelAlive, for: grace, at: now)
    // RC-132 SRS-208: with lamp and sound, like any alarm that stops nothing.
    actions.conditions.set(.updateReturned, inputs.updateReturned)
    actions.conditions.set(.serviceLost, service)
    actions.conditions.set(.panelLost, panel)
    if watch.servicePresent == service {
      watch.servicePresent = !service
      actions.events.append(
        PumpEvent(
          source: .control, kind: .peerChanged, subject: EventPeer.service.rawValue, at: now,
          a: service ? 0 : 1))
    }
    if watch.panelPresent == panel {
      watch.panelPresent = !panel
      actions.events.append(
        PumpEvent(
          source: .control, kind: .peerChanged, subject: EventPeer.panel.rawValue, at: now,
          a: panel ? 0 : 1))
    }
  }

  /// At most three minutes are left at the programmed rate.
  private mutating func isNearEnd() -> Bool {
    // Far from the end, four minutes' flow says so without a division of 128 bits.
    guard let plan, plan.vtbi - book.delivered <= plan.rate.volume(over: .minutes(4)) else {
      return false
    }
    let left = timeRemaining
    return left <= .minutes(3) && left > .zero
  }

  private mutating func watchKeys(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    // RC-026: a stuck key is an alarm for as long as it sticks.
    actions.conditions.set(.keyStuck, stopKey.stuck || confirmKey.stuck)
    actions.conditions.set(.confirmTimeout, lapsed)
    let state = machine.therapy
    let waiting =
      state == .paused || state == .halted && inputs.signalling.intersection(Self.stopping).isEmpty
    actions.conditions.set(
      // SRS-052: a forgotten pause calls.
      .pausedTooLong, waiting && inputs.now - stateSince >= .minutes(2))
    actions.conditions.set(.realtimeUnavailable, !inputs.realtime && !simulated)
    // RC-014: the end of an infusion tells itself until somebody ends it.
    actions.conditions.set(.endOfInfusion, complete)
    // RC-092 SRS-051: near end is told.
    actions.conditions.set(.nearEnd, state == .infusing && isNearEnd())
  }
}
