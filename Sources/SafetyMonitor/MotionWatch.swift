// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Compares the screw's real motion with what is asked of it (RC-016).
///
/// **What holds while this watch is silent.** Of all stretches of a delivery, however chosen, none
/// displaces more than 110 % of what is asked in it plus a margin, and none displaces less than 90 %
/// minus a margin. The watch keeps only the lowest value so far of (measured − 110 % of asked): the
/// stretch that begins there is the worst one that ends now. So a runaway of any speed is bounded by
/// its volume rather than by a time: the margin is ``MonitorLimits/encoderCounts`` of travel plus
/// ``MonitorLimits/settling`` of flow above, and ``MonitorLimits/shortfallTime`` of flow below. A
/// screw that stands still is found 2.3 s, and 7 µm of travel, after it should have moved; a speed of
/// 1.5 times what is asked, 0.7 s and 16 µm of travel after it began.
///
/// GIP 1.2.2 and 1.2.3 ask for 10 % in 15 minutes. At less than 0.3 mL/h in the 50 mL barrel 10 % of
/// 15 minutes is less than the encoder can tell, and the volume bound above is what holds.
struct MotionWatch: Sendable {
  enum Expectation: Hashable, Sendable, BitwiseCopyable {
    case rest
    /// At most `ceiling` and at least `floor` is asked now.
    case delivery(ceiling: FlowRate, floor: FlowRate)
    case relief
  }

  private enum Phase: Sendable {
    case rest
    case delivery
    case relief
  }

  private var phase = Phase.rest
  private var began = Instant.zero
  private var last: Instant?
  private var anchor: Int64 = 0
  private var settling = false
  private var ceiling = SettlingRate()
  private var floor = SettlingRate()
  private var displacement = ScrewTravel.Displacement()
  private var most = FlowIntegrator()
  private var least = FlowIntegrator()
  private var lowestExcess: Int64 = 0
  private var lowestShortfall: Int64 = 0
  private var furthest: Int64 = 0
  private var withdrawnBefore: Int64 = 0
  private var withdrawn: Int64 = 0
  private var margins = Margins(rate: .zero, syringe: .mL50)
  private var over = Persistence()
  private var under = Persistence()
  private var reverse = Persistence()
  private var stray = Persistence()

  /// Checks one cycle: where the screw is, in counts, against what is expected from here on.
  mutating func check(
    _ counts: Int64, against expectation: Expectation, in syringe: Syringe, at now: Instant
  ) -> AlarmSet {
    let time = max(now - (last ?? now), .zero)
    last = now
    switch expectation {
    case .rest:
      enter(.rest, counts, at: now)
      return checkRest(counts, at: now)
    case .delivery(let highest, let lowest):
      enter(.delivery, counts, at: now)
      ceiling.set(highest, at: now)
      floor.set(lowest, at: now)
      return checkDelivery(counts, over: time, in: syringe, at: now)
    case .relief:
      enter(.relief, counts, at: now)
      return checkRelief(counts, in: syringe, at: now)
    }
  }

  private mutating func enter(_ next: Phase, _ counts: Int64, at now: Instant) {
    guard next != phase else { return }
    phase = next
    began = now
    anchor = counts
    furthest = counts
    over = Persistence()
    under = Persistence()
    reverse = Persistence()
    stray = Persistence()
    switch next {
    case .rest: break
    case .delivery:
      most = FlowIntegrator()
      least = FlowIntegrator()
      lowestExcess = 0
      lowestShortfall = 0
      withdrawn = 0
      ceiling = SettlingRate()
      floor = SettlingRate()
    case .relief:
      // A relief in several pieces is one relief: without a delivery between, its parts add up.
      withdrawnBefore = withdrawn
    }
  }

  // SRS-035: motion at rest is found.
  // RC-016: motion while nothing is to be delivered. RC-020: reverse motion outside a relief.
  private mutating func checkRest(_ counts: Int64, at now: Instant) -> AlarmSet {
    if now - began < MonitorLimits.settling { anchor = counts }
    let moved = Scale.saturatingSubtract(counts, anchor)
    let strays = moved.magnitude > MonitorLimits.encoderCounts.magnitude
    guard stray.lasts(strays, for: MonitorLimits.persistence, at: now) else { return AlarmSet() }
    // Said once: what moves on from here is said again.
    anchor = counts
    stray = Persistence()
    return .of(moved > 0 ? .unexpectedMotion : .reverseMotion)
  }

  // RC-016 SRS-033: no stretch above 110 % or below 90 %. RC-020: no reverse motion in a delivery.
  private mutating func checkDelivery(
    _ counts: Int64, over time: Interval, in syringe: Syringe, at now: Instant
  ) -> AlarmSet {
    let highest = ceiling.highest(at: now)
    most.add(highest, over: time)
    least.add(floor.lowest(at: now), over: time)
    let measured = displacement.of(Scale.saturatingSubtract(counts, anchor), in: syringe)
    if margins.rate != highest || margins.syringe != syringe {
      margins = Margins(rate: highest, syringe: syringe)
    }

    // In tenths of a nanolitre, so that 110 % and 90 % are whole numbers.
    let excess = (measured * 10 - most.volume * MonitorLimits.mostTenths).native
    let shortfall = (least.volume * MonitorLimits.leastTenths - measured * 10).native
    // A changed rate begins a new stretch: what the motor ran ahead of the news, or behind it, is
    // measured against the old rate's margin and not carried into the new one's.
    let settles = ceiling.settles(at: now) || floor.settles(at: now)
    if settling && !settles {
      lowestExcess = excess
      lowestShortfall = shortfall
    }
    settling = settles
    lowestExcess = min(lowestExcess, excess)
    lowestShortfall = min(lowestShortfall, shortfall)
    let isOver = Scale.saturatingSubtract(excess, lowestExcess) > margins.above.native
    // SRS-061: a frozen encoder is found.
    let isUnder = Scale.saturatingSubtract(shortfall, lowestShortfall) > margins.below.native

    furthest = max(furthest, counts)
    let back = Scale.saturatingSubtract(furthest, counts)
    // SRS-038: reverse motion is found.
    let isBack = back > MonitorLimits.encoderCounts

    let time = MonitorLimits.persistence
    var alarms = AlarmSet()
    alarms.set(.overInfusion, over.lasts(isOver, for: time, at: now))
    alarms.set(.underInfusion, under.lasts(isUnder, for: time, at: now))
    alarms.set(.reverseMotion, reverse.lasts(isBack, for: time, at: now))
    return alarms
  }

  // RC-020 SRS-039: a relief goes backwards only, and no further than the device allows.
  private mutating func checkRelief(
    _ counts: Int64, in syringe: Syringe, at now: Instant
  ) -> AlarmSet {
    // The forward motion of the delivery before may take a moment to end.
    if now - began < MonitorLimits.settling { furthest = max(furthest, counts) }
    let back = max(Scale.saturatingSubtract(furthest, counts), 0)
    withdrawn = Scale.saturatingAdd(withdrawnBefore, back)
    let margin = MonitorLimits.encoderCounts
    let allowed = DeviceLimits.relief(for: syringe) + ScrewTravel.volume(margin, in: syringe)
    let tooFar = ScrewTravel.volume(withdrawn, in: syringe) > allowed
    let forward = Scale.saturatingSubtract(counts, furthest) > margin
    let time = MonitorLimits.persistence
    var alarms = AlarmSet()
    alarms.set(.reverseMotion, reverse.lasts(tooFar, for: time, at: now))
    alarms.set(.unexpectedMotion, stray.lasts(forward, for: time, at: now))
    return alarms
  }
}

/// What nobody can tell of a delivery, in tenths of a nanolitre; worked out when rate or syringe change.
private struct Margins: Sendable, BitwiseCopyable {
  let rate: FlowRate
  let syringe: Syringe
  let above: Volume
  let below: Volume

  init(rate: FlowRate, syringe: Syringe) {
    self.rate = rate
    self.syringe = syringe
    let unsure = ScrewTravel.volume(MonitorLimits.encoderCounts, in: syringe)
    above = (unsure + rate.volume(over: MonitorLimits.settling)) * 10
    below = (unsure + rate.volume(over: MonitorLimits.shortfallTime)) * 10
  }
}

/// A rate that has just changed, seen from both sides: for a while nobody can say whether the motor
/// still follows the old one.
private struct SettlingRate: Sendable, BitwiseCopyable {
  private var rate = FlowRate.zero
  private var before = FlowRate.zero
  private var changed: Instant?

  mutating func set(_ next: FlowRate, at now: Instant) {
    guard next != rate || changed == nil else { return }
    before = rate
    rate = next
    changed = now
  }

  func highest(at now: Instant) -> FlowRate { settles(at: now) ? max(rate, before) : rate }
  func lowest(at now: Instant) -> FlowRate { settles(at: now) ? min(rate, before) : rate }

  func settles(at now: Instant) -> Bool {
    guard let changed else { return false }
    return now - changed < MonitorLimits.settling
  }
}
