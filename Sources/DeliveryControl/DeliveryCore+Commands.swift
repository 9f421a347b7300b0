// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// What people ask for, by key and by command.
extension DeliveryCore {
  // RC-002 SRS-001: the STOP key ends motion in the very cycle in which its press counts.
  mutating func stopPressed(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    guard !inputs.sensed.linesLost else { return }
    guard stopKey.read(inputs.sensed.stopKey, at: inputs.now) else { return }
    actions.events.append(PumpEvent(source: .control, kind: .stopPressed, at: inputs.now))
    machine.apply(.stopKey)
  }

  // RC-001 SRS-007: a fresh press, begun after the read-back appeared, of our own key.
  mutating func confirmPressed(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    guard !inputs.sensed.linesLost else { return }
    guard confirmKey.read(inputs.sensed.confirmKey, at: inputs.now) else { return }
    guard let began = confirmKey.pressedAt, deadline != nil, began > shownAt else { return }
    guard !stopKey.down, inputs.now <= deadline ?? inputs.now else { return }
    // The state may have changed since the read-back appeared; its guards hold to the last moment.
    guard startRefusal(inputs) == nil else { return }
    let changed = machine.changeWaits
    guard case .to = machine.verdict(on: .confirmKey) else { return }
    if changed {
      guard let change = pending else { return }
      held = change
      complete = book.delivered >= change.vtbi
    } else if !begun, let held {
      book.open(in: held.syringe)
      uncertainty = .zero
      opened = true
      begun = true
      complete = false
    }
    pending = nil
    deadline = nil
    confirmations &+= 1
    machine.apply(.confirmKey)
    actions.events.append(
      PumpEvent(
        source: .control, kind: .confirmed, at: inputs.now, a: Int64((plan?.hash ?? .none).short),
        b: held?.rate.native ?? 0))
  }

  /// A read-back that nobody confirmed.
  // RC-092 SRS-008: a read-back lapses after 60 s.
  mutating func expire(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    guard let until = deadline, inputs.now > until else { return }
    machine.apply(.lapse)
    pending = nil
    deadline = nil
    lapsed = true
  }

  /// Answers the command of this cycle, if there is one.
  mutating func obey(_ inputs: DeliveryInputs, _ actions: inout DeliveryActions) {
    guard let command = inputs.command, command.kind != .heartbeat else { return }
    // SRS-018: a repeated command is done once.
    let earlier = command.origin == .service ? lastServiceReply : lastPanelReply
    if let earlier, earlier.number == command.number, earlier.kind == command.kind {
      reply = earlier
      actions.reply = earlier
      return
    }
    let refusal = carryOut(command, inputs, &actions)
    let answer = Reply(to: command, refusal: refusal?.reason, detail: refusal?.detail ?? 0)
    reply = answer
    actions.reply = answer
    switch command.origin {
    case .service: lastServiceReply = answer
    case .panel: lastPanelReply = answer
    }
    actions.events.append(
      PumpEvent(
        source: .control, kind: refusal == nil ? .commandAccepted : .commandRefused,
        subject: command.kind.rawValue, at: inputs.now,
        a: refusal.map { Int64($0.reason.rawValue) } ?? Int64(command.number),
        b: refusal.map { Int64($0.detail) } ?? Int64(command.origin.rawValue)))
  }

  struct No {
    var reason: Refusal
    var detail: UInt8 = 0
  }

  private mutating func carryOut(
    _ command: Command, _ inputs: DeliveryInputs, _ actions: inout DeliveryActions
  ) -> No? {
    guard command.origin.mayAsk(command.kind) || isEmergency(command) else {
      return No(reason: .originNotAllowed)
    }
    switch command.kind {
    case .program: return program(command.draft, inputs)
    case .start: return start(inputs)
    case .pause: return transition(.pause)
    case .stop: return transition(.stop)
    case .cancel: return cancel()
    case .silence:
      guard !inputs.signalling.isEmpty else { return No(reason: .nothingToSilence) }
      actions.pauseAudio = true
    case .clear:
      guard !inputs.clearable.isEmpty else { return No(reason: .nothingToClear) }
      actions.clearAlarms = true
      if inputs.clearable.contains(.airInLine) { air.reset() }
    case .heartbeat: break
    }
    return nil
  }

  // RC-009 SRS-087: with the service lost the panel asks itself, for no more than anybody may.
  private func isEmergency(_ command: Command) -> Bool {
    conditions.contains(.serviceLost) && command.origin.mayAskWithoutService(command.kind)
      && EmergencyLimits.allow(
        command.kind, command.draft, held: held?.draft, state: machine.therapy)
  }

  private mutating func transition(_ event: TherapyMachine.Event) -> No? {
    if case .refused(let reason) = machine.apply(event) { return No(reason: reason) }
    lapsed = false
    return nil
  }

  private mutating func cancel() -> No? {
    if let no = transition(.cancel) { return no }
    pending = nil
    deadline = nil
    return nil
  }

  // RC-007 SRS-098: the controller checks the absolute limits itself, whoever checked them before.
  private mutating func program(_ draft: PrescriptionDraft?, _ inputs: DeliveryInputs) -> No? {
    if case .refused(let reason) = machine.verdict(on: .program) { return No(reason: reason) }
    guard let draft else { return No(reason: .prescriptionInvalid) }
    var made: Prescription?
    do { made = try Prescription(draft) } catch {
      return No(reason: .prescriptionInvalid, detail: error.rawValue)
    }
    guard let prescription = made else { return No(reason: .prescriptionInvalid) }
    guard machine.therapy.delivers, let held else {
      machine.apply(.program)
      self.held = prescription
      lapsed = false
      return nil
    }
    guard Self.changesRateOnly(from: held.draft, to: draft) else {
      return No(reason: .changeNotAllowed)
    }
    guard draft.vtbi > book.delivered else { return No(reason: .vtbiAlreadyDelivered) }
    machine.apply(.program)
    pending = prescription
    show(at: inputs.now)
    return nil
  }

  /// A change while infusing leaves drug, syringe and concentration as they are.
  // RC-093 SRS-013: a running change may touch rate and volume only.
  private static func changesRateOnly(
    from old: PrescriptionDraft, to new: PrescriptionDraft
  ) -> Bool {
    guard old.drug == new.drug, old.syringe == new.syringe, old.occlusion == new.occlusion else {
      return false
    }
    guard let a = old.dosing else { return new.dosing == nil }
    guard let b = new.dosing else { return false }
    return a.doseUnit == b.doseUnit && a.scale == b.scale && a.time == b.time
      && a.amount == b.amount && a.amountUnit == b.amountUnit && a.diluent == b.diluent
      && a.mass == b.mass && a.surface == b.surface
  }

  // SRS-011: start shows and waits.
  private mutating func start(_ inputs: DeliveryInputs) -> No? {
    if case .refused(let reason) = machine.verdict(on: .start) { return No(reason: reason) }
    if complete && !machine.changeWaits { return No(reason: .infusionComplete) }
    if let no = startRefusal(inputs) { return no }
    machine.apply(.start)
    show(at: inputs.now)
    lapsed = false
    return nil
  }

  private mutating func show(at now: Instant) {
    shownAt = now
    deadline = now + DeviceLimits.confirmWindow
  }

  /// What stands against motion now, as the person who asks is told.
  func startRefusal(_ inputs: DeliveryInputs) -> No? {
    guard inputs.sensed.doorClosed else { return No(reason: .doorOpen) }
    // RC-013 SRS-048: the prescribed syringe, seated, its plunger held.
    guard inputs.sensed.plungerEngaged, let seated, seated == plan?.syringe else {
      return No(reason: .syringeNotReady)
    }
    guard watch.monitorFresh, let safety = inputs.safety, safety.gate != .untested else {
      return No(reason: .monitorAbsent)
    }
    // RC-025 SRS-108: no infusion without real-time guarantees on a device.
    guard inputs.realtime || simulated else { return No(reason: .realtimeUnavailable) }
    guard !conditions.contains(.batteryDepleted) else { return No(reason: .batteryDepleted) }
    guard inputs.sensed.pressure != nil, !watch.pressureFrozen, !inputs.sensed.linesLost else {
      return No(reason: .alarmPresent, detail: AlarmID.pressureSensorFault.rawValue)
    }
    // RC-026: with STOP stuck nobody could stop what is to start.
    guard !stopKey.down else {
      return No(reason: .alarmPresent, detail: AlarmID.keyStuck.rawValue)
    }
    let present = conditions.union(inputs.signalling).intersection(Self.stopping)
    if !present.isEmpty {
      return No(
        reason: .alarmPresent, detail: UInt8(truncatingIfNeeded: present.bits.trailingZeroBitCount))
    }
    return nil
  }
}
