// SPDX-License-Identifier: Apache-2.0

public import DurableFiles

/// Reads a log's folder, that of the device or an export as tiles, and changes nothing.
public struct AuditReader<Folder: DurableFolder> {
  private let folder: Folder
  private let isExport: Bool
  private let firsts: [UInt64]

  public init(_ folder: Folder) throws(AuditError) {
    self.folder = folder
    let names = try stored { () throws(StorageError) in try folder.list() }
    isExport = names.contains("tile")
    firsts = names.compactMap(Layout.first(of:)).sorted()
    guard isExport || !firsts.isEmpty else { throw .damaged("there is no log in the folder") }
  }

  /// All checkpoints, the oldest first.
  public func checkpoints() throws(AuditError) -> [Checkpoint] {
    var found: [Checkpoint] = []
    try whole { (file, size) throws(AuditError) in
      try eachCheckpoint(file, size: size) { found.append($0) }
    }
    return found
  }

  /// Reads the file of checkpoints, if there is one; `body` returns where its last whole one ends.
  private func whole(
    _ body: (Folder.File, Int) throws(AuditError) -> Int
  ) throws(AuditError) {
    let file: Folder.File
    do { file = try folder.open(Layout.checkpoints) } catch {
      guard error == .notFound else { throw .storage(error) }
      return
    }
    let size = try stored { () throws(StorageError) in try file.size() }
    let end = try body(file, size)
    guard end == size else {
      throw .damaged("a checkpoint is damaged at byte \(end) of \(Layout.checkpoints)")
    }
  }

  /// Every record in turn with the check that the files keep beside it; ends early when `body` says so.
  public func each(
    _ body: (ArraySlice<UInt8>, _ check: UInt64) throws(AuditError) -> Bool
  ) throws(AuditError) {
    if isExport { return try TileReader(folder).each(body) }
    for first in firsts where try !records(of: first, body) { return }
  }

  /// Every record of a device's log from an index on, with its index; ends early when `body` says so.
  public func each(
    from first: UInt64, _ body: (UInt64, ArraySlice<UInt8>) throws(AuditError) -> Bool
  ) throws(AuditError) {
    guard !isExport else { throw .damaged("not a device's log") }
    let start = firsts.lastIndex { $0 <= first } ?? 0
    for file in firsts[start...] {
      var place = file
      let goesOn = try records(of: file) { (bytes, _) throws(AuditError) in
        defer { place += 1 }
        return place < first ? true : try body(place, bytes)
      }
      guard goesOn else { return }
    }
  }

  /// The records of one file; returns false when `body` had enough.
  @discardableResult
  private func records(
    of first: UInt64, _ body: (ArraySlice<UInt8>, _ check: UInt64) throws(AuditError) -> Bool
  ) throws(AuditError) -> Bool {
    let bytes = try stored { () throws(StorageError) in
      let file = try folder.open(Layout.records(from: first))
      return try file.read(at: 0, count: try file.size())
    }
    var position = 0
    while let frame = Frame.read(bytes, at: position) {
      guard try body(bytes[frame.content], frame.check) else { return false }
      position = frame.content.upperBound + 8
    }
    return true
  }

  /// Inspects the whole log.
  public func verify(_ known: Expectations) throws(AuditError) -> Verdict {
    var verifier = AuditVerifier(known, checkpoints: try checkpoints())
    try each { (bytes, check) in
      verifier.take(bytes, check: check)
      return true
    }
    return verifier.finish()
  }

  /// The proof that a record is in the log, under the newest checkpoint; nil when it is not covered.
  ///
  /// A device's files of hashes spare reading the whole log. They are not trusted: the proof is checked
  /// against the signed root before it is given, and made from the records when it does not hold.
  public func proof(of index: UInt64) throws(AuditError) -> ProofFile? {
    guard let checkpoint = try newestWhole()?.0, index < checkpoint.size else { return nil }
    if let proof = try? quickProof(of: index, checkpoint) { return proof }
    var hashes = MemoryHashes()
    var record: [UInt8]?
    try each { (bytes, _) in
      if hashes.size == index { record = Array(bytes) }
      hashes.append(bytes)
      return hashes.size < checkpoint.size
    }
    guard let record, hashes.size == checkpoint.size,
      hashes.root(size: checkpoint.size) == checkpoint.root,
      let path = hashes.inclusionProof(of: index, size: checkpoint.size)
    else { throw .damaged("the records are not those that were signed") }
    return ProofFile(index: index, hashes: path, checkpoint: checkpoint, extra: record)
  }

  /// The hashes over the first `size` records, from a device's files of hashes and its newest records.
  func treeHashes(size: UInt64) throws(AuditError) -> TreeHashes<Folder> {
    guard !isExport, let newest = firsts.last else { throw .damaged("not a device's log") }
    var hashes = try TreeHashes(from: folder, size: newest)
    var tree = try hashes.tree(size: newest)
    guard tree.size < size else { return hashes }
    try records(of: newest) { (bytes, _) in
      tree.append(Hash.leaf(bytes.span)) { hashes.complete(height: $0, $1) }
      return tree.size < size
    }
    return hashes
  }

  /// Each record of these places, which are in one file of a device.
  func records(
    _ places: Range<UInt64>, _ body: (ArraySlice<UInt8>) throws(AuditError) -> Void
  ) throws(AuditError) {
    guard !isExport, var place = firsts.last(where: { $0 <= places.lowerBound }) else {
      throw .damaged("not a device's log")
    }
    try records(of: place) { (bytes, _) throws(AuditError) in
      if places.contains(place) { try body(bytes) }
      place += 1
      return place < places.upperBound
    }
    guard place >= places.upperBound else { throw .damaged("record \(place) is missing") }
  }

  /// The newest checkpoint that is whole, and where it ends in its file: the log may be written to meanwhile.
  func newestWhole() throws(AuditError) -> (Checkpoint, end: Int)? {
    let file: Folder.File
    do { file = try folder.open(Layout.checkpoints) } catch {
      guard error == .notFound else { throw .storage(error) }
      return nil
    }
    let size = try stored { () throws(StorageError) in try file.size() }
    let (checkpoint, end) = try newestCheckpoint(file, size: size)
    return checkpoint.map { ($0, end) }
  }

  func checkpointBytes(at offset: Int, count: Int) throws(AuditError) -> [UInt8] {
    try stored { () throws(StorageError) in
      try folder.open(Layout.checkpoints).read(at: offset, count: count)
    }
  }

  private func quickProof(
    of index: UInt64, _ checkpoint: Checkpoint
  ) throws(AuditError) -> ProofFile? {
    guard !isExport, index < checkpoint.size else { return nil }
    let hashes = try treeHashes(size: checkpoint.size)
    var record: [UInt8]?
    try records(index..<index + 1) { record = Array($0) }
    guard let record, let path = try hashes.inclusionProof(of: index, size: checkpoint.size),
      verifyInclusion(
        leaf: Hash.leaf(record.span), index: index, size: checkpoint.size, proof: path,
        root: checkpoint.root)
    else { return nil }
    return ProofFile(index: index, hashes: path, checkpoint: checkpoint, extra: record)
  }
}

/// The hashes of a whole log in memory.
struct MemoryHashes: SubtreeSource {
  private var tree = Tree()
  private var levels: [[Hash]] = []
  var size: UInt64 { tree.size }

  mutating func append(_ record: ArraySlice<UInt8>) {
    tree.append(Hash.leaf(record.span)) { height, hash in
      if height == levels.count { levels.append([]) }
      levels[height].append(hash)
    }
  }

  func subtree(height: Int, index: UInt64) -> Hash { levels[height][Int(index)] }
}
