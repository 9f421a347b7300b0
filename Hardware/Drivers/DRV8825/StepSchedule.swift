// SPDX-License-Identifier: Apache-2.0

public import Units

/// When the steps of a speed are due, computed ahead and exactly.
///
/// The speed follows its target with a ramp in slices of 1 ms; within a slice it is constant, and a
/// step is due when the travel has grown by a whole one. Travel is kept in units of 10⁻¹³ steps, in
/// which speed (microsteps per 10 000 s) times nanoseconds is exact: nothing is rounded away, so that
/// after any history the steps made and the travel asked for differ by less than one.
public struct StepSchedule: Hashable, Sendable, BitwiseCopyable {
  /// One step in the units of travel.
  private static var step: Int64 { 10_000_000_000_000 }
  private static var slice: Int64 { 1_000_000 }

  /// A step and when it is due.
  public struct Step: Hashable, Sendable, BitwiseCopyable {
    public let at: Instant
    public let backwards: Bool
    init(at: Instant, backwards: Bool) {
      self.at = at
      self.backwards = backwards
    }
  }

  /// The speed may change by this much in a slice: microsteps per 10 000 s.
  private let ramp: Int64
  private let timeout: Interval
  /// Up to where steps have been given out.
  public private(set) var now: Instant
  private var sliceEnd: Instant
  private var speed: Int64 = 0
  private var target: Int64 = 0
  private var commandedAt: Instant
  private var travel: Int64 = 0

  /// At rest.
  ///
  /// `acceleration` in microsteps a second².
  public init(acceleration: Int64, timeout: Interval, at now: Instant) {
    ramp = Scale.saturatingMultiply(acceleration, 10)
    self.timeout = timeout
    self.now = now
    sliceEnd = now + Interval(native: Self.slice)
    commandedAt = now
  }

  /// The command in force is older than the timeout; the target is a stop.
  public var timedOut: Bool { now - commandedAt > timeout }

  /// At rest, with nothing to come.
  public var resting: Bool { speed == 0 && (target == 0 || timedOut) }

  /// Goes to a signed speed; `then` is when that was said.
  public mutating func command(_ microstepsPer10000Seconds: Int64, at then: Instant) {
    target = microstepsPer10000Seconds
    commandedAt = then
  }

  /// Stops at once, without a ramp: the motor has lost its current.
  ///
  /// The part of a step that was under
  /// way is forgotten.
  public mutating func halt() {
    speed = 0
    target = 0
    travel = 0
  }

  /// Renews the command in force.
  public mutating func renew(at then: Instant) { commandedAt = then }

  /// Leaves out time in which nothing could move; only at rest.
  public mutating func skip(to later: Instant) {
    guard speed == 0, later > now else { return }
    now = later
    sliceEnd = later + Interval(native: Self.slice)
  }

  /// The next step that is due up to `until`, or `nil`, and then the schedule stands at `until`.
  public mutating func next(until: Instant) -> Step? {
    while now < until {
      if speed == 0 && resting {
        // Nothing can come of an empty slice.
        skip(to: until)
        return nil
      }
      let edge = Swift.min(sliceEnd, until)
      let room = edge - now
      if speed != 0 {
        let left = Self.step - (speed > 0 ? travel : -travel)
        let magnitude = Int64(clamping: speed.magnitude)
        let wait = Swift.max(0, (left + magnitude - 1) / magnitude)
        if wait <= room.native {
          travel += speed * wait - (speed > 0 ? Self.step : -Self.step)
          now = now + Interval(native: wait)
          return Step(at: now, backwards: speed < 0)
        }
        travel += speed * room.native
      }
      now = edge
      if now >= sliceEnd { turnSlice() }
    }
    return nil
  }

  private mutating func turnSlice() {
    sliceEnd = sliceEnd + Interval(native: Self.slice)
    let wanted = timedOut ? 0 : target
    speed += Swift.max(-ramp, Swift.min(ramp, wanted - speed))
  }
}
