// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// A SHA-256 hash of the tree: 32 bytes as a value, so that millions of them cost no allocation.
public struct Hash: Hashable, Sendable, BitwiseCopyable {
  public static let size = 32
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// Takes 32 bytes; nil for another count.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Hash.size else { return nil }
    self.init(Array(bytes), at: 0)
  }

  /// Takes 32 bytes out of more.
  init(_ bytes: [UInt8], at start: Int) {
    func word(_ start: Int) -> UInt64 {
      var value: UInt64 = 0
      for place in start..<start + 8 { value = value << 8 | UInt64(bytes[place]) }
      return value
    }
    words = (word(start), word(start + 8), word(start + 16), word(start + 24))
  }

  private init(_ words: SHA256.Words) { self.words = (words.0, words.1, words.2, words.3) }

  /// SHA-256(0x00 ‖ record): a leaf (RFC 6962 §2.1).
  public static func leaf(_ record: Span<UInt8>) -> Hash { Hash(SHA256.words(of: 0, record)) }

  /// SHA-256(0x01 ‖ left ‖ right): a node.
  static func node(_ left: Hash, _ right: Hash) -> Hash {
    Hash(SHA256.words(of: 1, left.words, right.words))
  }

  public static func == (one: Hash, other: Hash) -> Bool {
    one.words.0 == other.words.0 && one.words.1 == other.words.1 && one.words.2 == other.words.2
      && one.words.3 == other.words.3
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Hash.size)
    append(to: &bytes)
    return bytes
  }

  /// Adds the 32 bytes at the end.
  func append(to bytes: inout [UInt8]) {
    Hash.append(words.0, to: &bytes)
    Hash.append(words.1, to: &bytes)
    Hash.append(words.2, to: &bytes)
    Hash.append(words.3, to: &bytes)
  }

  @inline(__always)
  private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: word >> 56))
    bytes.append(UInt8(truncatingIfNeeded: word >> 48))
    bytes.append(UInt8(truncatingIfNeeded: word >> 40))
    bytes.append(UInt8(truncatingIfNeeded: word >> 32))
    bytes.append(UInt8(truncatingIfNeeded: word >> 24))
    bytes.append(UInt8(truncatingIfNeeded: word >> 16))
    bytes.append(UInt8(truncatingIfNeeded: word >> 8))
    bytes.append(UInt8(truncatingIfNeeded: word))
  }

  /// The first 8 bytes as a number: the check of a frame.
  var check: UInt64 { words.0 }
}

extension Hash: CustomStringConvertible {
  public var description: String { Base64.encode(bytes) }
}

/// SHA-256 of the bytes.
func sha256(_ bytes: [UInt8]) -> Hash { Hash(SHA256.hash(bytes), at: 0) }
