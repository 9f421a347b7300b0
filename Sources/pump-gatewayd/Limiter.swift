// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Units

/// A bucket of requests for each node, filled at a rate.
final class Limiter: Sendable {
  /// Requests a second, and at once.
  static let rate: Int64 = 20
  static let burst: Int64 = 40
  /// Names are those of nodes that were let in; beyond this many, all begin anew.
  static let capacity = 256

  private struct Bucket {
    var thousandths: Int64
    var at: Instant
  }

  private let buckets = Mutex<[String: Bucket]>([:])
  private let now: @Sendable () -> Instant

  init(now: @escaping @Sendable () -> Instant) { self.now = now }

  // SRS-185: one node's flood costs that node its answers, and no other.
  /// Whether the node may ask one thing more now.
  func take(_ node: String) -> Bool {
    let now = now()
    return buckets.withLock { buckets in
      if buckets[node] == nil, buckets.count >= Self.capacity { buckets.removeAll() }
      var bucket = buckets[node] ?? Bucket(thousandths: Self.burst * 1_000, at: now)
      let passed = min((now - bucket.at).milliseconds, 60_000)
      bucket.thousandths = min(Self.burst * 1_000, bucket.thousandths + passed * Self.rate)
      bucket.at = now
      let isOpen = bucket.thousandths >= 1_000
      if isOpen { bucket.thousandths -= 1_000 }
      buckets[node] = bucket
      return isOpen
    }
  }
}
