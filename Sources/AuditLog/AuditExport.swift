// SPDX-License-Identifier: Apache-2.0

/// What an export in pieces is of: the log as it was when the export began.
public struct AuditExport: Hashable, Sendable {
  /// The records that the newest checkpoint covers.
  public let size: UInt64
  /// The newest checkpoint's bytes.
  public let checkpoint: [UInt8]
  /// Bytes of the file of checkpoints.
  let checkpoints: Int

  /// Which file of an export a number means.
  fileprivate enum Member {
    case checkpoint
    case checkpoints
    case entries(UInt64)
    case tile(level: Int, UInt64)
  }

  /// The file of this number; nil behind the last.
  fileprivate func member(_ number: UInt64) -> Member? {
    if number == 0 { return .checkpoint }
    if number == 1 { return .checkpoints }
    var rest = number - 2
    var count = size
    func tiles() -> UInt64 { count / TilePath.width + (count % TilePath.width == 0 ? 0 : 1) }
    if rest < tiles() { return .entries(rest) }
    rest -= tiles()
    var level = 0
    while count > 0 {
      if rest < tiles() { return .tile(level: level, rest) }
      rest -= tiles()
      count /= TilePath.width
      level += 1
    }
    return nil
  }
}

/// Some bytes of one file of an export.
public struct ExportPiece: Hashable, Sendable {
  /// The file's path in the export.
  public let path: String
  /// The file's whole length in bytes.
  public let length: Int
  public let bytes: [UInt8]
}

/// An export in pieces: byte for byte the files that ``exportTiles(to:)`` writes, each from a device's folder as it is
/// asked for, so that nobody holds more than one of them.
extension AuditReader {
  /// Begins an export; nil while there is no checkpoint.
  ///
  /// - Throws: ``AuditError/damaged(_:)`` when the records are not those that were signed.
  public func beginExport() throws(AuditError) -> AuditExport? {
    guard let (checkpoint, end) = try newestWhole() else { return nil }
    let hashes = try treeHashes(size: checkpoint.size)
    guard try hashes.root(size: checkpoint.size) == checkpoint.root else {
      throw .damaged("the records are not those that were signed")
    }
    return AuditExport(
      size: checkpoint.size, checkpoint: checkpoint.note.bytes, checkpoints: end)
  }

  /// At most `count` bytes of the export's file of this number, from an offset on; nil behind the last file.
  public func piece(
    of export: AuditExport, file number: UInt64, at offset: Int, count: Int
  ) throws(AuditError) -> ExportPiece? {
    guard let member = export.member(number) else { return nil }
    if case .checkpoints = member {
      let length = max(0, min(count, export.checkpoints - offset))
      return ExportPiece(
        path: Layout.checkpoints, length: export.checkpoints,
        bytes: try checkpointBytes(at: offset, count: length))
    }
    let (path, bytes) = try file(member, of: export)
    return ExportPiece(
      path: path, length: bytes.count, bytes: Array(bytes.dropFirst(offset).prefix(count)))
  }

  private func file(
    _ member: AuditExport.Member, of export: AuditExport
  ) throws(AuditError) -> (path: String, bytes: [UInt8]) {
    func path(_ level: String, _ number: UInt64, of count: UInt64) -> String {
      let width = min(TilePath.width, count - number * TilePath.width)
      return (["tile", level] + TilePath.elements(number, count: width)).joined(separator: "/")
    }
    switch member {
    case .checkpoint, .checkpoints: return ("checkpoint", export.checkpoint)
    case .entries(let number):
      let low = number * TilePath.width
      let high = min(export.size, low + TilePath.width)
      var bytes: [UInt8] = []
      let hashes = try treeHashes(size: export.size)
      var leaves: [Hash] = []
      try records(low..<high) { record in
        bytes.append(UInt8(truncatingIfNeeded: record.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: record.count))
        bytes += record
        leaves.append(Hash.leaf(record.span))
      }
      guard try hashes.hashes(level: 0, low, high) == leaves else {
        throw .damaged("the records are not those that were signed")
      }
      return (path("entries", number, of: export.size), bytes)
    case .tile(let level, let number):
      let count = export.size >> UInt64(8 * level)
      let low = number * TilePath.width
      let found = try treeHashes(size: export.size).hashes(
        level: level, low, min(count, low + TilePath.width))
      var bytes: [UInt8] = []
      for hash in found { hash.append(to: &bytes) }
      return (path("\(level)", number, of: count), bytes)
    }
  }

  /// The proof that the tree of the newest checkpoint begins with the first `old` records, with that checkpoint; nil while
  /// there is none.
  ///
  /// - Throws: ``AuditError/damaged(_:)`` when the records are not those that were signed.
  public func consistency(
    from old: UInt64
  ) throws(AuditError) -> (proof: [Hash]?, checkpoint: Checkpoint)? {
    guard let (checkpoint, _) = try newestWhole() else { return nil }
    let hashes = try treeHashes(size: checkpoint.size)
    guard try hashes.root(size: checkpoint.size) == checkpoint.root else {
      throw .damaged("the records are not those that were signed")
    }
    return (try hashes.consistencyProof(from: old, to: checkpoint.size), checkpoint)
  }
}
