// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Units

/// A code that works once: 10 signs of 32, without those that look alike.
struct OneTimeCode {
  static let lifetime = Interval.hours(24)
  /// Wrong tries before the code is void.
  static let tries = 10

  let text: String
  private let made: Instant
  private var left = tries

  init(at now: Instant) throws(CryptographyError) {
    let signs = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)
    let drawn = try RandomBytes.make(10).map { signs[Int($0 & 31)] }
    text = String(decoding: drawn, as: UTF8.self)
    made = now
  }

  /// Whether the code is void: too old, or tried too often.
  func isVoid(at now: Instant) -> Bool { left == 0 || now - made >= Self.lifetime }

  mutating func matches(_ other: String, at now: Instant) -> Bool {
    guard !isVoid(at: now) else { return false }
    if SecretMemory.equal(Array(text.utf8), Array(other.utf8)) { return true }
    left -= 1
    return false
  }
}
