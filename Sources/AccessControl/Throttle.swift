// SPDX-License-Identifier: Apache-2.0

import Units

/// How long an attempt has to wait after failures: never a lock, always a delay.
///
/// Three mistakes are free. From the fourth on the wait doubles from 1 s to 15 min, and stays there. Known
/// and unknown logins wait alike, so that waiting tells nothing.
struct Throttle {
  static let free: UInt32 = 3
  static let longest = Interval.minutes(15)
  /// Logins that are remembered at a time; the one that waited longest is forgotten first.
  static let capacity = 256

  private struct Entry {
    var failures: UInt32
    var last: Instant
  }

  private var entries: [String: Entry] = [:]

  /// The wait after so many failures.
  static func delay(after failures: UInt32) -> Interval {
    guard failures >= free else { return .zero }
    let doublings = min(failures - free, 10)
    return min(.seconds(1 << Int64(doublings)), longest)
  }

  // SEC-013: guessing is slowed down; nobody is locked out.
  /// How long this login still has to wait; zero means that it may try.
  func wait(_ login: String, at now: Instant) -> Interval {
    guard let entry = entries[login] else { return .zero }
    let until = entry.last + Self.delay(after: entry.failures)
    return until > now ? until - now : .zero
  }

  mutating func fail(_ login: String, at now: Instant) -> UInt32 {
    var entry = entries[login] ?? Entry(failures: 0, last: now)
    entry.failures = entry.failures &+ 1 == 0 ? .max : entry.failures + 1
    entry.last = now
    if entries[login] == nil, entries.count >= Self.capacity,
      let oldest = entries.min(by: { ($0.value.last, $0.key) < ($1.value.last, $1.key) })
    {
      entries[oldest.key] = nil
    }
    entries[login] = entry
    return entry.failures
  }

  mutating func succeed(_ login: String) { entries[login] = nil }

  /// What the records remember from before a restart.
  mutating func restore(_ login: String, failures: UInt32, at now: Instant) {
    guard failures > 0 else { return }
    entries[login] = Entry(failures: failures, last: now)
  }
}
