// SPDX-License-Identifier: Apache-2.0

import DurableFiles

/// The log's files as their one writer sees them: records that are durable, the tree over them, and
/// signed checkpoints.
///
/// ``append(_:)`` returns when the records are on the medium, however many they are: one write and one
/// sync. After a failure nothing has changed: the same records can be given again. Opening drops what a
/// power cut left of records that were never acknowledged, and refuses files that lost more than that.
struct AuditStore<Folder: DurableFolder> {
  private let folder: Folder
  private let segment: UInt64
  private(set) var tree = Tree()
  private var hashes = TreeHashes<Folder>()
  private var file: Folder.File
  private var first: UInt64
  private var length = 0
  /// The file may hold more than `length`, or bytes that were not kept.
  private var dirty = false
  private var checkpointFile: Folder.File
  private var checkpointLength = 0
  private(set) var checkpoint: Checkpoint?
  /// Bytes of unfinished records that opening dropped.
  let dropped: Int

  /// More than the bytes of one write.
  private static var rewritten: Int { 1 << 23 }

  /// Opens the log in a folder, or begins one where there is none.
  ///
  /// `each` is given every record of the newest two segments in turn.
  init(
    _ folder: Folder, segment: UInt64 = 4_096, each: (ArraySlice<UInt8>) throws(AuditError) -> Void
  ) throws(AuditError) {
    let names = try stored { () throws(StorageError) in try folder.list() }
    let firsts = names.compactMap(Layout.first(of:)).sorted()
    let checkpoints: Folder.File
    if !names.contains(Layout.checkpoints) {
      guard firsts.isEmpty else { throw .damaged("there are records and no checkpoints") }
      checkpoints = try stored { () throws(StorageError) in
        let file = try folder.create(Layout.checkpoints)
        try folder.sync()
        return file
      }
    } else {
      checkpoints = try stored { () throws(StorageError) in
        try folder.open(Layout.checkpoints)
      }
    }
    let size = try stored { () throws(StorageError) in try checkpoints.size() }
    let (last, checkpointLength) = try newestCheckpoint(checkpoints, size: size)

    let first = firsts.last ?? 0
    for (position, start) in firsts.enumerated() where start != UInt64(position) * segment {
      throw .damaged("\(Layout.records(from: UInt64(position) * segment)) is missing")
    }
    var (hashes, tree) = try Self.beginning(folder, firsts, segment)
    if let before = firsts.dropLast().last {
      _ = try Self.scan(try Self.file(folder, before), segment) { (record, _) throws(AuditError) in
        try each(record)
      }
    }
    let file = try Self.file(folder, firsts.last)
    let scanned = try Self.scan(file, segment) { (record, hash) throws(AuditError) in
      try each(record)
      tree.append(hash) { hashes.complete(height: $0, $1) }
    }
    let bytes = try stored { () throws(StorageError) in try file.size() }
    // RC-080: what reads well may never have reached the medium, when a sync failed before the process
    // ended. It is written again before anything is built on it.
    try stored { () throws(StorageError) in
      for (file, length) in [(file, scanned.length), (checkpoints, checkpointLength)] {
        guard length > 0 else { continue }
        let start = max(0, length - Self.rewritten)
        try file.write(try file.read(at: start, count: length - start), at: start)
        try file.sync()
      }
    }
    if let last {
      guard last.size <= tree.size else {
        throw .damaged("\(last.size) records were signed, \(tree.size) are there")
      }
      guard try hashes.root(size: last.size) == last.root else {
        throw .damaged("the records are not those that were signed")
      }
    } else if firsts.count > 1 {
      throw .damaged("there are records and no checkpoints")
    }
    self.folder = folder
    self.segment = segment
    self.tree = tree
    self.hashes = hashes
    self.file = file
    self.first = first
    length = scanned.length
    dropped = bytes - scanned.length
    dirty = bytes > scanned.length
    checkpointFile = checkpoints
    self.checkpointLength = checkpointLength
    checkpoint = last
  }

  /// The tree before the newest segment: from the files of hashes, or, when they do not have it, from
  /// the records, and the files are made again.
  private static func beginning(
    _ folder: Folder, _ firsts: [UInt64], _ segment: UInt64
  ) throws(AuditError) -> (TreeHashes<Folder>, Tree) {
    do throws(AuditError) {
      let hashes = try TreeHashes(from: folder, size: firsts.last ?? 0)
      return (hashes, try hashes.tree(size: firsts.last ?? 0))
    } catch {
      var hashes = TreeHashes<Folder>()
      var tree = Tree()
      for start in firsts.dropLast() {
        let file = try file(folder, start)
        let count = try scan(file, segment) { (_, hash) in
          tree.append(hash) { hashes.complete(height: $0, $1) }
        }.records
        guard count == Int(segment) else {
          throw .damaged("\(Layout.records(from: start)) does not hold all of its records")
        }
        try hashes.flush(to: folder)
      }
      return (hashes, tree)
    }
  }

  /// Opens the file of a segment; makes the first one of a log.
  private static func file(_ folder: Folder, _ start: UInt64?) throws(AuditError) -> Folder.File {
    try stored { () throws(StorageError) in
      if let start { return try folder.open(Layout.records(from: start)) }
      let file = try folder.create(Layout.records(from: 0))
      try folder.sync()
      return file
    }
  }

  /// Reads a segment up to the first frame that is not whole.
  private static func scan(
    _ file: Folder.File, _ segment: UInt64,
    each: (ArraySlice<UInt8>, Hash) throws(AuditError) -> Void
  ) throws(AuditError) -> (length: Int, records: Int) {
    let bytes = try stored { () throws(StorageError) in
      try file.read(at: 0, count: Int(segment) * (AuditRecord.longest + Frame.overhead))
    }
    var position = 0
    var count = 0
    while count < Int(segment), let frame = Frame.read(bytes, at: position) {
      let hash = Hash.leaf(bytes[frame.content].span)
      guard hash.check == frame.check else { break }
      try each(bytes[frame.content], hash)
      position = frame.content.upperBound + 8
      count += 1
    }
    return (position, count)
  }

  /// Makes records durable; their indices follow one another from ``Tree/size``.
  mutating func append(_ records: [[UInt8]]) throws(AuditError) {
    var rest = records[...]
    while !rest.isEmpty {
      if tree.size == first + segment { try beginSegment() }
      let part = rest.prefix(Int(first + segment - tree.size))
      rest = rest.dropFirst(part.count)
      var bytes: [UInt8] = []
      var leaves: [Hash] = []
      for record in part {
        let hash = Hash.leaf(record.span)
        Frame.append(record, check: hash.check, to: &bytes)
        leaves.append(hash)
      }
      try write(bytes)
      for leaf in leaves { tree.append(leaf) { hashes.complete(height: $0, $1) } }
      length += bytes.count
    }
  }

  private mutating func write(_ bytes: [UInt8]) throws(AuditError) {
    // RC-080: acknowledged is durable: nobody hears of a record before the sync has returned, and after
    // a sync that failed everything since the last good one is written again.
    let (file, length, wasDirty) = (file, length, dirty)
    dirty = true
    try stored { () throws(StorageError) in
      if wasDirty { try file.resize(to: length) }
      try file.write(bytes, at: length)
      try file.sync()
    }
    dirty = false
  }

  private mutating func beginSegment() throws(AuditError) {
    try hashes.flush(to: folder)
    let name = Layout.records(from: tree.size)
    let next = try stored { () throws(StorageError) in
      do throws(StorageError) { try folder.remove(name) } catch  where error == .notFound {}
      let file = try folder.create(name)
      try folder.sync()
      return file
    }
    (file, first, length, dirty) = (next, tree.size, 0, false)
  }

  /// Makes a signed checkpoint durable.
  mutating func add(_ checkpoint: Checkpoint) throws(AuditError) {
    let note = checkpoint.note.bytes
    var bytes: [UInt8] = []
    Frame.append(note, check: noteCheck(note), to: &bytes)
    let (file, length) = (checkpointFile, checkpointLength)
    try stored { () throws(StorageError) in
      try file.resize(to: length)
      try file.write(bytes, at: length)
      try file.sync()
    }
    checkpointLength += bytes.count
    self.checkpoint = checkpoint
  }
}

/// Gives every checkpoint of a file in turn, and where the last whole one ends.
func eachCheckpoint<File: DurableFile>(
  _ file: File, size: Int, _ body: (Checkpoint) -> Void
) throws(AuditError) -> Int {
  try eachNote(file, size: size) { note in
    guard let checkpoint = try? Checkpoint(note) else { return false }
    body(checkpoint)
    return true
  }
}

/// The newest checkpoint of a file and where it ends; the older ones are not decoded.
func newestCheckpoint<File: DurableFile>(
  _ file: File, size: Int
) throws(AuditError) -> (Checkpoint?, Int) {
  var newest: [UInt8]?
  let end = try eachNote(file, size: size) {
    newest = $0
    return true
  }
  guard let newest else { return (nil, end) }
  if let checkpoint = try? Checkpoint(newest) { return (checkpoint, end) }
  var last: Checkpoint?
  let length = try eachCheckpoint(file, size: size) { last = $0 }
  return (last, length)
}

/// Gives every whole note of a file in turn until `body` refuses one, and where the last taken one ends.
private func eachNote<File: DurableFile>(
  _ file: File, size: Int, _ body: ([UInt8]) -> Bool
) throws(AuditError) -> Int {
  let chunk = 1 << 20
  var start = 0
  while start < size {
    let bytes = try stored { () throws(StorageError) in try file.read(at: start, count: chunk) }
    var position = 0
    while let frame = Frame.read(bytes, at: position) {
      let note = Array(bytes[frame.content])
      guard noteCheck(note) == frame.check, body(note) else { return start + position }
      position = frame.content.upperBound + 8
    }
    if position == 0 { break }
    start += position
  }
  return start
}

/// The check of a checkpoint's frame.
func noteCheck(_ note: [UInt8]) -> UInt64 { sha256(note).check }
