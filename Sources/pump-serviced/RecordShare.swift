// SPDX-License-Identifier: Apache-2.0

import Units

/// Records that a process may cause: some at once, then one a second.
///
/// An honest gateway never comes near it; one that was taken over makes the log no longer than that.
// SEC-410: whoever runs as the gateway does not fill the log.
struct RecordShare {
  static let atOnce: Int64 = 96
  private var left = Self.atOnce
  private var at = Instant.min

  /// Takes so many out of the share; false, and nothing taken, when there are not so many.
  mutating func take(_ count: Int64, at now: Instant) -> Bool {
    if at != .min {
      let passed = max(0, (now - at).seconds)
      guard passed > 0 || left > 0 else { return false }
      left = min(Self.atOnce, left + passed)
      at = at + .seconds(passed)
    } else {
      at = now
    }
    guard count <= left else { return false }
    left -= count
    return true
  }
}
