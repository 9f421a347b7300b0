// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
public import Domain
import Messages
import Units

/// The form of `recording.bin`: every input of every cycle, and a checksum of what came of it.
///
/// The file is ``magic``, then blocks of length (UInt32), CRC-32 (UInt32) and payload, all
/// little-endian. A payload is a row of entries, each a tag byte and its fields; an entry never
/// crosses a block. Values that repeat are written as their difference from the last of their kind:
/// for every eight bytes a mask of those that changed, then those. The magic's last byte is the
/// version; a change of any field's list is a new version.
public enum RecordingFormat {
  public static var magic: [UInt8] { Array("RPREC".utf8) + [1] }
  /// Payload bytes after which a block is closed at the next end of a cycle.
  static var block: Int { 1 << 16 }
  /// Bytes beyond which no block is read.
  static var longestBlock: Int { 1 << 20 }

  enum Tag: UInt8 {
    case start = 1
    case cycle = 2
    case prepared = 3
    case sensed = 4
    case memoryRead = 5
    case memoryWritten = 6
    case result = 7
  }

  /// Kinds of value whose last one is remembered.
  enum Channel: Int, CaseIterable {
    case link
    case command
    case safety
    case readings
  }
}

/// Why a recording cannot be replayed at all.
public enum RecordingRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  case notARecording
  case version(UInt8)
  case truncated(block: Int)
  case damaged(block: Int)
  case field(FieldRefusal)
  case entry(UInt8)

  public var description: String {
    switch self {
    case .notARecording: "this is not a recording"
    case .version(let version): "version \(version) of the recording is not known"
    case .truncated(let block): "the recording ends within block \(block)"
    case .damaged(let block): "block \(block) of the recording is damaged: its CRC does not match"
    case .field(let refusal): "a field of the recording cannot be: \(refusal)"
    case .entry(let tag): "no entry has the tag \(tag)"
    }
  }
}

/// What one cycle was given besides its readings: the inbox and the time.
struct RecordedLink: Fielded, Hashable {
  var sinceLast = Interval.zero
  var safetyAge: Interval?
  var serviceAlive = false
  var panelAlive = false
  var realtime = false
  var missed: UInt32 = 0
  var lateness = Interval.zero
  var hasCommand = false
  var hasSafety = false
  /// A status other than the last follows.
  var newSafety = false

  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&sinceLast)
    try visitor.field(&safetyAge)
    try visitor.field(&serviceAlive)
    try visitor.field(&panelAlive)
    try visitor.field(&realtime)
    try visitor.field(&missed)
    try visitor.field(&lateness)
    try visitor.field(&hasCommand)
    try visitor.field(&hasSafety)
    try visitor.field(&newSafety)
  }
}

/// The fields of a cycle's readings, in their fixed order.
struct RecordedReadings: Fielded, Hashable {
  var readings = ControlReadings()

  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&readings.stopKey)
    try visitor.field(&readings.confirmKey)
    try visitor.field(&readings.doorClosed)
    try visitor.field(&readings.plungerEngaged)
    try visitor.field(&readings.airDetected)
    try visitor.field(&readings.mains)
    try visitor.field(&readings.linesLost)
    try visitor.field(&readings.pressure)
    try visitor.field(&readings.clamp)
    try drive(&visitor)
    try battery(&visitor)
  }

  private mutating func drive<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var present = readings.drive != nil
    var report = readings.drive ?? DriveReport()
    var faults = report.faults.rawValue
    try visitor.field(&present)
    try visitor.field(&report.position)
    try visitor.field(&faults)
    try visitor.field(&report.energised)
    report.faults = DriveFaults(rawValue: faults)
    readings.drive = present ? report : nil
  }

  private mutating func battery<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var present = readings.battery != nil
    var battery =
      readings.battery ?? BatteryReading(voltage: .zero, charge: .zero, chargePerHour: .zero)
    try visitor.field(&present)
    try visitor.field(&battery.voltage)
    try visitor.field(&battery.charge)
    try visitor.field(&battery.chargePerHour)
    readings.battery = present ? battery : nil
  }
}

/// The running checksum of everything a cycle gives out, over all cycles so far.
struct OutputDigest: FieldVisitor {
  private var sum = Checksum()
  var value: UInt32 { sum.value }

  mutating func field(_ byte: inout UInt8) throws(FieldRefusal) { sum.add(byte) }

  mutating func add(_ order: DriveOrder, _ outputs: ControlOutputs) {
    switch order {
    case .off: sum.add(0)
    case .speed(let speed):
      sum.add(1)
      add(speed)
    }
    var bits: UInt8 = outputs.buzzer ? 1 : 0
    if outputs.lampRed { bits |= 2 }
    if outputs.lampYellow { bits |= 4 }
    if outputs.lampGreen { bits |= 8 }
    if outputs.motorEnable { bits |= 16 }
    sum.add(bits)
  }

  mutating func add(_ block: MemoryBlock, at address: Int) {
    add(Int64(address))
    for position in 0..<block.count { sum.add(block[position]) }
  }

  /// A status or an event; no visitor of this kind refuses a field, so nothing is lost.
  mutating func add<Value: Fielded>(_ value: Value) {
    var copy = value
    try? copy.fields(&self)
  }

  private mutating func add(_ number: Int64) {
    for shift in stride(from: Int64(0), to: 64, by: 8) {
      sum.add(UInt8(truncatingIfNeeded: number &>> shift))
    }
  }
}

/// Appends fields to bytes.
struct ByteWriter: FieldVisitor {
  var bytes: [UInt8] = []
  mutating func field(_ byte: inout UInt8) throws(FieldRefusal) { bytes.append(byte) }
}

/// Takes fields from bytes and never reads past their end.
struct ByteReader: FieldVisitor {
  let bytes: [UInt8]
  var position = 0
  var isAtEnd: Bool { position >= bytes.count }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func field(_ byte: inout UInt8) throws(FieldRefusal) {
    guard position < bytes.count else { throw .tooShort }
    byte = bytes[position]
    position += 1
  }

  mutating func byte() throws(FieldRefusal) -> UInt8 {
    var byte: UInt8 = 0
    try field(&byte)
    return byte
  }
}

/// The fields of a value as bytes; no value of ours refuses its own fields.
func bytes<Value: Fielded>(of value: Value) -> [UInt8] {
  var writer = ByteWriter()
  var copy = value
  try? copy.fields(&writer)
  return writer.bytes
}
