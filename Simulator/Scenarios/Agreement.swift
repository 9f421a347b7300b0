// SPDX-License-Identifier: Apache-2.0

import Domain
import Plant
public import Units

/// Whether displayed = commanded = delivered, judged by the plant (RC-005).
///
/// *Displayed* is what the status shows, KVO included; *commanded* is the integral of the commanded
/// rate; *delivered* is what the plant gave to the patient. They may differ by what physics explains:
///
/// - displayed against commanded: 0.5 %, 5 µL, 200 ms at the highest rate seen, and what the relief of
///   an occlusion withdrew;
/// - displayed against delivered plus what pressure has stored in the walls of syringe and line and in
///   the drive train: 1 %, the play of the drive (backlash and static friction over stiffness, times the
///   barrel's area), what was spilled, and twice what relief withdrew (out and back in).
public struct Agreement: Sendable, Hashable {
  /// What the status showed, over all infusions of the trial.
  public private(set) var displayed = Volume.zero
  /// The integral of the commanded rate.
  public var commanded: Volume { integrator.volume }
  /// What the plant gave to the patient, air included.
  public private(set) var delivered = Volume.zero
  /// The greatest share of a bound that a difference took up; above 1 000 000 ppm the check failed.
  public private(set) var worst = Fraction.zero
  /// The first time a bound was passed, and what was apart; `nil` when none was.
  public private(set) var broken: String?

  private var integrator = FlowIntegrator()
  private var highestRate = FlowRate.zero
  private var withdrawn = Volume.zero
  private var shown = Volume.zero
  /// Time since the last relief; `nil` before the first.
  private var relieved: Interval?
  /// A status is at most 50 ms old, and the drive's ramp takes up to 150 ms.
  private static var runningOut: Interval { .milliseconds(300) }
  private var storedAtStart: Volume?
  /// The newest status, and for how long it has gone on uncounted.
  private var present: Shown
  private var since = Interval.zero

  init(_ status: Shown) { present = status }

  /// What is compared of a status, cycle by cycle.
  struct Shown: Hashable, Sendable {
    let state: TherapyState
    let commandedRate: FlowRate
    let delivered: Volume
    let deliveredKVO: Volume

    init(_ status: borrowing ControlStatus) {
      state = status.state
      commandedRate = status.commandedRate
      delivered = status.delivered
      deliveredKVO = status.deliveredKVO
    }
  }

  /// Takes up a cycle in which no other status came: it only goes on.
  @inline(__always)
  mutating func add(_ time: Interval) { since += time }

  /// Takes up a cycle that brought a status.
  mutating func add(_ status: Shown, over time: Interval) {
    settle()
    present = status
    take(status, over: time)
  }

  /// Takes up what went on since the last status, in one piece: a sum of equal rates is exact.
  mutating func settle() {
    guard since > .zero else { return }
    take(present, over: since)
    since = .zero
  }

  // RC-005 RC-099 SRS-115: the plant, not the firmware, says what was delivered.
  private mutating func take(_ status: Shown, over time: Interval) {
    if status.state.delivers {
      integrator.add(status.commandedRate, over: time)
      highestRate = max(highestRate, status.commandedRate)
    }
    let total = status.delivered + status.deliveredKVO
    // A new infusion begins at zero again; a count that shrinks while relieving, or while the motor
    // runs out after it, is the relief's. Any other is the display's own and widens nothing.
    let restarted = total < shown && status.delivered == .zero
    relieved = status.state == .relieving ? .zero : relieved.map { $0 + time }
    let withdraws = relieved.map { $0 <= Self.runningOut } ?? false
    if total < shown, !restarted, withdraws { withdrawn += shown - total }
    displayed += restarted ? total : total - shown
    shown = total
  }

  /// Compares at a time since the start.
  mutating func judge(_ rig: some TrialRig, at time: Interval) {
    settle()
    let truth = rig.truth
    delivered = Volume(native: truth.delivered_fL / 1_000_000)
    let stored = Agreement.stored(rig, truth)
    let taken = stored - (storedAtStart ?? stored)
    storedAtStart = storedAtStart ?? stored
    let byRate = Volume.microlitres(5) + highestRate.volume(over: .milliseconds(200))
    compare(
      "commanded", commanded, allowed: share(commanded, 5_000) + byRate + withdrawn, at: time)
    let spilled = Volume(native: truth.spilled_fL / 1_000_000)
    let play = Agreement.play(rig) + spilled + withdrawn * 2 + .microlitres(5)
    compare(
      "delivered", delivered + taken, allowed: share(delivered, 10_000) + play, at: time)
  }

  private mutating func compare(_ what: String, _ other: Volume, allowed: Volume, at time: Interval)
  {
    let apart = (displayed - other).magnitude
    let part = apart.scaled(by: 1_000_000, over: max(allowed.native, 1))?.native ?? .max
    worst = max(worst, Fraction(native: part))
    guard apart > allowed, broken == nil else { return }
    broken =
      "displayed \(displayed.nanolitres) nL and \(what) \(other.nanolitres) nL are "
      + "\(apart.nanolitres) nL apart at \(Decimal.seconds(time)) s; allowed \(allowed.nanolitres) nL"
  }

  private func share(_ volume: Volume, _ ppm: Int64) -> Volume {
    volume.magnitude.scaled(by: ppm, over: 1_000_000) ?? .zero
  }

  /// What pressure stores beyond rest: the stretch of the walls (mL/kPa × Pa is µL) and of the drive
  /// train (N over N/mm is mm; × mm² is µL); × 1000 nL.
  private static func stored(_ rig: some TrialRig, _ truth: PlantTruth) -> Volume {
    let pressure = Double(truth.syringePressure_Pa)
    let syringe = rig.value(of: .syringeCompliance) * pressure
    let line = rig.value(of: .lineCompliance) * Double(truth.linePressure_Pa)
    let area = area(rig)
    let train = pressure * area / 1_000_000 / rig.value(of: .driveStiffness) * area
    return Volume(native: Int64((syringe + line + train) * 1_000))
  }

  /// The barrel's area in mm².
  private static func area(_ rig: some TrialRig) -> Double {
    let size = UInt8(rig.value(of: .syringeSize))
    return Double((Syringe(rawValue: size) ?? .mL50).barrel.native) / 1_000_000
  }

  /// mm × mm² is µL, so × 1000 nL.
  private static func play(_ rig: some TrialRig) -> Volume {
    let force = rig.value(of: .plungerFrictionStatic)
    let slack = rig.value(of: .driveBacklash) + force / rig.value(of: .driveStiffness)
    return Volume(native: Int64(slack * area(rig) * 1_000))
  }
}
