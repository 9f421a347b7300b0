// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Counts what the motor did and says what it should have done.
///
/// Delivered volume is net counted travel of the pusher times the barrel: a withdrawal after an
/// occlusion takes away from it and the way back adds to it, so that no fluid is counted twice.
/// The target is the exact integral of the ordered rate.
struct TravelBook: Sendable {
  private(set) var syringe: Syringe = .mL50
  /// Net microsteps towards the VTBI, and at KVO after it.
  private(set) var infused: Int64 = 0
  private(set) var kvo: Int64 = 0
  /// Volumes carried over from before a restart.
  private(set) var carried: Volume = .zero
  private(set) var carriedKVO: Volume = .zero
  /// Net microsteps out of the syringe that is seated now.
  private(set) var fromSyringe: Int64 = 0
  /// Net microsteps of the present withdrawal, positive backwards.
  private(set) var withdrawn: Int64 = 0
  private(set) var position: Int64 = 0
  private var known = false
  /// The trajectory since the last ``follow()``, and where the count stood then.
  private var target = FlowIntegrator()
  private var base: Int64 = 0
  private var count: Int64 = 0

  init() {}

  // What the counts displace: worked out when a count changes, not at every look.
  private(set) var delivered: Volume = .zero
  private(set) var deliveredKVO: Volume = .zero
  private(set) var outOfSyringe: Volume = .zero

  // SRS-058: reported is moved.
  private mutating func measure() {
    delivered = carried + DriveGeometry.volume(ofMicrosteps: infused, in: syringe)
    deliveredKVO = carriedKVO + DriveGeometry.volume(ofMicrosteps: kvo, in: syringe)
    outOfSyringe = DriveGeometry.volume(ofMicrosteps: fromSyringe, in: syringe)
  }

  var withdrawnVolume: Volume { DriveGeometry.volume(ofMicrosteps: withdrawn, in: syringe) }

  /// Ordered less counted microsteps since the trajectory began.
  ///
  /// Mutating, as ``isAstray(by:)`` is, so that the book is looked into where it lies and not copied.
  mutating func deviation() -> Int64 {
    let travel = Scale.multiplyDivide(
      target.volume.native, 1_000_000_000, Scale.saturatingMultiply(syringe.barrel.native, 125))
    return Scale.saturatingSubtract(travel ?? 0, Scale.saturatingSubtract(count, base))
  }

  /// The motor is more than so many microsteps away from where it was ordered.
  mutating func isAstray(by bound: Int64) -> Bool {
    let deviation = deviation()
    return deviation > bound || deviation < -bound
  }

  /// Begins the book of a new infusion.
  mutating func open(in syringe: Syringe) {
    self.syringe = syringe
    infused = 0
    kvo = 0
    carried = .zero
    carriedKVO = .zero
    withdrawn = 0
    measure()
    follow()
  }

  /// Takes up what the journal gave back.
  mutating func carry(_ delivered: Volume, kvo: Volume) {
    carried = delivered
    carriedKVO = kvo
    measure()
  }

  /// Another syringe lies in the clamp, or none.
  mutating func syringeChanged() {
    fromSyringe = 0
    measure()
  }

  mutating func beginWithdrawal() { withdrawn = 0 }

  /// Begins the trajectory where the motor stands.
  mutating func follow() {
    target = FlowIntegrator()
    base = count
  }

  /// Adds ordered flow to the trajectory.
  // RC-099 SRS-055: steady delivery is within one per cent.
  mutating func order(_ rate: FlowRate, over time: Interval) { target.add(rate, over: time) }

  /// Takes up the drive's count.
  ///
  /// `false` when it jumped by more than the drive can have moved in `time`: such a step is not
  /// counted.
  mutating func count(_ position: Int64, after time: Interval, atKVO: Bool, book: Bool) -> (
    plausible: Bool, moved: Int64
  ) {
    defer {
      self.position = position
      known = true
    }
    guard known else { return (true, 0) }
    let delta = Scale.saturatingSubtract(position, self.position)
    let most = Scale.multiplyDivide(
      DeviceLimits.fastestTravel.native, time.native, 10_000_000_000_000)
    let bound = Scale.saturatingAdd(Scale.saturatingMultiply(most ?? 0, 2), 64)
    guard delta <= bound, delta >= -bound else { return (false, 0) }
    guard delta != 0 else { return (true, 0) }
    defer { measure() }
    count = Scale.saturatingAdd(count, delta)
    fromSyringe = Scale.saturatingAdd(fromSyringe, delta)
    guard book else { return (true, delta) }
    withdrawn = Scale.saturatingSubtract(withdrawn, delta)
    if atKVO {
      kvo = Scale.saturatingAdd(kvo, delta)
    } else {
      infused = Scale.saturatingAdd(infused, delta)
    }
    return (true, delta)
  }
}

extension TravelBook: Fielded {
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&syringe)
    try visitor.field(&infused)
    try visitor.field(&kvo)
    try visitor.field(&carried)
    try visitor.field(&carriedKVO)
    try visitor.field(&fromSyringe)
    try visitor.field(&withdrawn)
    try visitor.field(&position)
    try visitor.field(&known)
    var volume = target.volume
    var remainder = target.remainder
    try visitor.field(&volume)
    try visitor.field(&remainder)
    target = FlowIntegrator(volume: volume, remainder: remainder)
    try visitor.field(&base)
    try visitor.field(&count)
    measure()
  }
}
