// SPDX-License-Identifier: Apache-2.0

import DurableFiles

/// What a simulated disk holds: everything as it reads now, as it is on the medium, and the way from the
/// one to the other.
struct DiskState: Sendable {
  enum Node: Sendable {
    case file(Int)
    case folder(Int)
  }

  enum Change: Sendable {
    case write(ArraySlice<UInt8>, at: Int)
    case resize(Int)
    /// Zeros up to a size that it may already have.
    case grow(Int)

    func apply(to content: inout [UInt8]) {
      switch self {
      case .write(let bytes, let offset):
        let end = offset + bytes.count
        if content.count < end { content += [UInt8](repeating: 0, count: end - content.count) }
        content.replaceSubrange(offset..<end, with: bytes)
      case .resize(let size):
        content =
          size <= content.count
          ? Array(content.prefix(size))
          : content + [UInt8](repeating: 0, count: size - content.count)
      case .grow(let size):
        if content.count < size {
          content += [UInt8](repeating: 0, count: size - content.count)
        }
      }
    }
  }

  struct File: Sendable {
    var now: [UInt8] = []
    var safe: [UInt8] = []
    var unsynced: [Change] = []

    mutating func change(_ change: Change) {
      change.apply(to: &now)
      unsynced.append(change)
    }

    mutating func keep() {
      for change in unsynced { change.apply(to: &safe) }
      unsynced = []
    }
  }

  struct Folder: Sendable {
    var now: [String: Node] = [:]
    var safe: [String: Node] = [:]
    /// Each one is atomic.
    var unsynced: [[(String, Node?)]] = []

    mutating func change(_ change: [(String, Node?)]) {
      for (name, node) in change { now[name] = node }
      unsynced.append(change)
    }

    mutating func keep(first count: Int = .max) {
      for change in unsynced.prefix(count) {
        for (name, node) in change { safe[name] = node }
      }
      unsynced = []
    }
  }

  var files: [File] = []
  var folders = [Folder()]
  var operations = 0
  /// Counts the times that power came back; what was opened before is of no use after it.
  var boot = 0
  var powered = true
  var cut: (operation: Int, seed: UInt64)?
  var failures: [(ClosedRange<Int>, StorageError)] = []
  var capacity = Int.max

  /// Bytes that can still be added.
  var room: Int { capacity == .max ? .max : capacity - contentSize }

  /// Bytes in all files that have a name.
  var contentSize: Int {
    var sum = 0
    var open = [0]
    while let folder = open.popLast() {
      for node in folders[folder].now.values {
        switch node {
        case .file(let file): sum += files[file].now.count
        case .folder(let inner): open.append(inner)
        }
      }
    }
    return sum
  }

  func check(boot: Int) throws(StorageError) {
    guard powered, boot == self.boot else { throw .gone }
  }

  func check(_ name: String, boot: Int) throws(StorageError) {
    try check(boot: boot)
    guard isFileName(name) else { throw .badName }
  }

  /// Counts an operation and does it, unless it is one that fails or at which the power is cut.
  ///
  /// A sync that the power cut ends has kept what the seed says; anything else has been done and meets
  /// the fate of all that is not synced.
  mutating func begin(
    sync: Bool = false, failing: (inout DiskState) -> Void = { _ in },
    _ body: (inout DiskState) -> Void
  ) throws(StorageError) {
    operations += 1
    let number = operations
    if let failure = failures.first(where: { $0.0.contains(number) }) {
      failing(&self)
      throw failure.1
    }
    if let cut, cut.operation == number {
      if !sync { body(&self) }
      loseUnsynced(seed: cut.seed)
      throw .gone
    }
    body(&self)
  }

  mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int, to file: Int) {
    guard !bytes.isEmpty else { return }
    files[file].change(.write(bytes, at: offset))
  }

  /// What is not synced meets its fate; 0 loses all of it, 1 keeps all of it.
  mutating func loseUnsynced(seed: UInt64) {
    var draw = Draw(state: seed)
    for index in files.indices {
      let changes = files[index].unsynced
      files[index].unsynced = []
      // One habit for a file, so that "all kept", "all lost" and "the last one torn" are frequent.
      let habit = seed < 2 ? Int(seed) : draw.below(5)
      for (position, change) in changes.enumerated() {
        switch habit {
        case 0: break
        case 1: change.apply(to: &files[index].safe)
        case 2 where position < changes.count - 1: change.apply(to: &files[index].safe)
        default: part(of: change, &draw).forEach { $0.apply(to: &files[index].safe) }
        }
      }
    }
    for index in folders.indices {
      let count = folders[index].unsynced.count
      folders[index].keep(first: seed < 2 ? Int(seed) * count : draw.below(count + 1))
    }
    powered = false
  }

  /// What a power cut leaves of a change.
  ///
  /// Bytes that were not written are what they were before, and zeros where there was nothing.
  private func part(of change: Change, _ draw: inout Draw) -> [Change] {
    guard case .write(let bytes, let offset) = change else {
      return draw.below(2) == 0 ? [change] : []
    }
    let end = offset + bytes.count
    switch draw.below(5) {
    case 0: return []
    case 1: return [change]
    case 2: return [.write(bytes.prefix(draw.below(bytes.count + 1)), at: offset)]
    // The length was kept, the content from some byte on was not.
    case 3: return [.grow(end), .write(bytes.prefix(draw.below(bytes.count + 1)), at: offset)]
    // A sector in the midst was not written.
    default:
      let sector = draw.below((bytes.count + 511) / 512) * 512
      return [
        .write(bytes.prefix(sector), at: offset),
        .write(bytes.dropFirst(sector + 512), at: offset + min(sector + 512, bytes.count)),
        .grow(end),
      ]
    }
  }

  mutating func powerOn() {
    for index in files.indices {
      files[index].now = files[index].safe
      files[index].unsynced = []
    }
    for index in folders.indices {
      folders[index].now = folders[index].safe
      folders[index].unsynced = []
    }
    boot += 1
    powered = true
    cut = nil
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed draws the same fate.
struct Draw {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}
