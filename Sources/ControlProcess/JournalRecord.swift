// SPDX-License-Identifier: Apache-2.0

public import Units

/// One record of delivered volume: what is certain, and up to where motion was intended.
///
/// 64 bytes: version, three zero bytes, sequence, the head of the prescription's hash, four volumes,
/// zero bytes, CRC-32 (ISO 3309, polynomial 0xEDB88320) of the 60 bytes before it. Little-endian.
public struct JournalRecord: Hashable, Sendable, BitwiseCopyable {
  public static var size: Int { 64 }
  static var version: UInt8 { 1 }

  public var sequence: UInt32 = 0
  /// The first 64 bits of the prescription's hash.
  public var prescription: UInt64 = 0
  /// At least this much was delivered when the power went, and at most that.
  public var delivered: Volume = .zero
  public var deliveredBound: Volume = .zero
  public var kvo: Volume = .zero
  public var kvoBound: Volume = .zero

  public init() {}

  /// The volume is exact: nothing was intended beyond it.
  public var settled: Bool { delivered == deliveredBound && kvo == kvoBound }

  /// The record's bytes.
  public func bytes() -> InlineArray<64, UInt8> {
    var out = Bytes()
    out.put(UInt64(Self.version), 4)
    out.put(UInt64(sequence), 4)
    out.put(prescription, 8)
    out.put(UInt64(bitPattern: delivered.native), 8)
    out.put(UInt64(bitPattern: deliveredBound.native), 8)
    out.put(UInt64(bitPattern: kvo.native), 8)
    out.put(UInt64(bitPattern: kvoBound.native), 8)
    out.position = 60
    out.put(UInt64(Self.checksum(out.content)), 4)
    return out.content
  }

  /// The record in the bytes; `nil` when they are not one, whole and of this version.
  public init?(_ bytes: InlineArray<64, UInt8>) {
    var input = Bytes()
    input.content = bytes
    input.position = 60
    // SRS-071: a journal record finds any flipped bit.
    guard input.take(4) == UInt64(Self.checksum(bytes)) else { return nil }
    input.position = 0
    guard input.take(4) == UInt64(Self.version) else { return nil }
    sequence = UInt32(truncatingIfNeeded: input.take(4))
    prescription = input.take(8)
    delivered = Volume(native: Int64(bitPattern: input.take(8)))
    deliveredBound = Volume(native: Int64(bitPattern: input.take(8)))
    kvo = Volume(native: Int64(bitPattern: input.take(8)))
    kvoBound = Volume(native: Int64(bitPattern: input.take(8)))
    guard delivered <= deliveredBound, kvo <= kvoBound else { return nil }
  }

  private static func checksum(_ bytes: InlineArray<64, UInt8>) -> UInt32 {
    var crc: UInt32 = 0xffff_ffff
    for position in 0..<60 {
      crc ^= UInt32(bytes[position])
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc &>> 1 ^ 0xedb8_8320 : crc &>> 1 }
    }
    return ~crc
  }

  private struct Bytes {
    var content = InlineArray<64, UInt8>(repeating: 0)
    var position = 0

    mutating func put(_ value: UInt64, _ count: Int) {
      for byte in 0..<count {
        content[position] = UInt8(truncatingIfNeeded: value &>> UInt64(8 * byte))
        position += 1
      }
    }

    mutating func take(_ count: Int) -> UInt64 {
      var value: UInt64 = 0
      for byte in 0..<count {
        value |= UInt64(content[position]) &<< UInt64(8 * byte)
        position += 1
      }
      return value
    }
  }
}
