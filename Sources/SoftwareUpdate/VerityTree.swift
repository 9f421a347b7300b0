// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles

/// The hash tree of dm-verity (format 1, SHA-256, blocks of 4096 bytes), computed in user space.
///
/// Each level is a row of hashes of the blocks of the level below, 128 to a block, the last block
/// filled with zeros; a hash is SHA-256 of salt and block. In the file the top level comes first. Memory is
/// one block a level, whatever the size.
struct VerityTree {
  static let block = 4096
  private static let fan = block / SHA256.size

  private let salt: [UInt8]
  /// Blocks of each level of hashes, the lowest first.
  let levels: [Int]

  /// - Parameter blocks: blocks of data, from 1.
  init(blocks: Int, salt: [UInt8]) {
    self.salt = salt
    var levels: [Int] = []
    var count = blocks
    repeat {
      count = (count + Self.fan - 1) / Self.fan
      levels.append(count)
    } while count > 1
    self.levels = levels
  }

  /// Bytes of the tree in the file.
  var size: Int { levels.reduce(0, +) * Self.block }

  /// Reads data and tree and tells whether both belong to the root hash.
  func matches<File: DurableFile>(
    _ file: File, blocks: Int, root: [UInt8]
  ) throws(StorageError) -> Bool {
    var open = [[UInt8]](repeating: [], count: levels.count)
    var done = [Int](repeating: 0, count: levels.count)
    var top: [UInt8] = []
    for number in 0..<blocks {
      let data = try file.read(at: number * Self.block, count: Self.block)
      guard data.count == Self.block else { return false }
      open[0] += hash(data)
      let last = number == blocks - 1
      for level in levels.indices {
        guard open[level].count == Self.block || last else { break }
        let whole = open[level] + [UInt8](repeating: 0, count: Self.block - open[level].count)
        open[level] = []
        let place = (blocks + start(of: level) + done[level]) * Self.block
        // A tree that nobody looked at would be believed by the kernel later.
        guard try file.read(at: place, count: Self.block) == whole else { return false }
        done[level] += 1
        if level + 1 < levels.count { open[level + 1] += hash(whole) } else { top = hash(whole) }
      }
    }
    return top == root
  }

  private func hash(_ block: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(salt)
    hash.update(block)
    return hash.finish()
  }

  private func start(of level: Int) -> Int { levels[(level + 1)...].reduce(0, +) }
}
