// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// Everything one process of the pump says to another.
///
/// Each is a full state or a whole request of fixed length: a missed status is healed by the next
/// and a repeated one changes nothing.
public enum Frame: Hashable, Sendable {
  case command(Command)
  case control(ControlStatus)
  case safety(SafetyStatus)
  case event(PumpEvent)
  case busRequest(BusRequest)
  case busReply(BusReply)
  case updateNotice(UpdateNotice)
  case updateAnswer(UpdateAnswer)
  case updateRefusal(UpdateRefusal)

  public var kind: FrameKind {
    switch self {
    case .command: .command
    case .control: .control
    case .safety: .safety
    case .event: .event
    case .busRequest: .busRequest
    case .busReply: .busReply
    case .updateNotice: .updateNotice
    case .updateAnswer: .updateAnswer
    case .updateRefusal: .updateRefusal
    }
  }
}

/// Writes a frame.
///
/// A value that breaks its own rule (a `program` without a draft) gives an empty frame, which no
/// transport sends and ``decode(_:)`` refuses as too short.
// RC-023 SRS-077: version, length, sequence, time and CRC-32 in every frame.
public func encode(_ frame: Frame, sequence: UInt32, at now: Instant) -> FrameBytes {
  do {
    var writer = FrameWriter(bytes: FrameBytes())
    try writeHeader(
      FrameHeader(kind: frame.kind, sequence: sequence, sentAt: now), to: &writer)
    switch frame {
    case .command(var value): try value.fields(&writer)
    case .control(var value): try value.fields(&writer)
    case .safety(var value): try value.fields(&writer)
    case .event(var value): try value.fields(&writer)
    case .busRequest(var value): try value.fields(&writer)
    case .busReply(var value): try value.fields(&writer)
    case .updateNotice(var value): try value.fields(&writer)
    case .updateAnswer(var value): try value.fields(&writer)
    case .updateRefusal(var value): try value.fields(&writer)
    }
    var sum = Checksum.of(writer.bytes, first: writer.bytes.count)
    try writer.field(&sum)
    return writer.bytes
  } catch {
    return FrameBytes()
  }
}

/// Reads a frame: a value, or the first reason why the bytes are none. Never traps.
// RC-023 RC-095 SRS-078 SEC-007: a damaged or foreign frame is refused with its reason.
public func decode(_ bytes: FrameBytes) throws(FrameRefusal) -> (header: FrameHeader, frame: Frame)
{
  let header = try readHeader(bytes)
  let end = FrameHeader.size + header.kind.payloadLength
  var reader = FrameReader(bytes, from: FrameHeader.size, to: end)
  do throws(FieldRefusal) {
    return (header, try readPayload(header.kind, from: &reader))
  } catch {
    throw .badField(error)
  }
}

private func readPayload(_ kind: FrameKind, from reader: inout FrameReader) throws(FieldRefusal)
  -> Frame
{
  switch kind {
  case .command:
    // Both branches of `draft` are read; `heartbeat` stands where no command is yet.
    var value = Command(.heartbeat, from: .service, number: 0)
    try value.fields(&reader)
    return .command(value)
  case .control:
    var value = ControlStatus()
    try value.fields(&reader)
    return .control(value)
  case .safety:
    var value = SafetyStatus()
    try value.fields(&reader)
    return .safety(value)
  case .event:
    var value = PumpEvent(source: .control, kind: .started, at: .zero)
    try value.fields(&reader)
    return .event(value)
  case .busRequest:
    var value = BusRequest.sample
    try value.fields(&reader)
    return .busRequest(value)
  case .busReply:
    var value = BusReply.done
    try value.fields(&reader)
    return .busReply(value)
  case .updateNotice:
    var value = UpdateNotice()
    try value.fields(&reader)
    return .updateNotice(value)
  case .updateAnswer:
    var value = UpdateAnswer(.seen)
    try value.fields(&reader)
    return .updateAnswer(value)
  case .updateRefusal:
    var value = UpdateRefusal(number: 0, code: ShortName())
    try value.fields(&reader)
    return .updateRefusal(value)
  }
}

private func writeHeader(_ header: FrameHeader, to writer: inout FrameWriter) throws(FieldRefusal) {
  var magic = FrameHeader.magic
  var version = FrameHeader.version
  var kind = header.kind
  var length = UInt16(clamping: header.kind.payloadLength)
  var sequence = header.sequence
  var sentAt = header.sentAt
  try writer.field(&magic)
  try writer.field(&version)
  try writer.field(&kind)
  try writer.field(&length)
  try writer.field(&sequence)
  try writer.field(&sentAt)
}

private func readHeader(_ bytes: FrameBytes) throws(FrameRefusal) -> FrameHeader {
  guard bytes.count >= FrameHeader.size + FrameHeader.trailer else { throw .tooShort }
  let end = bytes.count - FrameHeader.trailer
  var reader = FrameReader(bytes, from: 0, to: bytes.count)
  var magic: UInt32 = 0
  var version: UInt8 = 0
  var number: UInt8 = 0
  var length: UInt16 = 0
  var sequence: UInt32 = 0
  var sentAt = Instant.zero
  do throws(FieldRefusal) {
    try reader.field(&magic)
    try reader.field(&version)
    try reader.field(&number)
    try reader.field(&length)
    try reader.field(&sequence)
    try reader.field(&sentAt)
  } catch {
    throw .tooShort
  }
  guard magic == FrameHeader.magic else { throw .badMagic }
  guard version == FrameHeader.version else { throw .badVersion }
  guard let kind = FrameKind(rawValue: number) else { throw .badKind }
  guard Int(length) == kind.payloadLength, end == FrameHeader.size + Int(length) else {
    throw .badLength
  }
  var stated: UInt32 = 0
  var trailer = FrameReader(bytes, from: end, to: bytes.count)
  do throws(FieldRefusal) { try trailer.field(&stated) } catch { throw .tooShort }
  guard stated == Checksum.of(bytes, first: end) else { throw .badChecksum }
  return FrameHeader(kind: kind, sequence: sequence, sentAt: sentAt)
}
