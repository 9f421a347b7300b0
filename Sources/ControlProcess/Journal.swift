// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Domain
public import Units

/// Keeps the delivered volume through a loss of power at any instant.
///
/// Two records alternate in the memory, so that a write cut short spoils only the one being
/// written. Before motion passes the stored bound, a record with a new bound is stored: what is
/// found after a restart is between its two figures, whatever happened in between.
// RC-006 SRS-068: intent before motion, result after it.
public struct Journal: Sendable {
  /// What the memory held at start.
  public enum Restored: Sendable {
    /// Never written.
    case blank
    case record(JournalRecord)
    /// Neither record can be trusted, or the memory does not answer.
    case unreadable
  }

  /// Motion is stored ahead for this long, and for this volume.
  static var leaseTime: Interval { .seconds(1) }
  static var leaseVolume: Volume { .microlitres(2) }
  /// A motor that was let go is waited for this many cycles before its figure counts as final.
  static var settlingCycles: Int { 50 }

  /// The newest record that is stored for certain.
  public private(set) var stored: JournalRecord?
  /// Writes that failed in a row.
  public private(set) var failures: UInt32 = 0
  private var nextSlot = 0
  private var stillCycles = 0
  private var lease = Lease(.zero)

  public init() {}

  /// What the motor is about to do.
  public struct Present: Sendable {
    public var state: TherapyState
    public var prescription: UInt64
    public var rate: FlowRate
    public var delivered: Volume
    public var kvo: Volume

    public init(
      state: TherapyState, prescription: UInt64, rate: FlowRate, delivered: Volume, kvo: Volume
    ) {
      self.state = state
      self.prescription = prescription
      self.rate = rate
      self.delivered = delivered
      self.kvo = kvo
    }

    var moves: Bool { state == .starting || state.moves }
  }

  /// What a rate moves ahead of the journal: worked out when the rate changes.
  private struct Lease: Sendable, BitwiseCopyable {
    let rate: FlowRate
    /// What one record stores ahead.
    let volume: Volume
    /// The motion of the next 100 ms.
    let cycles: Volume

    init(_ rate: FlowRate) {
      self.rate = rate
      volume = rate.volume(over: leaseTime) + leaseVolume
      cycles = rate.volume(over: .milliseconds(100))
    }
  }

  /// The stored bounds hold through the motion of the next 100 ms.
  public func covers(_ present: Present) -> Bool {
    guard let stored, stored.prescription == present.prescription else { return false }
    // A withdrawal has all of its bound below it from the first step.
    if present.state == .relieving {
      return stored.delivered <= present.delivered - .microlitres(20)
    }
    let ahead = lease.rate == present.rate ? lease : Lease(present.rate)
    return stored.delivered <= present.delivered && stored.kvo <= present.kvo
      && present.delivered + ahead.cycles <= stored.deliveredBound
      && present.kvo + ahead.cycles <= stored.kvoBound
  }

  /// The record to store now; `nil` when the stored one still serves.
  mutating func due(_ present: Present) -> JournalRecord? {
    if lease.rate != present.rate { lease = Lease(present.rate) }
    if present.moves && present.state != .relieving && serves(present) {
      stillCycles = 0
      return nil
    }
    var record = JournalRecord()
    record.sequence = (stored?.sequence ?? 0) &+ 1
    record.prescription = present.prescription
    record.delivered = present.delivered
    record.deliveredBound = present.delivered
    record.kvo = present.kvo
    record.kvoBound = present.kvo
    guard present.moves else {
      stillCycles = Swift.min(stillCycles + 1, Self.settlingCycles)
      guard stillCycles == Self.settlingCycles, let stored else { return nil }
      record.prescription = stored.prescription
      let same =
        stored.delivered == record.delivered && stored.deliveredBound == record.deliveredBound
        && stored.kvo == record.kvo && stored.kvoBound == record.kvoBound
      return same ? nil : record
    }
    stillCycles = 0
    record.deliveredBound += lease.volume
    record.kvoBound += lease.volume
    if present.state == .relieving {
      // The largest there is: the journal does not know the syringe.
      let most = DeviceLimits.relief(for: .mL50) + .microlitres(100)
      if let stored, stored.prescription == present.prescription,
        stored.delivered <= present.delivered - .microlitres(20)
      {
        return nil
      }
      record.delivered = present.delivered - most
      record.kvo = present.kvo - most
      return record
    }
    return record
  }

  /// The stored record still covers more than half of a lease of forward motion.
  private func serves(_ present: Present) -> Bool {
    guard let stored, stored.prescription == present.prescription,
      stored.delivered <= present.delivered, stored.kvo <= present.kvo
    else { return false }
    let half = Volume(native: lease.volume.native / 2)
    return stored.deliveredBound - present.delivered >= half
      && stored.kvoBound - present.kvo >= half
  }

  /// Stores what is due.
  ///
  /// `false` when a write failed; it is tried again in the next cycle.
  @inlinable
  public mutating func keep<Board: ControlBoard>(_ present: Present, on board: inout Board) -> Bool
  {
    guard let record = nextRecord(present) else { return true }
    let bytes = record.bytes()
    let address = slotAddress
    do {
      try board.writeMemory(Self.block(of: bytes, from: 0), at: address)
      try board.writeMemory(Self.block(of: bytes, from: 32), at: address + 32)
    } catch {
      noteFailure()
      return false
    }
    noteStored(record)
    return true
  }

  /// Reads both records and takes up the newer.
  @inlinable
  public mutating func restore<Board: ControlBoard>(on board: inout Board) -> Restored {
    var readable = true
    var first = InlineArray<64, UInt8>(repeating: 0)
    var second = InlineArray<64, UInt8>(repeating: 0)
    do {
      first = try Self.read(at: 0, on: &board)
      second = try Self.read(at: JournalRecord.size, on: &board)
    } catch {
      readable = false
    }
    return readable ? takeUp(first, second) : .unreadable
  }

  @inlinable
  static func read<Board: ControlBoard>(at address: Int, on board: inout Board)
    throws(BusError) -> InlineArray<64, UInt8>
  {
    var bytes = InlineArray<64, UInt8>(repeating: 0)
    for half in 0..<2 {
      let block = try board.readMemory(32, at: address + 32 * half)
      guard block.count == 32 else { throw .badAnswer }
      for position in 0..<32 { bytes[32 * half + position] = block[position] }
    }
    return bytes
  }

  @usableFromInline
  static func block(of bytes: InlineArray<64, UInt8>, from start: Int) -> MemoryBlock {
    var block = MemoryBlock()
    for position in start..<(start + 32) { block.append(bytes[position]) }
    return block
  }

  @usableFromInline var slotAddress: Int { nextSlot * JournalRecord.size }

  @usableFromInline mutating func nextRecord(_ present: Present) -> JournalRecord? { due(present) }

  @usableFromInline mutating func noteFailure() { failures &+= 1 }

  @usableFromInline mutating func noteStored(_ record: JournalRecord) {
    stored = record
    failures = 0
    nextSlot = 1 - nextSlot
  }

  @usableFromInline
  mutating func takeUp(_ first: InlineArray<64, UInt8>, _ second: InlineArray<64, UInt8>)
    -> Restored
  {
    let a = JournalRecord(first)
    let b = JournalRecord(second)
    if let a, let b {
      let bNewer = Int32(bitPattern: b.sequence &- a.sequence) > 0
      stored = bNewer ? b : a
      nextSlot = bNewer ? 0 : 1
    } else if let a {
      stored = a
      nextSlot = 1
    } else if let b {
      stored = b
      nextSlot = 0
    } else {
      return Self.blank(first) && Self.blank(second) ? .blank : .unreadable
    }
    return stored.map { .record($0) } ?? .blank
  }

  /// As a memory leaves the factory: all zeros or all ones.
  private static func blank(_ bytes: InlineArray<64, UInt8>) -> Bool {
    guard bytes[0] == 0 || bytes[0] == 0xff else { return false }
    for position in 1..<64 where bytes[position] != bytes[0] { return false }
    return true
  }
}

/// What a checkpoint of the black box keeps of the journal (RC-022).
extension Journal: Fielded {
  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&stored, absent: JournalRecord())
    try visitor.field(&failures)
    var slot = UInt8(nextSlot & 1)
    var still = Int64(stillCycles)
    try visitor.field(&slot)
    try visitor.field(&still)
    nextSlot = Int(slot & 1)
    stillCycles = Int(still)
  }
}

extension JournalRecord: Fielded {
  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&sequence)
    try visitor.field(&prescription)
    try visitor.field(&delivered)
    try visitor.field(&deliveredBound)
    try visitor.field(&kvo)
    try visitor.field(&kvoBound)
  }
}
