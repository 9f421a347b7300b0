// SPDX-License-Identifier: Apache-2.0

public import Units

/// Why a sequence of fields could not be read or written.
public enum FieldRefusal: UInt8, Error, Sendable {
  /// The bytes end before the field does.
  case tooShort = 1
  /// The buffer has no room for the field.
  case tooLong = 2
  /// A number names no case of the enumeration it stands for.
  case unknownCase = 3
  /// A value lies outside what its type allows.
  case outOfRange = 4
}

#if !hasFeature(Embedded)
  extension FieldRefusal: CaseIterable {}
#endif

/// Something that walks over the fields of a value in their fixed order: a writer, a reader, a hash.
///
/// A type lists its fields once (``Fielded``) and gets its wire form, its journal form and its hash
/// from that one list, so that the three cannot drift apart. A writer leaves the value as it is; a
/// reader replaces it. Integers are little-endian on every medium.
public protocol FieldVisitor {
  /// Visits one byte: the primitive every other field is made of.
  mutating func field(_ byte: inout UInt8) throws(FieldRefusal)
  /// Visits a whole number of two, four or eight bytes; by default byte by byte, the lowest first.
  mutating func field(_ value: inout UInt16) throws(FieldRefusal)
  mutating func field(_ value: inout UInt32) throws(FieldRefusal)
  mutating func field(_ value: inout UInt64) throws(FieldRefusal)
}

/// A value whose fields stand in one fixed order.
public protocol Fielded {
  /// Visits every field once, in order.
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal)
}

extension FieldVisitor {
  @inlinable public mutating func field(_ value: inout UInt16) throws(FieldRefusal) {
    var low = UInt8(truncatingIfNeeded: value)
    var high = UInt8(truncatingIfNeeded: value &>> 8)
    try field(&low)
    try field(&high)
    value = UInt16(low) | UInt16(high) &<< 8
  }

  @inlinable public mutating func field(_ value: inout UInt32) throws(FieldRefusal) {
    var low = UInt16(truncatingIfNeeded: value)
    var high = UInt16(truncatingIfNeeded: value &>> 16)
    try field(&low)
    try field(&high)
    value = UInt32(low) | UInt32(high) &<< 16
  }

  @inlinable public mutating func field(_ value: inout UInt64) throws(FieldRefusal) {
    var low = UInt32(truncatingIfNeeded: value)
    var high = UInt32(truncatingIfNeeded: value &>> 32)
    try field(&low)
    try field(&high)
    value = UInt64(low) | UInt64(high) &<< 32
  }

  @inlinable public mutating func field(_ value: inout Int64) throws(FieldRefusal) {
    var bits = UInt64(bitPattern: value)
    try field(&bits)
    value = Int64(bitPattern: bits)
  }

  @inlinable public mutating func field(_ value: inout Int32) throws(FieldRefusal) {
    var bits = UInt32(bitPattern: value)
    try field(&bits)
    value = Int32(bitPattern: bits)
  }

  /// A truth value is 0 or 1; any other byte is refused.
  @inlinable public mutating func field(_ value: inout Bool) throws(FieldRefusal) {
    var byte: UInt8 = value ? 1 : 0
    try field(&byte)
    guard byte <= 1 else { throw .unknownCase }
    value = byte == 1
  }

  @inlinable public mutating func field<Q: Quantity>(_ value: inout Q) throws(FieldRefusal) {
    var native = value.native
    try field(&native)
    value = Q(native: native)
  }

  /// An enumeration is its raw number; a number without a case is refused.
  @inlinable public mutating func field<E: RawRepresentable<UInt8>>(_ value: inout E)
    throws(FieldRefusal)
  {
    var raw = value.rawValue
    try field(&raw)
    guard let known = E(rawValue: raw) else { throw .unknownCase }
    value = known
  }

  /// A presence byte, then the value's fields whether present or not, so that lengths stay fixed.
  @inlinable public mutating func field<T: Fielded>(_ value: inout T?, absent: T)
    throws(FieldRefusal)
  {
    var present = value != nil
    var content = value ?? absent
    try field(&present)
    try content.fields(&self)
    value = present ? content : nil
  }

  /// A presence byte, then the enumeration's number; that of `absent` when there is none.
  @inlinable public mutating func field<E: RawRepresentable<UInt8>>(_ value: inout E?, absent: E)
    throws(FieldRefusal)
  {
    var present = value != nil
    var content = value ?? absent
    try field(&present)
    try field(&content)
    value = present ? content : nil
  }

  /// A presence byte, then the quantity; zero when absent.
  @inlinable public mutating func field<Q: Quantity>(_ value: inout Q?) throws(FieldRefusal) {
    var present = value != nil
    var content = value ?? .zero
    try field(&present)
    try field(&content)
    value = present ? content : nil
  }
}
