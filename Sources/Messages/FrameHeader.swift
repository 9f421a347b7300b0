// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// What a frame carries.
///
/// The number is the kind's name on the wire and is never reused.
public enum FrameKind: UInt8, Sendable, BitwiseCopyable {
  case command = 1
  case control = 2
  case safety = 3
  case event = 4
  case busRequest = 5
  case busReply = 6
  case updateNotice = 7
  case updateAnswer = 8
  case updateRefusal = 9

  /// The payload of this kind in bytes.
  ///
  /// Every payload has one length, whatever it holds.
  public var payloadLength: Int {
    switch self {
    case .command: 110
    case .control: 402
    case .safety: 110
    case .event: 31
    case .busRequest: 45
    case .busReply: 48
    case .updateNotice: 169
    case .updateAnswer: 34
    case .updateRefusal: 33
    }
  }
}

/// What stands before every payload.
///
/// ```
/// offset  0      4        5     6       8         12      20        20 + length
///         magic  version  kind  length  sequence  sentAt  payload…  CRC-32 of all before
///         "RPMP" u8       u8    u16     u32       i64               u32
/// ```
///
/// Integers are little-endian. `length` counts the payload alone.
public struct FrameHeader: Hashable, Sendable, BitwiseCopyable {
  /// "RPMP" as a little-endian number.
  public static var magic: UInt32 { 0x504d_5052 }
  /// Changed with every change of any layout: both ends of a pump are installed together, so a
  /// frame of another version is refused and never guessed at.
  public static var version: UInt8 { 3 }
  /// Bytes before the payload.
  public static var size: Int { 20 }
  /// Bytes of the checksum after the payload.
  public static var trailer: Int { 4 }

  public var kind: FrameKind
  /// Counts up by one with each frame of a sender and wraps at 2³²; a bus reply carries the number
  /// of its request.
  public var sequence: UInt32
  /// When the sender sent it, on the clock all processes of one pump share.
  public var sentAt: Instant

  public init(kind: FrameKind, sequence: UInt32, sentAt: Instant) {
    self.kind = kind
    self.sequence = sequence
    self.sentAt = sentAt
  }
}

/// Why bytes are not a frame, in the order of the checks.
public enum FrameRefusal: Error, Hashable, Sendable {
  /// Fewer bytes than header and checksum.
  case tooShort
  case badMagic
  case badVersion
  case badKind
  /// The length stated is not the number of bytes there, or not this kind's.
  case badLength
  case badChecksum
  /// A field holds what its type does not allow, though the checksum is right: another build.
  case badField(FieldRefusal)
}
