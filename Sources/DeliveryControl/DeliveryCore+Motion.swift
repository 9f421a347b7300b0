// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// What the motor did and what it is to do.
extension DeliveryCore {
  /// How fast a withdrawal runs: quick enough to spare the vein, slow enough to stop in its bound.
  private static var reliefRate: FlowRate { .mLPerHour(300) }
  /// What is kept of the bound for the way a motor needs to stop.
  private static var reliefMargin: Volume { .microlitres(20) }

  /// Counts the drive's motion; `false` when it cannot be true.
  mutating func count(_ inputs: DeliveryInputs, after elapsed: Interval) -> Bool {
    guard let position = inputs.sensed.position else { return true }
    // Motion of a motor that runs out after a stop still belongs to the infusion it began in.
    let (plausible, moved) = book.count(
      position, after: elapsed, atKVO: complete, book: opened)
    air.add(
      DriveGeometry.volume(ofMicrosteps: moved, in: book.syringe),
      detected: inputs.sensed.airDetected, at: inputs.now)
    return plausible
  }

  /// The ends of what is under way: the VTBI, and a withdrawal.
  mutating func progress(_ inputs: DeliveryInputs) {
    guard let plan else { return }
    if machine.therapy == .infusing, book.delivered >= plan.vtbi {
      // RC-092 SRS-040: the end falls to KVO.
      // RC-014: the volume is in; the vein is kept open at a rate never above the programmed one.
      complete = true
      machine.apply(.vtbiReached)
    }
    guard machine.therapy == .relieving else { return }
    // SRS-043: relief is bounded.
    // RC-012 RC-020: until the pressure is below a quarter of the limit, or the bound is reached.
    // SRS-044: the bolus after release is small.
    let quarter = Pressure(native: plan.occlusion.native / 4)
    let low = inputs.sensed.pressure.map { $0 < quarter } ?? true
    let spent = book.withdrawnVolume >= DeviceLimits.relief(for: plan.syringe) - Self.reliefMargin
    let long = inputs.now - stateSince > .seconds(120)
    if low || spent || long { machine.apply(.relieved) }
  }

  /// The motor's order for the state as it now stands.
  mutating func move(
    _ inputs: DeliveryInputs, after elapsed: Interval, _ actions: inout DeliveryActions
  ) {
    let state = machine.therapy
    let oldRate = commandedRate
    commandedRate = .zero
    commandedSpeed = .zero
    defer {
      if commandedRate != oldRate {
        actions.events.append(
          PumpEvent(
            source: .control, kind: .rateChanged, at: inputs.now, a: oldRate.native,
            b: commandedRate.native))
      }
    }
    actions.motorEnable = state == .starting || state.moves
    // SRS-019: no motion without the monitor.
    // RC-003: the motor is moved only with the monitor's fresh agreement to this very prescription.
    guard state.moves, let plan, watch.monitorFresh, inputs.safety?.gate == .closed,
      inputs.safety?.agreed == plan.hash
    else { return }
    // SRS-070: no intent, no motion.
    // RC-006: the intent comes first; until it is stored the motor holds where it is. A withdrawal
    // needs a lower bound that its first cycle cannot have stored yet.
    guard inputs.journalCovers, state != .relieving || stateSince < inputs.now else {
      actions.motor = .speed(.zero)
      book.follow()
      return
    }
    if state == .relieving {
      let rate = Swift.min(Self.reliefRate, DeviceLimits.highestRate(for: plan.syringe))
      commandedSpeed = -DriveGeometry.speed(for: rate, in: plan.syringe)
      actions.motor = .speed(commandedSpeed)
      return
    }
    let rate = state == .kvo ? Swift.min(plan.kvo, plan.rate) : plan.rate
    let base = DriveGeometry.speed(for: rate, in: plan.syringe)
    if base < steadySpeed { slowsUntil = inputs.now + Self.slowing }
    steadySpeed = base
    if inputs.sensed.unpowered || inputs.now < slowsUntil {
      // Neither time without supply is to be caught up on, nor what the drive's ramp adds while it
      // slows down: it is counted as delivered and no deviation (RC-027).
      book.follow()
    } else {
      book.order(rate, over: elapsed)
    }
    commandedRate = rate
    commandedSpeed = Self.corrected(base, by: book.deviation())
    actions.motor = .speed(commandedSpeed)
  }

  /// Three times what the drive's ramp takes from the fastest travel to rest.
  static var slowing: Interval { .milliseconds(300) }

  /// The speed that closes a deviation within about a second, by at most a tenth of the speed.
  // SRS-054: catching up is bounded.
  static func corrected(_ base: DriveSpeed, by deviation: Int64) -> DriveSpeed {
    let most = base.native / 10
    let wanted = Scale.saturatingMultiply(deviation, 10_000)
    let correction = Swift.min(Swift.max(wanted, -most), most)
    return Swift.min(DriveSpeed(native: base.native + correction), DeviceLimits.fastestTravel)
  }
}
