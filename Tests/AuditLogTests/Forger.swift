// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import SimulatedDisk

@testable import AuditLog

/// Somebody who has the medium and may do anything to its files.
struct Forger {
  var records: [[UInt8]] = []
  var checkpoints: [Checkpoint] = []

  init(_ folder: SimulatedFolder) throws {
    let reader = try AuditReader(folder)
    checkpoints = try reader.checkpoints()
    var found: [[UInt8]] = []
    try reader.each { (bytes, _) in
      found.append(Array(bytes))
      return true
    }
    records = found
  }

  /// How many records are covered.
  var covered: Int { Int(checkpoints.last?.size ?? 0) }

  func decoded(_ index: Int) throws -> AuditRecord { try AuditRecord(records[index][...]) }

  /// Gives every record from an index on the number of its place.
  mutating func renumber(from first: Int) throws {
    for index in first..<records.count {
      var record = try decoded(index)
      record.index = UInt64(index)
      records[index] = record.bytes
    }
  }

  /// The root over the first records.
  func root(_ size: Int) -> Hash {
    var tree = Tree()
    for record in records.prefix(size) { tree.append(Hash.leaf(record.span)) }
    return tree.root
  }

  /// Signs the first records with a stolen key, in place of all later checkpoints.
  mutating func sign(_ size: Int, _ keys: FileAuditKeys<SimulatedFolder>, origin: String) throws {
    checkpoints.removeAll { $0.size >= size }
    var checkpoint = Checkpoint(origin: origin, size: UInt64(size), root: root(size))
    let key = try NoteKey(name: origin, publicKey: keys.current())
    checkpoint.note.signatures = [
      Note.Signature(
        name: origin, id: key.id,
        bytes: try keys.sign(Array(checkpoint.note.text.utf8), with: .current))
    ]
    checkpoints.append(checkpoint)
  }

  /// Writes everything with every check right that needs no key.
  func write(to folder: some DurableFolder) throws {
    var bytes: [UInt8] = []
    for record in records {
      Frame.append(record, check: Hash.leaf(record.span).check, to: &bytes)
    }
    try folder.replace(Layout.records(from: 0), with: bytes)
    var notes: [UInt8] = []
    for checkpoint in checkpoints {
      let note = checkpoint.note.bytes
      Frame.append(note, check: noteCheck(note), to: &notes)
    }
    try folder.replace(Layout.checkpoints, with: notes)
  }
}
