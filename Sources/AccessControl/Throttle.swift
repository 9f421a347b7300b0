// SPDX-License-Identifier: Apache-2.0

import Units

/// How long an attempt has to wait after failures: never a lock, always a delay.
///
/// Three mistakes are free. From the fourth on the wait doubles from 1 s to 15 min, and stays there. Known
/// and unknown logins wait alike, so that waiting tells nothing. Each way counts its own.
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

  // SEC-405: guesses over the network make nobody at the pump wait.
  private struct Key: Hashable, Comparable {
    let login: String
    let isNetwork: Bool

    init(_ login: String, _ way: SessionWay) { (self.login, isNetwork) = (login, way.isNetwork) }

    static func < (one: Self, other: Self) -> Bool {
      (one.login, one.isNetwork ? 1 : 0) < (other.login, other.isNetwork ? 1 : 0)
    }
  }

  private var entries: [Key: Entry] = [:]
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
  func wait(_ login: String, via way: SessionWay = .pump, at now: Instant) -> Interval {
    guard let entry = entries[Key(login, way)] else { return .zero }
    let until = entry.last + Self.delay(after: entry.failures)
    return until > now ? until - now : .zero
  }

  /// The failures at a login, to be kept.
  func failures(_ login: String) -> Failures {
    func count(_ way: SessionWay) -> UInt16 {
      UInt16(clamping: entries[Key(login, way)]?.failures ?? 0)
    }
    return Failures(pump: count(.pump), network: count(.anyNetwork))
  }

  // SEC-332: failures at other logins make the pump forget no failure of a person's.
  @discardableResult
  mutating func fail(
    _ login: String, via way: SessionWay = .pump, isKnown: Bool, at now: Instant
  ) -> UInt32 {
    let key = Key(login, way)
    let before = entries[key]
    let failures = before?.failures ?? 0
    let entry = Entry(failures: failures == .max ? .max : failures + 1, last: now, isKnown: isKnown)
    if before == nil, !isKnown, unknown >= Self.capacity,
      let oldest = entries.lazy.filter({ !$0.value.isKnown }).min(
        by: { ($0.value.last, $0.key) < ($1.value.last, $1.key) })
    {
      forget(oldest.key)
    }
    forget(key)
    entries[key] = entry
    if !isKnown { unknown += 1 }
    return entry.failures
  }

  private mutating func forget(_ key: Key) {
    guard let entry = entries.removeValue(forKey: key), !entry.isKnown else { return }
    unknown -= 1
  }

  mutating func succeed(_ login: String, via way: SessionWay) { forget(Key(login, way)) }

  /// The person has a new secret: what was counted at the old one counts no more.
  mutating func succeed(_ login: String) {
    for way in [SessionWay.pump, .anyNetwork] { succeed(login, via: way) }
  }

  /// What the records remember from before a restart.
  mutating func restore(_ login: String, failures: Failures, at now: Instant) {
    for (way, count) in [(SessionWay.pump, failures.pump), (.anyNetwork, failures.network)] {
      forget(Key(login, way))
      guard count > 0 else { continue }
      entries[Key(login, way)] = Entry(failures: UInt32(count), last: now, isKnown: true)
    }
  }
}

/// Wrong secrets since the last right one, on each way; a count ends at 65 535, where the wait is the longest.
struct Failures: Equatable, Sendable {
  var pump: UInt16 = 0
  var network: UInt16 = 0

  init(pump: UInt16 = 0, network: UInt16 = 0) { (self.pump, self.network) = (pump, network) }

  /// As a record has it: that of the network above.
  init(packed: UInt32) {
    self.init(
      pump: UInt16(truncatingIfNeeded: packed), network: UInt16(truncatingIfNeeded: packed >> 16))
  }

  var packed: UInt32 { UInt32(network) << 16 | UInt32(pump) }
}

extension SessionWay {
  /// Any way over the network: failures there are counted together, whatever the certificate.
  fileprivate static var anyNetwork: SessionWay { .network(certificate: []) }
}
