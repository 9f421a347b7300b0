// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
public import Domain
import Messages
public import Units

/// Keeps what every cycle was given and a checksum of what it gave, in a bounded number of bytes.
///
/// A cycle is a function of its inputs since the start, so the recording begins at the start and,
/// once full, ends at a whole cycle; ``isFull`` then says that later cycles are not in it.
// RC-022: the black box that a replay must reproduce bit for bit.
public struct Recorder: Sendable {
  public let capacity: Int
  public private(set) var isFull = false
  /// Whole cycles recorded.
  public private(set) var cycles: UInt64 = 0

  private var finished: [UInt8] = RecordingFormat.magic
  private var block: [UInt8] = []
  private var last = [[UInt8]](repeating: [], count: RecordingFormat.Channel.allCases.count)
  private var lastReadings: RecordedReadings?
  private var lastSafety: SafetyStatus?
  private var clock = Instant.zero
  private var digest = OutputDigest()

  /// - Parameter capacity: Bytes after which recording ends: 64 MiB hold some hours.
  public init(capacity: Int = 64 << 20) { self.capacity = capacity }

  /// The recording so far, closed.
  public func finish() -> [UInt8] {
    var closed = finished
    Recorder.close(block, into: &closed)
    return closed
  }

  // MARK: Entries

  public mutating func start(at now: Instant) {
    tag(.start)
    var writer = ByteWriter()
    var at = now
    try? writer.field(&at)
    block.append(contentsOf: writer.bytes)
    clock = now
  }

  public mutating func begin(_ input: RecordedInput) {
    guard !isFull else { return }
    tag(.cycle)
    var link = input.link
    link.sinceLast = input.now - clock
    clock = input.now
    link.newSafety = input.safety != lastSafety
    put(link, .link)
    if let command = input.command { put(command, .command) }
    if link.newSafety {
      lastSafety = input.safety
      if let safety = input.safety { put(safety, .safety) }
    }
  }

  mutating func prepared(_ error: BusError?) {
    tag(.prepared)
    note(error)
  }

  mutating func sensed(_ readings: ControlReadings) {
    guard !isFull else { return }
    tag(.sensed)
    let fresh = RecordedReadings(readings: readings)
    let same = fresh == lastReadings
    note(same)
    if !same { put(fresh, .readings) }
    lastReadings = fresh
  }

  mutating func memoryRead(_ block: MemoryBlock?, _ error: BusError?) {
    tag(.memoryRead)
    note(error)
    guard !isFull, let block else { return }
    self.block.append(UInt8(truncatingIfNeeded: block.count))
    for position in 0..<block.count { self.block.append(block[position]) }
  }

  mutating func memoryWritten(_ content: MemoryBlock, at address: Int, _ error: BusError?) {
    tag(.memoryWritten)
    note(error)
    digest.add(content, at: address)
  }

  mutating func acted(_ order: DriveOrder, _ outputs: ControlOutputs) {
    digest.add(order, outputs)
  }

  /// Ends a cycle with what it published; `nil` when it published no status.
  public mutating func end(_ status: ControlStatus?, _ events: EventBatch) {
    guard !isFull else { return }
    if let status { digest.add(status) }
    for position in 0..<events.count { digest.add(events[position]) }
    tag(.result)
    var writer = ByteWriter()
    var sum = digest.value
    try? writer.field(&sum)
    block.append(contentsOf: writer.bytes)
    cycles += 1
    guard block.count >= RecordingFormat.block else { return }
    Recorder.close(block, into: &finished)
    block.removeAll(keepingCapacity: true)
    isFull = finished.count + RecordingFormat.block > capacity
  }

  // MARK: Coding

  private mutating func tag(_ tag: RecordingFormat.Tag) {
    if !isFull { block.append(tag.rawValue) }
  }

  private mutating func note(_ error: BusError?) {
    if !isFull { block.append(error?.rawValue ?? 0) }
  }

  private mutating func note(_ truth: Bool) {
    if !isFull { block.append(truth ? 1 : 0) }
  }

  private mutating func put<Value: Fielded>(_ value: Value, _ channel: RecordingFormat.Channel) {
    let fresh = bytes(of: value)
    let old = last[channel.rawValue]
    var group = 0
    while group < fresh.count {
      let end = min(group + 8, fresh.count)
      var mask: UInt8 = 0
      for index in group..<end where index >= old.count || fresh[index] != old[index] {
        mask |= 1 << UInt8(index - group)
      }
      block.append(mask)
      for index in group..<end where mask >> UInt8(index - group) & 1 == 1 {
        block.append(fresh[index])
      }
      group = end
    }
    last[channel.rawValue] = fresh
  }

  private static func close(_ block: [UInt8], into file: inout [UInt8]) {
    guard !block.isEmpty else { return }
    var sum = Checksum()
    for byte in block { sum.add(byte) }
    var writer = ByteWriter()
    var length = UInt32(truncatingIfNeeded: block.count)
    var check = sum.value
    try? writer.field(&length)
    try? writer.field(&check)
    file.append(contentsOf: writer.bytes)
    file.append(contentsOf: block)
  }
}

/// One cycle's inbox and time.
public struct RecordedInput: Sendable, Hashable {
  public var now: Instant
  public var command: Command?
  public var safety: SafetyStatus?
  public var safetyAt: Instant?
  public var serviceAlive = false
  public var panelAlive = false
  public var realtime = false
  public var missed: UInt32 = 0
  public var lateness = Interval.zero

  public init(at now: Instant) { self.now = now }

  var link: RecordedLink {
    var link = RecordedLink()
    link.safetyAge = safetyAt.map { now - $0 }
    link.serviceAlive = serviceAlive
    link.panelAlive = panelAlive
    link.realtime = realtime
    link.missed = missed
    link.lateness = lateness
    link.hasCommand = command != nil
    link.hasSafety = safety != nil
    return link
  }
}
