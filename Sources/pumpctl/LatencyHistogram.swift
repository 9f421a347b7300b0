// SPDX-License-Identifier: Apache-2.0

/// How late a periodic thread was woken, counted in buckets of 1 µs.
///
/// Everything is allocated at the start: recording allocates nothing. What is later than the last bucket
/// is counted there, and ``worst`` keeps it exactly.
struct LatencyHistogram {
  /// Buckets of 1 µs: 100 ms.
  static let size = 100_000
  private var buckets = [UInt32](repeating: 0, count: LatencyHistogram.size)
  private(set) var count: UInt64 = 0
  private(set) var best = Int64.max
  private(set) var worst: Int64 = 0
  private var sum: Int64 = 0

  /// Counts one wake-up that came so many nanoseconds late; an early one counts as punctual.
  mutating func record(_ nanoseconds: Int64) {
    let late = max(0, nanoseconds)
    let bucket = Int(min(late / 1_000, Int64(Self.size - 1)))
    if buckets[bucket] < .max { buckets[bucket] += 1 }
    count += 1
    best = min(best, late)
    worst = max(worst, late)
    sum = sum.addingReportingOverflow(late).partialValue
  }

  /// The mean in nanoseconds; zero without a record.
  var mean: Int64 { count == 0 ? 0 : sum / Int64(count) }

  /// The lateness in microseconds that so many of a million wake-ups did not exceed: the upper edge of
  /// the bucket, so that the figure never flatters.
  func percentile(millionths: UInt64) -> Int64 {
    guard count > 0 else { return 0 }
    // Rounded up: the 99th of 100 is at rank 99.
    let rank = max(1, (count * millionths + 999_999) / 1_000_000)
    var seen: UInt64 = 0
    for (bucket, filled) in buckets.enumerated() {
      seen += UInt64(filled)
      if seen >= rank { return Int64(bucket) + 1 }
    }
    return Int64(Self.size)
  }

  /// The filled buckets: lateness in whole microseconds and how often.
  var filled: [(microseconds: Int, count: UInt32)] {
    buckets.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
  }
}
