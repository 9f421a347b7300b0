// SPDX-License-Identifier: Apache-2.0

/// One transfer on an I²C bus: write, then read after a repeated start.
///
/// ```
/// write only    S addr+W [ACK] b0 [ACK] … bn [ACK] P
/// write, read   S addr+W [ACK] b0 … bn [ACK] Sr addr+R [ACK] r0 … rm [NACK] P
/// read only     S addr+R [ACK] r0 … rm [NACK] P
/// ```
///
/// The bytes live inside the value, so that a transfer allocates nothing. At most 33 bytes go out
/// (a register and an SMBus block of 32) and at most 32 come in.
public struct I2CTransfer: Sendable {
  @inlinable public static var longestWrite: Int { 33 }
  @inlinable public static var longestRead: Int { 32 }

  /// The 7-bit address, right-aligned: an ADS1115 with ADDR at ground is 0x48.
  public let address: UInt8
  /// How many bytes ``append(_:)`` has put in.
  @inlinable public var writeCount: Int { filled }
  @usableFromInline var filled: Int
  /// How many bytes are to be read.
  public let readCount: Int
  @usableFromInline var out: InlineArray<33, UInt8>
  @usableFromInline var into: InlineArray<32, UInt8>

  /// A transfer that reads `reading` bytes (cut to ``longestRead``) after what is appended.
  @inlinable public init(to address: UInt8, reading: Int = 0) {
    self.address = address
    filled = 0
    readCount = Swift.max(0, Swift.min(reading, Self.longestRead))
    out = InlineArray(repeating: 0)
    into = InlineArray(repeating: 0)
  }

  /// Adds a byte to write; `false`, and no change, when there is no room.
  // Always inlined, as what follows: at a constant position most of it falls away.
  @inlinable @inline(__always) @discardableResult
  public mutating func append(_ byte: UInt8) -> Bool {
    guard filled < Self.longestWrite else { return false }
    out[filled] = byte
    filled += 1
    return true
  }

  /// The byte written at a position below ``writeCount``; zero beyond it.
  @inlinable @inline(__always)
  public func written(_ position: Int) -> UInt8 {
    position >= 0 && position < writeCount ? out[position] : 0
  }

  /// The byte read at a position below ``readCount``; zero beyond it.
  @inlinable @inline(__always)
  public func read(_ position: Int) -> UInt8 {
    position >= 0 && position < readCount ? into[position] : 0
  }

  /// For buses: stores a byte that came in.
  @inlinable @inline(__always)
  public mutating func store(_ byte: UInt8, at position: Int) {
    if position >= 0 && position < readCount { into[position] = byte }
  }

  /// For buses: stores the low bytes of a number, the lowest first; what finds no room is dropped.
  @inlinable
  public mutating func store(littleEndian number: Int64, bytes: Int, at position: Int) {
    guard position >= 0 else { return }
    var rest = number
    var place = position
    let end = bytes < readCount - position ? position + bytes : readCount
    while place < end {
      into[place] = UInt8(truncatingIfNeeded: rest)
      rest &>>= 8
      place &+= 1
    }
  }
}

/// An I²C bus as a driver sees it.
///
/// **For driver authors.** The bus is lent for one call as `inout`; a driver keeps no reference to
/// it, so several chips share a bus without a lock. A thrown error leaves the device's state unknown.
///
/// **For bus authors.** Perform the whole transfer before returning, retry nothing silently, and
/// answer within 5 ms or throw `timeout`. Two implementations exist: Linux i2c-dev, and a
/// simulated bus with register-level chips, in this process or behind a socket.
public protocol I2CBus {
  /// Performs the transfer and fills in what was read.
  mutating func perform(_ transfer: inout I2CTransfer) throws(BusError)
}
