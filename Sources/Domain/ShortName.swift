// SPDX-License-Identifier: Apache-2.0

/// A drug's name.
public typealias DrugName = ShortName

/// A name as the screen shows it, of a drug or of a software version: up to 24 bytes of printable ASCII.
///
/// Fixed in size so that what holds it is a plain value, and printable so that a name can neither
/// blank nor rearrange a screen. Anything else is refused, never cut: two names that differ after
/// byte 24 must not look alike.
public struct ShortName: Hashable, Sendable, Fielded {
  @inlinable public static var capacity: Int { 24 }

  @usableFromInline var bytes: InlineArray<24, UInt8>
  /// How many bytes the name has, 0 to 24.
  @inlinable public var count: UInt8 { used }
  @usableFromInline var used: UInt8

  /// The empty name: nothing was named.
  public init() {
    bytes = InlineArray(repeating: 0)
    used = 0
  }

  /// The byte at a position below ``count``; zero beyond it.
  public subscript(position: Int) -> UInt8 {
    position >= 0 && position < Int(count) ? bytes[position] : 0
  }

  /// Adds a byte; `false`, and no change, when it is not printable ASCII or the name is full.
  @discardableResult
  public mutating func append(_ byte: UInt8) -> Bool {
    guard byte >= 0x20, byte < 0x7f, Int(count) < Self.capacity else { return false }
    bytes[Int(count)] = byte
    used += 1
    return true
  }

  public static func == (left: Self, right: Self) -> Bool {
    // Beyond the name every byte is zero.
    guard left.count == right.count else { return false }
    for position in 0..<Int(left.count) where left.bytes[position] != right.bytes[position] {
      return false
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for position in 0..<Int(count) { hasher.combine(bytes[position]) }
  }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&used)
    guard Int(count) <= Self.capacity else { throw .outOfRange }
    for position in 0..<Self.capacity {
      try visitor.field(&bytes[position])
      let printable = bytes[position] >= 0x20 && bytes[position] < 0x7f
      guard position < Int(count) ? printable : bytes[position] == 0 else { throw .outOfRange }
    }
  }
}

#if !hasFeature(Embedded)
  extension ShortName {
    /// The name from text; `nil` when it does not fit or is not printable ASCII.
    // SEC-054: a name is only a name.
    public init?(_ text: String) {
      self.init()
      for byte in text.utf8 where !append(byte) { return nil }
    }

    public var text: String {
      String(decoding: (0..<Int(count)).map { self[$0] }, as: UTF8.self)
    }
  }
#endif
