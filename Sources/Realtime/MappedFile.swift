// SPDX-License-Identifier: Apache-2.0

import CRealtime
import Glibc

/// A file in memory: what is stored in it is there for the next process, however this one ends.
///
/// Allocated, mapped and touched when it is made, so that storing is a copy and no system call. It lies
/// in a file system in memory (tmpfs, as `/run` and `/dev/shm` are): a store into a file on a disk waits
/// while the disk writes that page. The kernel keeps it through the death of the process and not through
/// a loss of power.
public struct MappedFile: Sendable {
  public let size: Int
  private let mapping: UInt64

  /// Why there is no such file.
  public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The folder lies on a disk.
    case onDisk
    /// The number of the kernel's error.
    case error(Int32)

    public var description: String {
      switch self {
      case .onDisk:
        "it lies on a disk, which would keep a cycle waiting; choose one under /run or /dev/shm"
      case .error(let number): "error \(number)"
      }
    }
  }

  /// Makes the file anew; one that is there already is kept with `.old` after its name.
  // SRS-176: what a cycle stores waits for no disk.
  public init(path: String, size: Int) throws(Refusal) {
    var address: UInt64 = 0
    let result = unsafe rp_map_file(path, Int64(size), &address)
    guard result == 0 else { throw result == -EMEDIUMTYPE ? .onDisk : .error(-result) }
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
