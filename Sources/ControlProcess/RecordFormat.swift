// SPDX-License-Identifier: Apache-2.0

/// The form of a recording: a ring of segments, each of which can be replayed from its beginning.
///
/// ```
/// file     header (64 bytes), segment 0, segment 1, …
/// header   "RPREC", version, 2 zero bytes, segment length (u32), zeros
/// segment  number (u64), length (u32), its complement (u32), checkpoint, entries…
/// entry    kind (u8), length of what follows (u16), content, sum (u32)
/// ```
///
/// Integers are little-endian. Segments are numbered from 1 in the order of their beginning; the next
/// one takes the place of the oldest. A segment's length is stored after what it counts, so that a
/// process that is killed leaves whole entries and nothing else. The checkpoint is the whole state of
/// the controller after a cycle: whoever has lost what came before begins there. A change of any list
/// of fields is a new version.
public enum RecordFormat {
  public static var version: UInt8 { 4 }
  public static var headerLength: Int { 64 }
  public static var segmentLength: Int { 1 << 18 }
  public static var segmentHeaderLength: Int { 16 }
  /// The longest entry with its kind, length and sum.
  public static var longestEntry: Int { RecordBuffer.capacity }

  public enum Entry: UInt8, Sendable {
    /// The state of the controller before the entries that follow.
    case checkpoint = 1
    /// What a cycle was given.
    case input = 2
    /// What a cycle gave.
    case output = 3
  }

  /// The header of every file.
  public static func header() -> RecordBuffer {
    var buffer = RecordBuffer()
    buffer.append(0x52)
    buffer.append(0x50)
    buffer.append(0x52)
    buffer.append(0x45)
    buffer.append(0x43)
    buffer.append(version)
    buffer.append(0)
    buffer.append(0)
    buffer.append(word: UInt32(clamping: segmentLength))
    while buffer.count < headerLength { buffer.append(0) }
    return buffer
  }

  /// A segment's length word: the length and its complement, so that a torn one is known.
  public static func lengthWord(_ length: Int) -> UInt64 {
    let low = UInt32(clamping: length)
    return UInt64(low) | UInt64(~low) &<< 32
  }

  /// The length in a length word; `nil` when it is none.
  public static func length(of word: UInt64) -> Int? {
    let low = UInt32(truncatingIfNeeded: word)
    return UInt32(truncatingIfNeeded: word &>> 32) == ~low ? Int(low) : nil
  }
}

/// The bytes a recorder writes to: memory that outlives its process, or an array of a simulation.
///
/// **Contract.** Neither call allocates in a process with a cycle, waits, or goes past ``size``; what is
/// asked beyond it is dropped.
public protocol RecordStore {
  var size: Int { get }
  /// Stores the buffer's bytes at an offset; the buffer is left as it is, and `inout` so that nobody
  /// copies it.
  mutating func write(_ buffer: inout RecordBuffer, at offset: Int)
  /// Stores a word, after everything that was written before it.
  mutating func commit(_ word: UInt64, at offset: Int)
}

/// A recorder's store for a process that has none.
public struct NoRecord: RecordStore, Sendable {
  public init() {}
  public var size: Int { 0 }
  public mutating func write(_ buffer: inout RecordBuffer, at offset: Int) {}
  public mutating func commit(_ word: UInt64, at offset: Int) {}
}
