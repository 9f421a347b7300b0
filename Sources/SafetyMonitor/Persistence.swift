// SPDX-License-Identifier: Apache-2.0

import Units

/// Tells a condition that lasts from one that flickers.
struct Persistence: Sendable, BitwiseCopyable {
  private var since: Instant?

  /// Whether the condition has been present, without a gap, for the time given.
  mutating func lasts(_ present: Bool, for time: Interval, at now: Instant) -> Bool {
    guard present else {
      since = nil
      return false
    }
    guard let start = since else {
      since = now
      return time <= .zero
    }
    return now - start >= time
  }
}
