// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

extension I2CTransfer {
  /// A transfer that writes up to three bytes and then reads.
  @inlinable
  public init(to address: UInt8, writing first: UInt8, reading count: Int) {
    self.init(to: address, reading: count)
    append(first)
  }

  /// The big-endian word read at a position.
  @inlinable @inline(__always)
  public func bigEndianWord(at position: Int) -> UInt16 {
    UInt16(read(position)) << 8 | UInt16(read(position + 1))
  }

  /// Adds a word, high byte first.
  @inlinable @inline(__always)
  public mutating func append(bigEndian word: UInt16) {
    append(UInt8(truncatingIfNeeded: word >> 8))
    append(UInt8(truncatingIfNeeded: word))
  }

  /// The little-endian 32-bit number read at a position.
  @inlinable @inline(__always)
  public func littleEndianLong(at position: Int) -> UInt32 {
    UInt32(read(position)) | UInt32(read(position + 1)) << 8 | UInt32(read(position + 2)) << 16
      | UInt32(read(position + 3)) << 24
  }

  /// Adds a 32-bit number, low byte first.
  @inlinable @inline(__always)
  public mutating func append(littleEndian long: UInt32) {
    append(UInt8(truncatingIfNeeded: long))
    append(UInt8(truncatingIfNeeded: long >> 8))
    append(UInt8(truncatingIfNeeded: long >> 16))
    append(UInt8(truncatingIfNeeded: long >> 24))
  }
}
