// SPDX-License-Identifier: Apache-2.0

import Messages
import Testing
import Units

@Suite struct FreshnessTests {
  private func header(_ sequence: UInt32, at: Int64 = 0) -> FrameHeader {
    FrameHeader(kind: .event, sequence: sequence, sentAt: Instant(native: at))
  }

  @Test(.tags(.`RC-023`, .`SRS-076`))
  func `RC-023 SRS-076 a repeated and an older frame are refused`() throws {
    var gate = FreshnessGate(maximumAge: .milliseconds(100))
    try gate.admit(header(5), at: .zero)
    #expect(throws: FreshnessRefusal.duplicate) { try gate.admit(header(5), at: .zero) }
    #expect(throws: FreshnessRefusal.old) { try gate.admit(header(4), at: .zero) }
    try gate.admit(header(7), at: .zero)
  }

  @Test(.tags(.`RC-023`)) func `RC-023 numbers wrap`() throws {
    var gate = FreshnessGate(maximumAge: .milliseconds(100))
    try gate.admit(header(.max), at: .zero)
    try gate.admit(header(0), at: .zero)
    #expect(throws: FreshnessRefusal.old) { try gate.admit(header(.max), at: .zero) }
  }

  @Test(.tags(.`RC-023`, .`SRS-076`)) func `RC-023 SRS-076 age is bounded on both sides`() throws {
    var gate = FreshnessGate(maximumAge: .nanoseconds(100))
    try gate.admit(header(1, at: 0), at: .nanoseconds(100))
    #expect(throws: FreshnessRefusal.stale) {
      try gate.admit(header(2, at: 0), at: .nanoseconds(101))
    }
    try gate.admit(header(3, at: 100), at: .zero)
    #expect(throws: FreshnessRefusal.fromFuture) { try gate.admit(header(4, at: 101), at: .zero) }
    #expect(throws: FreshnessRefusal.stale) { try gate.admit(header(5, at: .min), at: .max) }
    #expect(throws: FreshnessRefusal.fromFuture) { try gate.admit(header(5, at: .max), at: .min) }
  }

  @Test(.tags(.`RC-023`, .`SRS-076`))
  func `RC-023 SRS-076 a stale frame does not shut out its successor`() throws {
    var gate = FreshnessGate(maximumAge: .nanoseconds(1))
    #expect(throws: FreshnessRefusal.stale) { try gate.admit(header(9), at: .nanoseconds(50)) }
    try gate.admit(header(1, at: 50), at: .nanoseconds(50))
  }
}
