// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Testing

@testable import AuditLog

@Suite struct RecordTests {
  /// A record with every field, drawn from a seed.
  static func draw(_ chance: inout Chance) -> AuditRecord {
    var entry = AuditEntry(
      AuditEvent.allCases.randomElement(using: &chance) ?? .heartbeat,
      outcome: AuditOutcome.allCases.randomElement(using: &chance) ?? .done,
      source: AuditSource.allCases.randomElement(using: &chance) ?? .log)
    if Bool.random(using: &chance) { entry.number = .random(in: 1 ... .max, using: &chance) }
    if Bool.random(using: &chance) { entry.subject = .random(in: 1...70_000, using: &chance) }
    if Bool.random(using: &chance) { entry.a = .random(in: .min ... .max, using: &chance) }
    if Bool.random(using: &chance) { entry.b = .random(in: -300...300, using: &chance) }
    if Bool.random(using: &chance) {
      entry.actor = AuditActor(
        name: ["", "nurse-7", "Zoë", "=1+1"].randomElement(using: &chance) ?? "",
        role: .random(in: 0...5, using: &chance), method: .random(in: 0...3, using: &chance),
        session: .random(in: 0 ... .max, using: &chance))
    }
    if Bool.random(using: &chance) { entry.reference = "library \(chance.next() % 100)" }
    if Bool.random(using: &chance) {
      entry.payload = (0..<Int.random(in: 1...300, using: &chance)).map { _ in
        UInt8.random(in: 0...255, using: &chance)
      }
    }
    return AuditRecord(
      index: .random(in: 0 ... .max, using: &chance),
      boot: (0..<16).map { _ in .random(in: 0...255, using: &chance) },
      time: AuditTime(
        monotonic: .random(in: 0 ... .max, using: &chance),
        wall: .random(in: 0...4_000_000_000_000, using: &chance),
        quality: TimeQuality.allCases.randomElement(using: &chance) ?? .unknown),
      entry: entry)
  }

  @Test func `reads back what it wrote`() throws {
    var chance = Chance(seed: 1)
    for _ in 0..<2_000 {
      let record = Self.draw(&chance)
      let bytes = record.bytes
      #expect(try AuditRecord(bytes[...]) == record)
      #expect(bytes.count <= AuditRecord.longest)
    }
  }

  @Test func `has the bytes that the document shows`() throws {
    let record = AuditRecord(
      index: 7, boot: [UInt8](repeating: 0xab, count: 16),
      time: AuditTime(monotonic: 1_000_000, wall: 1_700_000_000_000, quality: .synchronised),
      entry: AuditEntry(
        .alarmRaised, source: .control, number: 3, a: -5,
        actor: AuditActor(name: "n1", role: 1), reference: "x"))
    let expected =
      "ad00070150abababababababababababababababab021a000f4240031b0000018bcfe5680004020518"
      + "6b060007010803" + "0a24" + "0c626e31" + "0d01" + "106178"
    #expect(Hex.encode(record.bytes) == expected)
  }

  @Test func `a text or payload beyond its limit is cut between characters`() throws {
    var entry = AuditEntry(.dataChanged, reference: String(repeating: "ä", count: 100))
    entry.actor = AuditActor(name: String(repeating: "é", count: 33))
    entry.payload = [UInt8](repeating: 1, count: 3_000)
    let record = AuditRecord(
      index: 0, boot: [UInt8](repeating: 0, count: 16),
      time: AuditTime(monotonic: 0, wall: 0, quality: .unknown), entry: entry)
    let read = try AuditRecord(record.bytes[...])
    #expect(read.entry.reference == String(repeating: "ä", count: 64))
    #expect(read.entry.actor?.name == String(repeating: "é", count: 32))
    #expect(read.entry.payload.count == 2_048)
  }

  @Test func `refuses every other form of a record, and garbage without harm`() throws {
    var chance = Chance(seed: 2)
    var accepted = 0
    for _ in 0..<40 {
      let record = Self.draw(&chance)
      let bytes = record.bytes
      for count in bytes.indices where (try? AuditRecord(bytes[..<count])) != nil { accepted += 1 }
      if (try? AuditRecord((bytes + [0])[...])) != nil { accepted += 1 }
      for place in bytes.indices {
        for change in [UInt8(1), 0x20, 0x80, 0xff] {
          var other = bytes
          other[place] ^= change
          // Another value, but never another form of the same.
          guard let read = try? AuditRecord(other[...]) else { continue }
          #expect(read.bytes == other)
          #expect(read != record)
        }
      }
    }
    #expect(accepted == 0)
    for _ in 0..<100_000 {
      let count = Int.random(in: 0...60, using: &chance)
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
      if let read = try? AuditRecord(bytes[...]) { #expect(read.bytes == bytes) }
    }
  }
}

/// SplitMix64.
struct Chance: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
