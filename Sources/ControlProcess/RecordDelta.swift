// SPDX-License-Identifier: Apache-2.0

public import Domain

/// The last value of every field of one kind of entry, in the order of its fields; at most 64.
public struct RecordMemory: Sendable {
  var words = InlineArray<64, UInt64>(repeating: 0)
  public init() {}
}

/// Finds out which fields differ from the last entry of their kind; kept and used again, so that
/// nothing of it is copied.
struct DeltaWriter: FieldVisitor {
  private var memory = RecordMemory()
  /// Bit *n*: field *n* differs.
  private(set) var mask: UInt64 = 0
  private var changes = InlineArray<64, UInt64>(repeating: 0)
  private var position = 0

  init() {}

  /// Begins an entry.
  mutating func begin() {
    mask = 0
    position = 0
  }

  /// Forgets every entry before.
  mutating func forget() { memory = RecordMemory() }

  private mutating func note(_ word: UInt64) throws(FieldRefusal) {
    guard position < 64 else { throw .tooLong }
    if memory.words[position] != word {
      mask |= 1 &<< UInt64(position)
      changes[position] = word &- memory.words[position]
      memory.words[position] = word
    }
    position += 1
  }

  mutating func field(_ byte: inout UInt8) throws(FieldRefusal) { try note(UInt64(byte)) }
  mutating func field(_ value: inout UInt16) throws(FieldRefusal) { try note(UInt64(value)) }
  mutating func field(_ value: inout UInt32) throws(FieldRefusal) { try note(UInt64(value)) }
  mutating func field(_ value: inout UInt64) throws(FieldRefusal) { try note(value) }

  /// The mask, then the differences of the fields that changed, small ones short whatever their sign.
  mutating func write(to buffer: inout RecordBuffer, _ sum: inout RecordSum) {
    buffer.append(variable: mask)
    sum.add(mask)
    var rest = mask
    while rest != 0 {
      let change = changes[rest.trailingZeroBitCount]
      buffer.append(variable: change &<< 1 ^ (change &>> 63 == 1 ? .max : 0))
      sum.add(change)
      rest &= rest &- 1
    }
  }
}

/// Gives a value the fields that an entry changed.
public struct DeltaReader: FieldVisitor {
  public var memory: RecordMemory
  private var position = 0

  public init(_ memory: RecordMemory) { self.memory = memory }

  /// Takes up the change of one field.
  public mutating func change(_ field: Int, by change: UInt64) {
    if field >= 0 && field < 64 { memory.words[field] = memory.words[field] &+ change }
  }

  private mutating func next() throws(FieldRefusal) -> UInt64 {
    guard position < 64 else { throw .tooLong }
    position += 1
    return memory.words[position - 1]
  }

  public mutating func field(_ byte: inout UInt8) throws(FieldRefusal) {
    guard let value = UInt8(exactly: try next()) else { throw .outOfRange }
    byte = value
  }
  public mutating func field(_ value: inout UInt16) throws(FieldRefusal) {
    guard let number = UInt16(exactly: try next()) else { throw .outOfRange }
    value = number
  }
  public mutating func field(_ value: inout UInt32) throws(FieldRefusal) {
    guard let number = UInt32(exactly: try next()) else { throw .outOfRange }
    value = number
  }
  public mutating func field(_ value: inout UInt64) throws(FieldRefusal) { value = try next() }
}
