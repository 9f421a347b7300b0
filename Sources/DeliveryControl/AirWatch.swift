// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Adds up the air that the detector sees pass, in volume of commanded flow.
struct AirWatch: Sendable {
  /// Air in any 15 minutes above this stops the motor: 1 mL, as commercial pumps set it.
  // SRS-046: air adds up over 15 minutes.
  static var windowLimit: Volume { .microlitres(1_000) }

  /// The bubble at the detector now.
  private(set) var bubble: Volume = .zero
  /// Air of the last 15 whole minutes, one figure each, the present minute among them.
  private var minutes = InlineArray<15, Int64>(repeating: 0)
  private var minute: Int64 = 0

  init() {}

  /// The sum of the fifteen minutes.
  private var total: Volume = .zero

  // RC-015 SRS-045: a single bubble above the limit, or too much air in the sliding window.
  var exceeded: Bool { bubble > DeviceLimits.singleBubble || total > Self.windowLimit }

  private mutating func sum() {
    total = .zero
    for slot in 0..<15 { total += Volume(native: minutes[slot]) }
  }

  /// Takes up one cycle: `moved` is what the motor displaced since the last one.
  mutating func add(_ moved: Volume, detected: Bool, at now: Instant) {
    let present = now.native / 60_000_000_000
    if present != minute {
      let passed = Swift.min(Swift.max(present - minute, 0), 15)
      for step in 0..<passed { minutes[slot(of: present - step)] = 0 }
      minute = present
      sum()
    }
    guard detected else {
      bubble = .zero
      return
    }
    guard moved > .zero else { return }
    bubble += moved
    let slot = slot(of: present)
    minutes[slot] = (Volume(native: minutes[slot]) + moved).native
    sum()
  }

  /// Forgets what passed: after a person has cleared the alarm, the count begins anew.
  mutating func reset() {
    bubble = .zero
    minutes = InlineArray(repeating: 0)
    total = .zero
  }

  private func slot(of minute: Int64) -> Int { Int(((minute % 15) + 15) % 15) }
}

extension AirWatch: Fielded {
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&bubble)
    for slot in 0..<15 { try visitor.field(&minutes[slot]) }
    try visitor.field(&minute)
    sum()
  }
}
