// SPDX-License-Identifier: Apache-2.0

public import DurableFiles

/// The paths of C2SP tlog-tiles.
enum TilePath {
  static let width: UInt64 = 256

  /// The elements of the path of tile `number` with `count` hashes, below `tile/<level>`.
  static func elements(_ number: UInt64, count: UInt64) -> [String] {
    var groups: [String] = []
    var rest = number
    repeat {
      let group = String(rest % 1_000)
      groups.append(String(repeating: "0", count: 3 - group.count) + group)
      rest /= 1_000
    } while rest > 0
    var elements = groups.reversed().enumerated().map { position, group in
      position < groups.count - 1 ? "x" + group : group
    }
    if count < width, let last = elements.popLast() { elements += [last + ".p", String(count)] }
    return elements
  }
}

/// Reads an export.
struct TileReader<Folder: DurableFolder> {
  private let tiles: Folder

  init(_ folder: Folder) throws(AuditError) {
    tiles = try stored { () throws(StorageError) in try folder.folder("tile") }
  }

  private func read(_ level: String, _ elements: [String], limit: Int) throws(AuditError)
    -> [UInt8]?
  {
    do {
      var folder = try tiles.folder(level)
      for element in elements.dropLast() { folder = try folder.folder(element) }
      return try folder.contents(of: elements.last ?? "", limit: limit)
    } catch {
      guard error == .notFound else { throw .storage(error) }
      return nil
    }
  }

  private func bundle(_ number: UInt64) throws(AuditError) -> (entries: [UInt8], hashes: [UInt8])? {
    let whole = TilePath.elements(number, count: TilePath.width)
    var elements = whole
    if try read("entries", whole, limit: 1 << 25) == nil {
      let part = whole.dropLast() + [(whole.last ?? "") + ".p"]
      var names: [String] = []
      do {
        var folder = try tiles.folder("entries")
        for element in part { folder = try folder.folder(element) }
        names = try folder.list()
      } catch {
        guard error == .notFound else { throw .storage(error) }
        return nil
      }
      // The widest one is the newest.
      guard let widest = names.compactMap({ UInt64($0) }).max() else { return nil }
      elements = part + [String(widest)]
    }
    guard let entries = try read("entries", elements, limit: 1 << 25) else { return nil }
    return (entries, try read("0", elements, limit: 8_192) ?? [])
  }

  func each(
    _ body: (ArraySlice<UInt8>, UInt64) throws(AuditError) -> Bool
  ) throws(AuditError) {
    var number: UInt64 = 0
    while let (entries, hashes) = try bundle(number) {
      var position = 0
      var place = 0
      while entries.count - position >= 2 {
        let count = Int(entries[position]) << 8 | Int(entries[position + 1])
        guard entries.count - position - 2 >= count else { break }
        let hash =
          hashes.count >= place + Hash.size ? Hash(hashes[place..<place + Hash.size]) : nil
        guard try body(entries[position + 2..<position + 2 + count], hash?.check ?? 0) else {
          return
        }
        position += 2 + count
        place += Hash.size
      }
      number += 1
    }
  }
}

extension AuditReader {
  /// Writes the log as C2SP tlog-tiles into an empty folder, with all checkpoints beside.
  ///
  /// What is exported is what the newest checkpoint covers; returns its size.
  public func exportTiles<Target: DurableFolder>(to target: Target) throws(AuditError) -> UInt64 {
    let checkpoints = try checkpoints()
    guard let checkpoint = checkpoints.last else { throw .damaged("there is no checkpoint") }
    let size = checkpoint.size
    var hashes = MemoryHashes()
    var bundle: [UInt8] = []
    try each { (bytes, _) throws(AuditError) in
      bundle.append(UInt8(truncatingIfNeeded: bytes.count >> 8))
      bundle.append(UInt8(truncatingIfNeeded: bytes.count))
      bundle += bytes
      hashes.append(bytes)
      if hashes.size % TilePath.width == 0 || hashes.size == size {
        try Self.put(bundle, to: target, "entries", (hashes.size - 1) / TilePath.width, hashes.size)
        bundle = []
      }
      return hashes.size < size
    }
    guard hashes.size == size, hashes.root(size: size) == checkpoint.root else {
      throw .damaged("the records are not those that were signed")
    }
    var level = 0
    var count = size
    while count > 0 {
      var number: UInt64 = 0
      while number * TilePath.width < count {
        let end = min(count, (number + 1) * TilePath.width)
        var tile: [UInt8] = []
        for index in number * TilePath.width..<end {
          hashes.subtree(height: level * 8, index: index).append(to: &tile)
        }
        try Self.put(tile, to: target, "\(level)", number, end)
        number += 1
      }
      level += 1
      count /= TilePath.width
    }
    var all: [UInt8] = []
    for one in checkpoints {
      let note = one.note.bytes
      Frame.append(note, check: noteCheck(note), to: &all)
    }
    try stored { () throws(StorageError) in
      try target.replace(Layout.checkpoints, with: all)
      try target.replace("checkpoint", with: checkpoint.note.bytes)
    }
    return size
  }

  private static func put<Target: DurableFolder>(
    _ bytes: [UInt8], to target: Target, _ level: String, _ number: UInt64, _ end: UInt64
  ) throws(AuditError) {
    let elements = TilePath.elements(number, count: end - number * TilePath.width)
    try stored { () throws(StorageError) in
      var folder = try target.folder("tile").folder(level)
      for element in elements.dropLast() { folder = try folder.folder(element) }
      try folder.create(elements.last ?? "").write(bytes, at: 0)
    }
  }
}
