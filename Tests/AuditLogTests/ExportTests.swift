// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import SimulatedDisk
import Testing

@testable import AuditLog

@Suite struct `An export in pieces` {
  /// The files of an export, put together from pieces of so many bytes.
  private static func files(
    _ reader: AuditReader<SimulatedFolder>, _ export: AuditExport, pieces count: Int
  ) throws -> [(path: String, bytes: [UInt8])] {
    var files: [(String, [UInt8])] = []
    while true {
      var bytes: [UInt8] = []
      var path: String?
      while let piece = try reader.piece(
        of: export, file: UInt64(files.count), at: bytes.count, count: count)
      {
        #expect(piece.bytes.count <= count && (path == nil || path == piece.path))
        path = piece.path
        bytes += piece.bytes
        if bytes.count == piece.length { break }
        try #require(!piece.bytes.isEmpty)
      }
      guard let path else { return files }
      files.append((path, bytes))
    }
  }

  private static func content(_ folder: SimulatedFolder, _ path: String) throws -> [UInt8] {
    var folder = folder
    let elements = path.split(separator: "/").map(String.init)
    for element in elements.dropLast() { folder = try folder.folder(element) }
    return try folder.contents(of: try #require(elements.last), limit: 1 << 25)
  }

  // Sizes around the width of a tile and the length of a segment.
  @Test(
    .tags(.`SRS-221`, .`SEC-409`),
    arguments: [1, 250, 253, 254, 255, 256, 510, 4_090, 4_095, 9_000]
  )
  func `SRS-221 SEC-409 pieces are byte for byte the files of an export`(count: Int) throws {
    var rig = try Rig()
    var log = try rig.open()
    try log.write((0..<count).map { (AuditEntry.routine($0), rig.now) }, now: rig.now)
    rig.seconds += 10
    try log.close(now: rig.now)
    let reader = try AuditReader(rig.folder)
    let target = SimulatedDisk().root
    let size = try reader.exportTiles(to: target)
    let export = try #require(try reader.beginExport())
    #expect(export.size == size && export.checkpoint == log.checkpoint?.note.bytes)
    let files = try Self.files(reader, export, pieces: 7_168)
    #expect(Set(files.map(\.path)).count == files.count)
    for (path, bytes) in files {
      #expect(try bytes == Self.content(target, path), "\(path) of \(size)")
    }
    // As many tiles and bundles as there are, and the two files of checkpoints.
    func tiles(_ count: UInt64) -> UInt64 { (count + 255) / 256 }
    let levels = sequence(first: size) { $0 >= 256 ? $0 / 256 : nil }.map(tiles)
    #expect(UInt64(files.count) == 2 + tiles(size) + levels.reduce(0, +))
  }

  @Test(.tags(.`SRS-221`, .`SEC-409`))
  func
    `SRS-221 SEC-409 an export that has begun stays as it was while the log grows, and damage ends it`()
    throws
  {
    var rig = try Rig()
    var log = try rig.open()
    try log.write((0..<300).map { (AuditEntry.routine($0), rig.now) }, now: rig.now)
    rig.seconds += 10
    try log.write([(AuditEntry.alarm(1), rig.now)], now: rig.now)
    let export = try #require(try AuditReader(rig.folder).beginExport())
    let before = try Self.files(AuditReader(rig.folder), export, pieces: 1_000)
    rig.seconds += 10
    try log.write((0..<8_000).map { (AuditEntry.routine($0), rig.now) }, now: rig.now)
    rig.seconds += 10
    try log.close(now: rig.now)
    let after = try Self.files(AuditReader(rig.folder), export, pieces: 7_168)
    #expect(before.map(\.path) == after.map(\.path) && before.map(\.bytes) == after.map(\.bytes))
    // A record that is another one is not given out.
    let file = try rig.folder.open(Layout.records(from: 0))
    let bytes = try file.read(at: 0, count: 60)
    try file.write([bytes[50] ^ 1], at: 50)
    #expect(throws: AuditError.self) {
      try AuditReader(rig.folder).piece(of: export, file: 2, at: 0, count: 7_168)
    }
  }

  @Test(.tags(.`SRS-220`, .`SEC-202`))
  func `SRS-220 SEC-202 consistency is proved from every earlier size and from no later one`()
    throws
  {
    var rig = try Rig()
    var log = try rig.open()
    try log.write((0..<520).map { (AuditEntry.routine($0), rig.now) }, now: rig.now)
    rig.seconds += 10
    try log.close(now: rig.now)
    let reader = try AuditReader(rig.folder)
    var hashes = MemoryHashes()
    try reader.each { (bytes, _) in
      hashes.append(bytes)
      return true
    }
    let size = try #require(log.checkpoint?.size)
    for old in 0...size {
      let (proof, checkpoint) = try #require(try reader.consistency(from: old))
      #expect(
        verifyConsistency(
          from: old, root: hashes.root(size: old), to: size, root: checkpoint.root,
          proof: try #require(proof)))
    }
    #expect(try #require(try reader.consistency(from: size + 1)).proof == nil)
    // Records from any place on, in their order.
    for first in [0, 1, 300, size - 1, size] {
      var places: [UInt64] = []
      try reader.each(from: first) { (place, bytes) throws(AuditError) in
        #expect((try? AuditRecord(bytes))?.index == place)
        places.append(place)
        return places.count < 5
      }
      #expect(places == Array(first..<min(first + 5, size)))
    }
  }
}
