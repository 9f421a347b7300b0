// SPDX-License-Identifier: Apache-2.0

import ServiceAPI

/// The digits of a PIN while they are keyed in: in one fixed place, wiped when they were sent or given up.
///
/// They are no part of what a screen is drawn from (SEC-391).
struct PINDigits: Sendable {
  private var digits: InlineArray<12, UInt8> = InlineArray(repeating: 0)
  private(set) var count = 0
  /// The digit that UP and DOWN are changing; nil before the first of them.
  private(set) var pending: UInt8?

  var isEmpty: Bool { count == 0 && pending == nil }

  mutating func change(by step: Int) {
    guard count < digits.count else { return }
    pending = DigitKeys.changed(pending, by: step)
  }

  /// Takes the digit that is being changed; an untouched one is 0.
  mutating func take() {
    guard count < digits.count else { return }
    digits[count] = pending ?? 0
    count += 1
    pending = nil
  }

  /// Drops the digit that is being changed, or else the last one taken.
  mutating func back() {
    if pending == nil, count > 0 {
      count -= 1
      digits[count] = 0
    }
    pending = nil
  }

  // SEC-391: nothing of a PIN stays where it was keyed in.
  mutating func wipe() {
    for position in digits.indices { digits[position] = 0 }
    count = 0
    pending = nil
  }

  /// The request that carries them.
  ///
  /// Nil when they are too few.
  func packet(badge: String, session: String?) -> [UInt8]? {
    var text: [UInt8] = []
    text.reserveCapacity(digits.count)
    for position in 0..<count { text.append(UInt8(ascii: "0") + digits[position]) }
    defer { for position in text.indices { text[position] = 0 } }
    return PINPacket.make(badge: badge, session: session, pin: text)
  }
}

/// UP and DOWN on one digit.
enum DigitKeys {
  /// The next digit, from 9 on to 0 and back; the first UP on an untouched one gives 1, the first DOWN 9.
  static func changed(_ digit: UInt8?, by step: Int) -> UInt8 {
    UInt8((Int(digit ?? 0) + step + 10) % 10)
  }
}
