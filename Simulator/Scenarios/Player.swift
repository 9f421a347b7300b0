// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
public import Domain
import Messages
public import Units

/// Reads a recording back, entry by entry, and compares what the cycles now give.
public struct Player: Sendable {
  /// The first cycle, counted from 1, in which something differed; 0 stands for the start itself.
  public private(set) var firstDifference: UInt64?
  /// Cycles begun.
  public private(set) var cycles: UInt64 = 0

  private var reader: ByteReader
  private var last = [[UInt8]](repeating: [], count: RecordingFormat.Channel.allCases.count)
  private var lastReadings = RecordedReadings()
  private var lastSafety: SafetyStatus?
  private var clock = Instant.zero
  private var digest = OutputDigest()
  private var refusal: RecordingRefusal?

  /// Checks every block before anything is played.
  public init(_ file: [UInt8]) throws(RecordingRefusal) {
    let magic = RecordingFormat.magic
    guard file.count >= magic.count, file.prefix(magic.count - 1) == magic.dropLast()[...] else {
      throw .notARecording
    }
    guard file[magic.count - 1] == magic[magic.count - 1] else {
      throw .version(file[magic.count - 1])
    }
    var entries: [UInt8] = []
    var position = magic.count
    var block = 0
    while position < file.count {
      block += 1
      guard file.count - position >= 8 else { throw .truncated(block: block) }
      var header = ByteReader(Array(file[position..<position + 8]))
      var length: UInt32 = 0
      var check: UInt32 = 0
      do {
        try header.field(&length)
        try header.field(&check)
      } catch { throw .truncated(block: block) }
      guard length <= RecordingFormat.longestBlock else { throw .damaged(block: block) }
      let end = position + 8 + Int(length)
      guard end <= file.count else { throw .truncated(block: block) }
      var sum = Checksum()
      for byte in file[(position + 8)..<end] { sum.add(byte) }
      guard sum.value == check else { throw .damaged(block: block) }
      entries.append(contentsOf: file[(position + 8)..<end])
      position = end
    }
    reader = ByteReader(entries)
  }

  // MARK: What the replay asks for

  /// When the recorded controller was started.
  public mutating func start() throws(RecordingRefusal) -> Instant {
    try expect(.start)
    do { try reader.field(&clock) } catch { throw .field(error) }
    return clock
  }

  /// The next cycle's inbox; `nil` at the end of the recording.
  public mutating func next() throws(RecordingRefusal) -> RecordedInput? {
    if let refusal { throw refusal }
    guard !reader.isAtEnd else { return nil }
    try expect(.cycle)
    cycles += 1
    var link = RecordedLink()
    try get(&link, .link)
    clock = clock + link.sinceLast
    var input = RecordedInput(at: clock)
    if link.hasCommand {
      var command = Command(.program, from: .service, number: 0, draft: .absent)
      try get(&command, .command)
      input.command = command
    }
    if link.newSafety {
      var safety = SafetyStatus()
      if link.hasSafety { try get(&safety, .safety) }
      lastSafety = link.hasSafety ? safety : nil
    }
    input.safety = lastSafety
    input.safetyAt = link.safetyAge.map { clock - $0 }
    input.serviceAlive = link.serviceAlive
    input.panelAlive = link.panelAlive
    input.realtime = link.realtime
    input.missed = link.missed
    input.lateness = link.lateness
    return input
  }

  /// Compares a cycle's outcome with the recorded one.
  public mutating func end(_ status: ControlStatus?, _ events: EventBatch)
    throws(RecordingRefusal)
  {
    if let refusal { throw refusal }
    if let status { digest.add(status) }
    for position in 0..<events.count { digest.add(events[position]) }
    guard firstDifference == nil else { return }
    try expect(.result)
    var recorded: UInt32 = 0
    do { try reader.field(&recorded) } catch { throw .field(error) }
    if recorded != digest.value { differ() }
  }

  // MARK: What the board asks for

  mutating func prepared() throws(BusError) { try outcome(.prepared) }

  mutating func sensed() -> ControlReadings {
    guard follows(.sensed) else { return ControlReadings() }
    var fresh = lastReadings
    do {
      if try byte() == 0 { try get(&fresh, .readings) }
    } catch {
      refusal = error
    }
    lastReadings = fresh
    return fresh.readings
  }

  mutating func memoryRead() throws(BusError) -> MemoryBlock {
    try outcome(.memoryRead)
    var block = MemoryBlock()
    guard firstDifference == nil else { return block }
    do {
      for _ in 0..<(try byte()) { block.append(try byte()) }
    } catch {
      refusal = error
    }
    return block
  }

  mutating func memoryWritten(_ content: MemoryBlock, at address: Int) throws(BusError) {
    digest.add(content, at: address)
    try outcome(.memoryWritten)
  }

  mutating func acted(_ order: DriveOrder, _ outputs: ControlOutputs) {
    digest.add(order, outputs)
  }

  // MARK: Coding

  private mutating func differ() { firstDifference = firstDifference ?? cycles }

  /// Whether the recorded controller did the same thing next; if not, the replay has left it.
  private mutating func follows(_ tag: RecordingFormat.Tag) -> Bool {
    guard firstDifference == nil, refusal == nil else { return false }
    guard let next = try? byte(), next == tag.rawValue else {
      differ()
      return false
    }
    return true
  }

  private mutating func outcome(_ tag: RecordingFormat.Tag) throws(BusError) {
    guard follows(tag) else { throw .bus }
    guard let code = try? byte() else { throw .bus }
    if let error = BusError(rawValue: code) { throw error }
  }

  private mutating func byte() throws(RecordingRefusal) -> UInt8 {
    do { return try reader.byte() } catch { throw .field(error) }
  }

  private mutating func expect(_ tag: RecordingFormat.Tag) throws(RecordingRefusal) {
    let next = try byte()
    guard let known = RecordingFormat.Tag(rawValue: next) else { throw .entry(next) }
    if known != tag { differ() }
  }

  private mutating func get<Value: Fielded>(
    _ value: inout Value, _ channel: RecordingFormat.Channel
  ) throws(RecordingRefusal) {
    var fresh = last[channel.rawValue]
    if fresh.isEmpty { fresh = [UInt8](repeating: 0, count: bytes(of: value).count) }
    var group = 0
    while group < fresh.count {
      let mask = try byte()
      for index in group..<min(group + 8, fresh.count)
      where mask >> UInt8(index - group) & 1 == 1 {
        fresh[index] = try byte()
      }
      group += 8
    }
    last[channel.rawValue] = fresh
    var content = ByteReader(fresh)
    do { try value.fields(&content) } catch { throw .field(error) }
  }
}
