// SPDX-License-Identifier: Apache-2.0

public import Domain

/// Up to 33 bytes on their way over a bus: a register and a block of 32.
public struct BusBytes: Hashable, Sendable, Fielded {
  public static var capacity: Int { 33 }
  private var bytes: InlineArray<33, UInt8>
  public private(set) var count: UInt8

  public init() {
    bytes = InlineArray(repeating: 0)
    count = 0
  }

  /// Adds a byte; `false`, and no change, when there is no room.
  @discardableResult
  public mutating func append(_ byte: UInt8) -> Bool {
    guard Int(count) < Self.capacity else { return false }
    bytes[Int(count)] = byte
    count += 1
    return true
  }

  /// The byte at a position below ``count``; zero beyond it.
  public subscript(position: Int) -> UInt8 {
    position >= 0 && position < Int(count) ? bytes[position] : 0
  }

  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&count)
    guard Int(count) <= Self.capacity else { throw .outOfRange }
    for position in 0..<Self.capacity {
      try visitor.field(&bytes[position])
      guard position < Int(count) || bytes[position] == 0 else { throw .outOfRange }
    }
  }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for position in 0..<capacity where left.bytes[position] != right.bytes[position] {
      return false
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    for position in 0..<Int(count) { hasher.combine(bytes[position]) }
  }
}

/// What a daemon asks of a board behind a socket: one transfer or one look at the lines.
public enum BusRequest: Hashable, Sendable {
  /// Write the bytes to the 7-bit address, then read `reading` bytes (at most 32) from it.
  case transfer(address: UInt8, writing: BusBytes, reading: UInt8)
  /// The input lines with their edges since the last sample.
  case sample
  /// Set the output lines whose bit in `mask` is set.
  case write(levels: UInt32, mask: UInt32)

  /// The longest read of a transfer.
  public static var longestRead: UInt8 { 32 }
}

extension BusRequest: Fielded {
  private enum Operation: UInt8 { case transfer = 1, sample, write }

  // One layout for all three, so that the length is fixed; what an operation does not use is zero.
  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var operation = Operation.sample
    var address: UInt8 = 0
    var writing = BusBytes()
    var reading: UInt8 = 0
    var levels: UInt32 = 0
    var mask: UInt32 = 0
    switch self {
    case .transfer(let to, let bytes, let count):
      operation = .transfer
      address = to
      writing = bytes
      reading = count
    case .sample: break
    case .write(let wanted, let which):
      operation = .write
      levels = wanted
      mask = which
    }
    try visitor.field(&operation)
    try visitor.field(&address)
    try writing.fields(&visitor)
    try visitor.field(&reading)
    try visitor.field(&levels)
    try visitor.field(&mask)
    guard address < 0x80, reading <= Self.longestRead else { throw .outOfRange }
    switch operation {
    case .transfer: self = .transfer(address: address, writing: writing, reading: reading)
    case .sample: self = .sample
    case .write: self = .write(levels: levels, mask: mask)
    }
  }
}

/// What the board answers; its frame carries the sequence number of the request.
public enum BusReply: Hashable, Sendable {
  /// The bytes a transfer read.
  case read(BusBytes)
  case lines(levels: UInt32, risen: UInt32, fallen: UInt32)
  /// The lines are written.
  case done
  /// The request failed; the number is a `BusError` of the device interface.
  case failed(UInt8)
}

extension BusReply: Fielded {
  private enum Outcome: UInt8 { case read = 1, lines, done, failed }

  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var outcome = Outcome.done
    var bytes = BusBytes()
    var levels: UInt32 = 0
    var risen: UInt32 = 0
    var fallen: UInt32 = 0
    var failure: UInt8 = 0
    switch self {
    case .read(let content):
      outcome = .read
      bytes = content
    case .lines(let now, let up, let down):
      outcome = .lines
      levels = now
      risen = up
      fallen = down
    case .done: break
    case .failed(let code):
      outcome = .failed
      failure = code
    }
    try visitor.field(&outcome)
    try bytes.fields(&visitor)
    try visitor.field(&levels)
    try visitor.field(&risen)
    try visitor.field(&fallen)
    try visitor.field(&failure)
    switch outcome {
    case .read: self = .read(bytes)
    case .lines: self = .lines(levels: levels, risen: risen, fallen: fallen)
    case .done: self = .done
    case .failed: self = .failed(failure)
    }
  }
}
