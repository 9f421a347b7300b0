// SPDX-License-Identifier: Apache-2.0

import Scenarios
import Units

/// How late the controller of a recording was woken for its cycles.
struct Lateness {
  /// Nanoseconds, in their order.
  private let sorted: [Int64]

  /// Of the cycles that began within so long before the last; of all without a limit.
  init(_ wakeUps: [Replay.WakeUp], within limit: Interval?) {
    let kept = wakeUps.filter { wakeUp in
      guard let limit, let last = wakeUps.last else { return true }
      return last.at - wakeUp.at < limit
    }
    sorted = kept.map { max(0, $0.lateness.nanoseconds) }.sorted()
  }

  /// The lateness in microseconds that so many of a thousand cycles did not exceed, rounded up to whole
  /// ones, so that the figure never flatters; zero without a cycle.
  func percentile(thousandths: Int) -> Int64 {
    guard !sorted.isEmpty else { return 0 }
    let rank = max(1, (sorted.count * thousandths + 999) / 1_000)
    return sorted[rank - 1] / 1_000 + 1
  }

  /// One line of words.
  var words: String {
    "woken late  p50 \(percentile(thousandths: 500)) µs, p99 \(percentile(thousandths: 990)) µs, "
      + "p99.9 \(percentile(thousandths: 999)) µs, max \(percentile(thousandths: 1_000)) µs "
      + "of \(sorted.count) cycles"
  }

  /// Whole microseconds and how often, as a JSON object with the number of cycles.
  var json: String {
    var filled: [(microseconds: Int64, count: Int)] = []
    for nanoseconds in sorted {
      if filled.last?.microseconds == nanoseconds / 1_000 {
        filled[filled.count - 1].count += 1
      } else {
        filled.append((nanoseconds / 1_000, 1))
      }
    }
    let buckets = filled.map { "[\($0.microseconds), \($0.count)]" }.joined(separator: ", ")
    return "{\"cycles\": \(sorted.count), \"max_us\": \((sorted.last ?? 0) / 1_000), "
      + "\"histogram\": [\(buckets)]}"
  }
}
