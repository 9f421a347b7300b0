// SPDX-License-Identifier: Apache-2.0

import Units

/// How long an attempt has to wait after failures: never a lock, always a delay.
///
/// Three mistakes are free. From the fourth on the wait doubles from 1 s to 15 min, and stays there. Known
/// and unknown logins wait alike, so that waiting tells nothing.
struct Throttle {
  static let free: UInt32 = 3
  static let longest = Interval.minutes(15)
  /// Logins of nobody that are remembered at a time; the one that waited longest is forgotten first.
  static let capacity = 4_096

  private struct Entry {
    var failures: UInt32
    var last: Instant
    let isKnown: Bool
  }

  private var entries: [String: Entry] = [:]
  /// How many of them are nobody's.
  private var unknown = 0

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

  // SEC-332: failures at other logins make the pump forget no failure of a person's.
  mutating func fail(_ login: String, isKnown: Bool, at now: Instant) -> UInt32 {
    let before = entries[login]
    let failures = before?.failures ?? 0
    let entry = Entry(failures: failures == .max ? .max : failures + 1, last: now, isKnown: isKnown)
    if before == nil, !isKnown, unknown >= Self.capacity,
      let oldest = entries.lazy.filter({ !$0.value.isKnown }).min(
        by: { ($0.value.last, $0.key) < ($1.value.last, $1.key) })
    {
      forget(oldest.key)
    }
    forget(login)
    entries[login] = entry
    if !isKnown { unknown += 1 }
    return entry.failures
  }

  private mutating func forget(_ login: String) {
    guard let entry = entries.removeValue(forKey: login), !entry.isKnown else { return }
    unknown -= 1
  }

  mutating func succeed(_ login: String) { forget(login) }

  /// What the records remember from before a restart.
  mutating func restore(_ login: String, failures: UInt32, at now: Instant) {
    guard failures > 0 else { return }
    forget(login)
    entries[login] = Entry(failures: failures, last: now, isKnown: true)
  }
}
