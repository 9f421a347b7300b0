// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `SRS-238`: Self
  @Tag static var `SRS-239`: Self
  @Tag static var `SRS-240`: Self
  @Tag static var `SEC-434`: Self
  @Tag static var `SEC-435`: Self
  @Tag static var `SEC-436`: Self
  @Tag static var `SEC-437`: Self
}

/// The same numbers on every run (xorshift64).
struct Chance {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}

/// Texts near a good one: bytes changed, left out, doubled and moved; then bytes without any sense.
func mutations(of good: [UInt8], count: Int, seed: UInt64, _ body: ([UInt8]) -> Void) {
  var chance = Chance(seed)
  for round in 0..<count {
    var bytes = good
    if round % 8 == 7 {
      bytes = (0..<chance.below(400)).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
    } else {
      for _ in 0...chance.below(4) where !bytes.isEmpty {
        let place = chance.below(bytes.count)
        switch chance.below(5) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: chance.next())
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8(truncatingIfNeeded: chance.next()), at: place)
        case 3: bytes.removeLast(chance.below(bytes.count))
        default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
        }
      }
    }
    body(bytes)
  }
}
