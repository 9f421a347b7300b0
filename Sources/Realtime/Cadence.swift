// SPDX-License-Identifier: Apache-2.0

import CRealtime
public import Units

/// The beat of a periodic process: absolute wake-up times on CLOCK_MONOTONIC, and a count of those
/// it came too late for.
///
/// The beats stand on a grid that all processes of a pump share: whole periods of the pump's clock, and
/// ``place`` after them. Two that beat at different places never wait for each other's cycle, whenever
/// either was started.
///
/// A cycle that overran is not made up for by a burst: the beats that lie in the past are counted in
/// ``missed`` and skipped, and the next one keeps its place on the grid.
public struct Cadence: Sendable {
  /// The period in the pump's time.
  public let period: Interval
  /// How long after a whole period the beats stand, in the pump's time.
  public let place: Interval
  /// Beats that began later than a whole period, since the start; stays at its largest value.
  public private(set) var missed: UInt32 = 0
  /// How late the last beat began, in the pump's time.
  public private(set) var lateness: Interval = .zero

  private let speed: Int64
  private let step: Int64
  /// The next beat on the machine's clock.
  private(set) var next: Int64

  /// Begins with the next beat, at most a period from now.
  ///
  /// `speed` is how many of the pump's seconds pass in a real one, 1…1000; a value outside is
  /// brought to its nearer end. `epoch` is where the pump's clock and the machine's read the same. The
  /// real period is at least 1 µs.
  public init(
    period: Interval, place: Interval = .zero, speed: Int64 = 1, epoch: Instant = .zero
  ) {
    self.init(period: period, place: place, speed: speed, epoch: epoch, at: rp_clock())
  }

  /// The part of the beginning after the look at the clock, apart so that it can be proved.
  init(period: Interval, place: Interval, speed: Int64, epoch: Instant, at now: Int64) {
    self.period = period
    self.place = place
    self.speed = Swift.min(Swift.max(speed, 1), 1_000)
    step = Swift.max(1_000, period.native / self.speed)
    // SRS-246: the place holds for every start.
    let first = Scale.saturatingAdd(epoch.native, place.native / self.speed)
    let past = Scale.saturatingSubtract(now, first) % step
    next = Scale.saturatingAdd(now, past < 0 ? -past : step - past)
  }

  /// Sleeps until the next beat; `false` when the process came back before it: asked to end, or
  /// because the kernel's timer does not hold.
  // SRS-109: missed beats are skipped and told.
  // SRS-175: no beat comes before its time; one that would is none.
  public mutating func wait() -> Bool {
    rp_sleep_until(next)
    let now = rp_clock()
    guard now >= next else { return false }
    record(wokenAt: now)
    return true
  }

  /// The part of ``wait()`` after the sleep, apart so that it can be proved without sleeping.
  mutating func record(wokenAt now: Int64) {
    let late = Swift.max(0, Scale.saturatingSubtract(now, next))
    lateness = Interval(native: Scale.saturatingMultiply(late, speed))
    let skipped = late / step
    if skipped > 0 {
      let total = UInt32(clamping: skipped)
      missed = missed > .max - total ? .max : missed + total
    }
    next = Scale.saturatingAdd(next, Scale.saturatingMultiply(skipped + 1, step))
  }
}
