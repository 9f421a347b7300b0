// SPDX-License-Identifier: Apache-2.0

public import ControlProcess

/// The ring of a simulated recorder: an array that grows, a segment at a time, up to its capacity.
public struct RecordArray: RecordStore, Sendable {
  public let size: Int
  private var storage: [UInt8] = []
  private var end = 0
  /// The word committed last, not yet in the storage: a segment's length is committed with each entry.
  private var word: UInt64 = 0
  private var place: Int?

  /// - Parameter capacity: Bytes of the ring; 64 MiB hold the last seven hours or so.
  public init(capacity: Int) { size = capacity }

  /// What was written, as a file.
  public var bytes: [UInt8] {
    var all = self
    all.settle()
    return Array(all.storage[..<all.end])
  }

  private mutating func reach(_ last: Int) {
    guard last > end else { return }
    end = last
    guard last > storage.count else { return }
    let room = min(storage.count + RecordFormat.segmentLength, size)
    storage.append(contentsOf: repeatElement(0, count: max(room, last) - storage.count))
  }

  public mutating func write(_ buffer: inout RecordBuffer, at offset: Int) {
    let last = offset + buffer.count
    guard offset >= 0, last <= size else { return }
    reach(last)
    var span = storage.mutableSpan
    for position in 0..<buffer.count { span[offset + position] = buffer.bytes[position] }
  }

  public mutating func commit(_ word: UInt64, at offset: Int) {
    guard offset >= 0, offset + 8 <= size else { return }
    if offset != place {
      settle()
      place = offset
      reach(offset + 8)
    }
    self.word = word
  }

  /// Stores the word that waits; no entry lies where words do.
  private mutating func settle() {
    guard let place else { return }
    for position in 0..<8 {
      storage[place + position] = UInt8(truncatingIfNeeded: word >> UInt64(8 * position))
    }
  }
}
