// SPDX-License-Identifier: Apache-2.0

import CRealtime

/// A file in memory: what is stored in it is there for the next process, however this one ends.
///
/// Allocated, mapped and touched when it is made, so that storing is a copy and no system call. The
/// kernel keeps it through the death of the process; whether it outlasts a loss of power is a matter
/// of the file system it lies in.
public struct MappedFile: Sendable {
  public let size: Int
  private let mapping: UInt64

  /// Why there is no such file: the number of the error.
  public struct Refusal: Error, Sendable, CustomStringConvertible {
    public let number: Int32
    public var description: String { "error \(number)" }
  }

  /// Makes the file anew; one that is there already is kept with `.old` after its name.
  public init(path: String, size: Int) throws(Refusal) {
    var address: UInt64 = 0
    let result = unsafe rp_map_file(path, Int64(size), &address)
    guard result == 0 else { throw Refusal(number: -result) }
    self.size = size
    mapping = address
  }

  /// Stores the first `count` bytes at an offset; what would not fit is dropped.
  public func write<let length: Int>(
    _ bytes: borrowing InlineArray<length, UInt8>, count: Int, at offset: Int
  ) {
    let most = Int32(truncatingIfNeeded: Swift.min(count, length))
    unsafe withUnsafeBytes(of: bytes) { raw in
      unsafe rp_map_write(mapping, Int64(size), Int64(offset), raw.baseAddress, most)
    }
  }

  /// Stores a word, after everything that was written before it.
  public func commit(_ word: UInt64, at offset: Int) {
    rp_map_commit(mapping, Int64(size), Int64(offset), word)
  }
}
