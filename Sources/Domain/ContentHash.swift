// SPDX-License-Identifier: Apache-2.0

/// A SHA-256 digest: the name a prescription has in every process and every record.
///
/// Written here, in plain integers, because the two lower processes link no library; it names
/// content and guards no secret. Source: FIPS 180-4, sections 4.1.2, 5 and 6.2.
public struct ContentHash: Hashable, Sendable, BitwiseCopyable, Fielded {
  public let word0: UInt64
  public let word1: UInt64
  public let word2: UInt64
  public let word3: UInt64

  /// The digest's 32 bytes as four big-endian words.
  @inlinable public init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
  }

  /// No content: what is held before anything is held.
  ///
  /// Not the digest of any known input.
  @inlinable public static var none: ContentHash { ContentHash(0, 0, 0, 0) }

  /// The first 32 bits: what a screen shows and a person can compare, 8 hexadecimal digits.
  public var short: UInt32 { UInt32(truncatingIfNeeded: word0 &>> 32) }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var words = (word0, word1, word2, word3)
    try visitor.field(&words.0)
    try visitor.field(&words.1)
    try visitor.field(&words.2)
    try visitor.field(&words.3)
    self = ContentHash(words.0, words.1, words.2, words.3)
  }
}

/// Takes bytes one at a time and gives their SHA-256.
///
/// A ``FieldVisitor``, so that `try value.fields(&hasher)` hashes exactly the bytes that the wire
/// and the journal carry.
public struct ContentHasher: FieldVisitor, Sendable {
  private var state: InlineArray<8, UInt32>
  private var block: InlineArray<64, UInt8>
  private var filled: Int
  private var length: UInt64

  public init() {
    state = [
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
      0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    block = InlineArray(repeating: 0)
    filled = 0
    length = 0
  }

  public mutating func field(_ byte: inout UInt8) throws(FieldRefusal) { add(byte) }

  /// Adds one byte of the message.
  public mutating func add(_ byte: UInt8) {
    length &+= 8
    append(byte)
  }

  /// Ends the message; the hasher is of no further use.
  public mutating func finish() -> ContentHash {
    let bits = length
    append(0x80)
    while filled != 56 { append(0) }
    var shift: UInt64 = 64
    while shift > 0 {
      shift -= 8
      append(UInt8(truncatingIfNeeded: bits &>> shift))
    }
    return ContentHash(pair(0), pair(2), pair(4), pair(6))
  }

  private func pair(_ index: Int) -> UInt64 {
    UInt64(state[index]) &<< 32 | UInt64(state[index + 1])
  }

  private mutating func append(_ byte: UInt8) {
    block[filled] = byte
    filled += 1
    if filled == 64 {
      compress()
      filled = 0
    }
  }

  private mutating func compress() {
    var w = InlineArray<64, UInt32>(repeating: 0)
    for t in 0..<16 {
      w[t] =
        UInt32(block[4 * t]) &<< 24 | UInt32(block[4 * t + 1]) &<< 16
        | UInt32(block[4 * t + 2]) &<< 8 | UInt32(block[4 * t + 3])
    }
    for t in 16..<64 {
      let s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] &>> 3)
      let s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] &>> 10)
      w[t] = w[t - 16] &+ s0 &+ w[t - 7] &+ s1
    }
    var a = state[0]
    var b = state[1]
    var c = state[2]
    var d = state[3]
    var e = state[4]
    var f = state[5]
    var g = state[6]
    var h = state[7]
    let k = Self.roundConstants()
    for t in 0..<64 {
      let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let choice = (e & f) ^ (~e & g)
      let t1 = h &+ sum1 &+ choice &+ k[t] &+ w[t]
      let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let majority = (a & b) ^ (a & c) ^ (b & c)
      h = g
      g = f
      f = e
      e = d &+ t1
      d = c
      c = b
      b = a
      a = t1 &+ sum0 &+ majority
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
    state[4] &+= e
    state[5] &+= f
    state[6] &+= g
    state[7] &+= h
  }

  private func rotate(_ word: UInt32, _ by: UInt32) -> UInt32 {
    word &>> by | word &<< (32 &- by)
  }

  // A function, not a static: the first use of a static would take a lock inside the cycle.
  private static func roundConstants() -> InlineArray<64, UInt32> {
    [
      0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
      0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
      0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
      0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
      0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
      0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
      0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
      0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
      0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
      0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
      0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
  }
}
