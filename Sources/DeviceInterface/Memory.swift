// SPDX-License-Identifier: Apache-2.0

/// Up to 32 bytes on their way to or from a memory.
public struct MemoryBlock: Sendable {
  @inlinable public static var capacity: Int { 32 }
  @usableFromInline var bytes: InlineArray<32, UInt8>
  @usableFromInline var filled: Int
  /// How many bytes there are.
  @inlinable public var count: Int { filled }

  @inlinable public init() {
    bytes = InlineArray(repeating: 0)
    filled = 0
  }

  /// Adds a byte; `false`, and no change, when the block is full.
  @inlinable @discardableResult
  public mutating func append(_ byte: UInt8) -> Bool {
    guard filled < Self.capacity else { return false }
    bytes[filled] = byte
    filled += 1
    return true
  }

  /// The byte at a position below ``count``; zero beyond it.
  @inlinable public subscript(position: Int) -> UInt8 {
    position >= 0 && position < count ? bytes[position] : 0
  }
}

/// A small memory that keeps its content without power and wears out slowly: what the journal of
/// delivered volume is written to (RC-006).
///
/// **Contract.** A write is durable when `write` returns. A power loss during a write may leave any
/// mix of old and new bytes in the range written and changes nothing outside it.
public protocol NonVolatileMemory {
  associatedtype Port
  /// The memory's size in bytes.
  var size: Int { get }
  mutating func write(_ block: MemoryBlock, at address: Int, on port: inout Port) throws(BusError)
  /// Reads up to 32 bytes.
  mutating func read(_ count: Int, at address: Int, on port: inout Port) throws(BusError)
    -> MemoryBlock
}
