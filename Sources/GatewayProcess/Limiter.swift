// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Units

/// How many requests a node has.
public struct RequestRate: Sendable {
  /// In a second, 1 to 1 000 000.
  public let perSecond: Int64
  /// At once, 1 to 1 000 000.
  public let atOnce: Int64

  /// Both are taken into their range.
  public init(perSecond: Int64, atOnce: Int64) {
    self.perSecond = min(max(1, perSecond), 1_000_000)
    self.atOnce = min(max(1, atOnce), 1_000_000)
  }

  /// What every gateway of a pump has; another one is for measuring.
  public static let ofNode = RequestRate(perSecond: 20, atOnce: 40)
}

/// A bucket of requests for each node, filled at a rate.
final class Limiter: Sendable {
  /// Names are those of nodes that were let in; beyond this many, all begin anew.
  static let capacity = 256

  private struct Bucket {
    var thousandths: Int64
    var at: Instant
  }

  private let buckets = Mutex<[String: Bucket]>([:])
  private let now: @Sendable () -> Instant
  let rate: RequestRate

  init(_ rate: RequestRate, now: @escaping @Sendable () -> Instant) {
    self.rate = rate
    self.now = now
  }

  // SRS-185: one node's flood costs that node its answers, and no other.
  /// Whether the node may ask one thing more now.
  func take(_ node: String) -> Bool {
    let now = now()
    return buckets.withLock { buckets in
      if buckets[node] == nil, buckets.count >= Self.capacity { buckets.removeAll() }
      var bucket = buckets[node] ?? Bucket(thousandths: rate.atOnce * 1_000, at: now)
      let passed = min((now - bucket.at).milliseconds, 60_000)
      bucket.thousandths = min(rate.atOnce * 1_000, bucket.thousandths + passed * rate.perSecond)
      bucket.at = now
      let isOpen = bucket.thousandths >= 1_000
      if isOpen { bucket.thousandths -= 1_000 }
      buckets[node] = bucket
      return isOpen
    }
  }
}
