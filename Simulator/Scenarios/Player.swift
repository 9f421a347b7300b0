// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import Domain
import Units

/// Reads a recording back, entry by entry, from the oldest segment that the newest still follows
/// without a gap.
struct Player {
  /// One thing that the recording says.
  enum Step {
    /// The controller's state before the next cycle.
    case checkpoint(state: [UInt8])
    /// A cycle: what it was given, and what it gave; `nil` when the process ended in it.
    case cycle(Cycle)
  }

  struct Cycle {
    var now: Instant
    var inbox: ControlInbox
    var input: RecordedInput
    var output: Output?
  }

  /// What a cycle gave: the outcomes of its memory's writes and the sum of everything.
  struct Output: Hashable {
    var writes: [UInt8] = []
    var sum: UInt32 = 0
  }

  /// The number of the first segment there is; 1 when the recording begins with the process.
  let firstSegment: UInt64

  private var segments: [(number: UInt64, bytes: [UInt8])]
  private var segment = 0
  private var reader = EntryReader([])
  private var inputs = RecordMemory()
  private var statuses = RecordMemory()
  private var sum = RecordSum()
  private var clock = Instant.zero
  private var safety: SafetyStatus?
  private var safetyAt: Instant?

  init(_ file: [UInt8]) throws(RecordingRefusal) {
    segments = try Player.segments(of: file)
    firstSegment = segments.first?.number ?? 0
    reader = EntryReader(segments.first?.bytes ?? [])
  }

  /// The newest unbroken row of segments, oldest first.
  private static func segments(
    of file: [UInt8]
  ) throws(RecordingRefusal) -> [(number: UInt64, bytes: [UInt8])] {
    guard file.count >= 6, Array(file[0..<5]) == Array("RPREC".utf8) else { throw .notARecording }
    guard file[5] == RecordFormat.version else { throw .version(file[5]) }
    let header = RecordFormat.headerLength
    guard file.count > header, file[6] == 0, file[7] == 0,
      word(file, 8) == UInt64(RecordFormat.segmentLength), file[16..<header].allSatisfy({ $0 == 0 })
    else { throw .empty }
    var found: [(number: UInt64, bytes: [UInt8])] = []
    var start = header
    while start + RecordFormat.segmentHeaderLength <= file.count {
      let number = word(file, start)
      let counted = word(file, start + 8)
      // A segment that nobody has begun is all zeros.
      if number == 0 && counted == 0 {
        start += RecordFormat.segmentLength
        continue
      }
      guard let length = RecordFormat.length(of: counted) else { throw .damaged(segment: number) }
      if length > 0 {
        let end = start + length
        guard length >= RecordFormat.segmentHeaderLength, length <= RecordFormat.segmentLength,
          end <= file.count
        else { throw .damaged(segment: number) }
        found.append(
          (number, Array(file[start + RecordFormat.segmentHeaderLength..<end])))
      }
      start += RecordFormat.segmentLength
    }
    found.sort { $0.number < $1.number }
    var first = found.count - 1
    guard first >= 0 else { throw .empty }
    while first > 0, found[first - 1].number &+ 1 == found[first].number { first -= 1 }
    return Array(found[first...])
  }

  private static func word(_ file: [UInt8], _ offset: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(file[offset + $1]) << UInt64(8 * $1) }
  }

  /// The next step; `nil` at the end of the recording.
  mutating func next() throws(RecordingRefusal) -> Step? {
    while reader.isAtEnd {
      guard segment + 1 < segments.count else { return nil }
      segment += 1
      reader = EntryReader(segments[segment].bytes)
    }
    switch try open() {
    case .checkpoint: return .checkpoint(state: try checkpoint())
    case .input: return .cycle(try cycle())
    case .output: throw damage
    }
  }

  // MARK: Entries

  private var damage: RecordingRefusal {
    .entry(
      segment: segments[segment].number,
      offset: reader.position + RecordFormat.segmentHeaderLength)
  }

  private mutating func open() throws(RecordingRefusal) -> RecordFormat.Entry {
    do {
      let kind = RecordFormat.Entry(rawValue: try reader.open())
      guard let kind else { throw damage }
      if kind == .checkpoint {
        sum = RecordSum()
        sum.add(segments[segment].number)
      }
      sum.add(UInt64(kind.rawValue))
      return kind
    } catch { throw damage }
  }

  private mutating func close() throws(RecordingRefusal) {
    do {
      guard try reader.close() == sum.value else { throw damage }
    } catch { throw damage }
  }

  private mutating func checkpoint() throws(RecordingRefusal) -> [UInt8] {
    inputs = RecordMemory()
    statuses = RecordMemory()
    do {
      var at: UInt64 = 0
      for byte in 0..<8 { at |= UInt64(try reader.byte()) << UInt64(8 * byte) }
      sum.add(at)
      clock = Instant(native: Int64(bitPattern: at))
      let state = reader.rest
      for byte in state { sum.add(UInt64(byte)) }
      reader.skip(state.count)
      try close()
      safety = nil
      safetyAt = nil
      return state
    } catch { throw damage }
  }

  private mutating func cycle() throws(RecordingRefusal) -> Cycle {
    do {
      var input = RecordedInput()
      inputs = try delta(&input, from: inputs)
      clock = clock + input.sinceLast
      var inbox = ControlInbox()
      if !input.hasSafety {
        safety = nil
      } else if input.safetyAt != safetyAt || safety == nil {
        var fresh = SafetyStatus()
        statuses = try delta(&fresh, from: statuses)
        safety = fresh
      }
      safetyAt = input.safetyAt
      if input.hasCommand {
        let start = reader.position
        var command = Command(.program, from: .service, number: 0, draft: .absent)
        try command.fields(&reader)
        for byte in reader.bytes[start..<reader.position] { sum.add(UInt64(byte)) }
        inbox.command = command
      }
      try close()
      inbox.safety = safety
      inbox.safetyAt = input.safetyAt
      inbox.serviceAlive = input.serviceAlive
      inbox.panelAlive = input.panelAlive
      inbox.realtime = input.realtime
      inbox.updateReturned = input.updateReturned
      inbox.missed = input.missed
      inbox.lateness = input.lateness
      inbox.refused = input.refused
      inbox.refusal = input.refusal
      return Cycle(now: clock, inbox: inbox, input: input, output: try output())
    } catch { throw damage }
  }

  /// The outcome that follows, if one does: a process that was killed in a cycle left none.
  private mutating func output() throws(RecordingRefusal) -> Output? {
    guard !reader.isAtEnd else { return nil }
    guard try open() == .output else { throw damage }
    do {
      var output = Output()
      let count = try reader.byte()
      sum.add(UInt64(count))
      for _ in 0..<count {
        let code = try reader.byte()
        sum.add(UInt64(code))
        output.writes.append(code)
      }
      for byte in 0..<4 { output.sum |= UInt32(try reader.byte()) << UInt32(8 * byte) }
      sum.add(UInt64(output.sum))
      try close()
      return output
    } catch { throw damage }
  }

  private mutating func delta<Value: Fielded>(
    _ value: inout Value, from memory: RecordMemory
  ) throws(FieldRefusal) -> RecordMemory {
    let mask = try reader.variable()
    sum.add(mask)
    var delta = DeltaReader(memory)
    var rest = mask
    while rest != 0 {
      let coded = try reader.variable()
      let change = coded >> 1 ^ (coded & 1 == 1 ? .max : 0)
      sum.add(change)
      delta.change(rest.trailingZeroBitCount, by: change)
      rest &= rest &- 1
    }
    try value.fields(&delta)
    return delta.memory
  }
}

/// Takes bytes from one segment, never past the end of the entry that is open.
struct EntryReader: FieldVisitor {
  let bytes: [UInt8]
  private(set) var position = 0
  private var end = 0
  var isAtEnd: Bool { position >= bytes.count }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What is left of the open entry before its sum.
  var rest: [UInt8] { Array(bytes[position..<end]) }

  mutating func skip(_ count: Int) { position += count }

  /// Begins an entry and gives its kind.
  mutating func open() throws(FieldRefusal) -> UInt8 {
    guard bytes.count - position >= 3 else { throw .tooShort }
    let length = Int(bytes[position + 1]) | Int(bytes[position + 2]) << 8
    let kind = bytes[position]
    position += 3
    guard length >= 4, length <= bytes.count - position else { throw .tooShort }
    end = position + length - 4
    return kind
  }

  /// Ends the entry, which must have been read whole, and gives its sum.
  mutating func close() throws(FieldRefusal) -> UInt32 {
    guard position == end else { throw .tooLong }
    end += 4
    var sum: UInt32 = 0
    for byte in 0..<4 { sum |= UInt32(try self.byte()) << UInt32(8 * byte) }
    return sum
  }

  mutating func byte() throws(FieldRefusal) -> UInt8 {
    guard position < end else { throw .tooShort }
    position += 1
    return bytes[position - 1]
  }

  mutating func field(_ byte: inout UInt8) throws(FieldRefusal) { byte = try self.byte() }

  mutating func variable() throws(FieldRefusal) -> UInt64 {
    var value: UInt64 = 0
    for place in 0..<10 {
      let next = try byte()
      guard place < 9 || next <= 1 else { throw .outOfRange }
      value |= UInt64(next & 0x7f) << UInt64(7 * place)
      if next & 0x80 == 0 { return value }
    }
    throw .outOfRange
  }
}
