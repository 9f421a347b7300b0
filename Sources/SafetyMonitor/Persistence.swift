// SPDX-License-Identifier: Apache-2.0

import Units

/// Tells a condition that lasts from one that flickers.
struct Persistence: Sendable, BitwiseCopyable {
  private var since: Instant?

  /// Whether the condition has been present, without a gap, for the time given.
  @inline(__always)
  mutating func lasts(_ present: Bool, for time: Interval, at now: Instant) -> Bool {
    guard present else {
      since = nil
      return false
    }
    return stands(for: time, at: now)
  }

  // Out of line, because a cycle in which all is well never comes here.
  @inline(never)
  private mutating func stands(for time: Interval, at now: Instant) -> Bool {
    guard let start = since else {
      since = now
      return time <= .zero
    }
    return now - start >= time
  }
}

/// Tells a reading that is measured anew from one that only comes again.
///
/// What is measured carries the noise of its transducer and converter, more than a step of the
/// latter; a value that is equal for long is held by something.
struct Standstill: Sendable, BitwiseCopyable {
  private var held: Int64?
  private var since = Instant.zero

  /// Whether the value has been the same in every cycle for the time given.
  mutating func lasts(_ value: Int64?, for time: Interval, at now: Instant) -> Bool {
    guard let value, value == held else {
      held = value
      since = now
      return false
    }
    return now - since >= time
  }
}
