// SPDX-License-Identifier: Apache-2.0

public import Units

/// A clock that only goes forward and knows no date (RC-011).
///
/// **Contract.** Successive calls never decrease, across threads and processes of one machine, and
/// setting the wall clock does not move it. Only composition roots read it; everything else is
/// handed `now`.
public protocol MonotonicClock {
  func now() -> Instant
}
