// SPDX-License-Identifier: Apache-2.0

public import Domain

/// The bytes of one entry of a recording while it is put together: inside the value, none on the heap.
public struct RecordBuffer: Sendable {
  public static var capacity: Int { 2_048 }
  public private(set) var bytes = InlineArray<2_048, UInt8>(repeating: 0)
  public private(set) var count = 0
  /// A byte found no room; what is in the buffer is no entry.
  public private(set) var overflowed = false

  public init() {}

  public mutating func removeAll() {
    count = 0
    overflowed = false
  }

  /// Marks the buffer as no entry.
  mutating func overflow() { overflowed = true }

  public mutating func append(_ byte: UInt8) {
    guard count < Self.capacity else {
      overflowed = true
      return
    }
    bytes[count] = byte
    count += 1
  }

  /// Changes a byte below ``count``.
  mutating func replace(_ position: Int, _ byte: UInt8) {
    if position >= 0 && position < count { bytes[position] = byte }
  }

  /// Seven bits a byte, the lowest first; the top bit says that more follow.
  mutating func append(variable number: UInt64) {
    var rest = number
    while rest > 0x7f {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func append(word: UInt32) {
    append(UInt8(truncatingIfNeeded: word))
    append(UInt8(truncatingIfNeeded: word &>> 8))
    append(UInt8(truncatingIfNeeded: word &>> 16))
    append(UInt8(truncatingIfNeeded: word &>> 24))
  }
}

extension RecordBuffer: FieldVisitor {
  public mutating func field(_ byte: inout UInt8) throws(FieldRefusal) { append(byte) }
}

/// A running sum over numbers that tells any one of them changed, dropped or exchanged.
///
/// It finds damage and a different output, and is no protection against a forger. One multiplication a
/// number: the cycle that is recorded must not notice.
public struct RecordSum: Hashable, Sendable, BitwiseCopyable {
  private var state: UInt64 = 0x6a09_e667_f3bc_c908

  public init() {}

  public mutating func add(_ number: UInt64) {
    let mixed = (state ^ number) &* 0x9e37_79b9_7f4a_7c15
    state = mixed ^ mixed &>> 32
  }

  public var value: UInt32 { UInt32(truncatingIfNeeded: state ^ state &>> 32) }
}

extension RecordSum: FieldVisitor {
  public mutating func field(_ byte: inout UInt8) throws(FieldRefusal) { add(UInt64(byte)) }
  public mutating func field(_ value: inout UInt16) throws(FieldRefusal) { add(UInt64(value)) }
  public mutating func field(_ value: inout UInt32) throws(FieldRefusal) { add(UInt64(value)) }
  public mutating func field(_ value: inout UInt64) throws(FieldRefusal) { add(value) }
}
