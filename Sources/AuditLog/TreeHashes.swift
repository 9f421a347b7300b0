// SPDX-License-Identifier: Apache-2.0

public import DurableFiles

/// Roots of the complete subtrees of 1, 256, 65,536 … leaves, from which every other subtree is had with
/// at most 255 hashes.
///
/// Those of the newest segment are in memory; ``flush(to:)`` appends them to the files `hashes-0`,
/// `hashes-1` … when the segment is full. The files are derived from the records and can be made again.
public struct TreeHashes<Folder: DurableFolder>: SubtreeSource {
  private static var width: UInt64 { 256 }
  private var files: [Folder.File] = []
  /// For each level the index of the first hash in memory; those before it are in the file.
  private var first: [UInt64] = []
  private var memory: [[Hash]] = []

  /// Of no leaves.
  public init() {}

  /// The hashes of the first `size` leaves, a multiple of a segment, from the files.
  public init(from folder: Folder, size: UInt64) throws(AuditError) {
    var count = size
    var level = 0
    while count > 0 {
      let file = try stored { () throws(StorageError) in
        try folder.open(Layout.hashes(level: level))
      }
      let bytes = try stored { () throws(StorageError) in try file.size() }
      guard UInt64(bytes) >= count * UInt64(Hash.size) else {
        throw .damaged("\(Layout.hashes(level: level)) is too short")
      }
      files.append(file)
      first.append(count)
      memory.append([])
      count /= Self.width
      level += 1
    }
  }

  /// Takes the root of a subtree that is now complete.
  public mutating func complete(height: Int, _ hash: Hash) {
    guard height % 8 == 0 else { return }
    while memory.count <= height / 8 {
      memory.append([])
      first.append(0)
    }
    memory[height / 8].append(hash)
  }

  public func subtree(height: Int, index: UInt64) throws(AuditError) -> Hash {
    let level = height / 8
    let shift = UInt64(height % 8)
    let low = index << shift
    let high = (index + 1) << shift
    var hashes = try hashes(level: level, low, high)
    while hashes.count > 1 {
      for pair in 0..<hashes.count / 2 {
        hashes[pair] = Hash.node(hashes[2 * pair], hashes[2 * pair + 1])
      }
      hashes.removeLast(hashes.count / 2)
    }
    return hashes[0]
  }

  /// The hashes `low..<high` of a level.
  func hashes(level: Int, _ low: UInt64, _ high: UInt64) throws(AuditError) -> [Hash] {
    guard low < high else { return [] }
    guard level < memory.count, high <= first[level] + UInt64(memory[level].count) else {
      throw .damaged("no hashes of level \(level) up to \(high)")
    }
    let stored = min(high, first[level])
    var hashes = low < stored ? try read(level: level, low, stored) : []
    if high > first[level] {
      hashes += memory[level][Int(max(low, first[level]) - first[level])..<Int(high - first[level])]
    }
    return hashes
  }

  private func read(level: Int, _ low: UInt64, _ high: UInt64) throws(AuditError) -> [Hash] {
    let count = Int(high - low) * Hash.size
    let bytes = try stored { () throws(StorageError) in
      try files[level].read(at: Int(low) * Hash.size, count: count)
    }
    guard bytes.count == count else {
      throw .damaged("\(Layout.hashes(level: level)) is too short")
    }
    return stride(from: 0, to: count, by: Hash.size).map { Hash(bytes, at: $0) }
  }

  /// Makes what is in memory durable in the files, and lets go of it.
  public mutating func flush(to folder: Folder) throws(AuditError) {
    var made = false
    while files.count < memory.count {
      let name = Layout.hashes(level: files.count)
      // What a start that was cut short may have left behind.
      do { files.append(try folder.open(name)) } catch  where error == .notFound {
        files.append(try stored { () throws(StorageError) in try folder.create(name) })
        made = true
      } catch { throw .storage(error) }
    }
    for level in memory.indices where !memory[level].isEmpty {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(memory[level].count * Hash.size)
      for hash in memory[level] { hash.append(to: &bytes) }
      try stored { () throws(StorageError) in
        try files[level].write(bytes, at: Int(first[level]) * Hash.size)
        try files[level].sync()
      }
    }
    if made { try stored { () throws(StorageError) in try folder.sync() } }
    for level in memory.indices {
      first[level] += UInt64(memory[level].count)
      memory[level] = []
    }
  }

  /// The tree of the first `size` leaves, all of which are there.
  func tree(size: UInt64) throws(AuditError) -> Tree {
    var edge: [Hash] = []
    var start: UInt64 = 0
    while start < size {
      let height = 63 - (size - start).leadingZeroBitCount
      edge.append(try subtree(height: height, index: start >> UInt64(height)))
      start += 1 << UInt64(height)
    }
    guard let tree = Tree(size: size, edge: edge) else { throw .damaged("a tree of \(size)") }
    return tree
  }
}
