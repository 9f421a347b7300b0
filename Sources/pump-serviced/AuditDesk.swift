// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Cryptography
import DurableFiles
import ServiceAPI
import Synchronization

/// Reads the newest audit log for those who may, in pieces; it knows nobody's right to it.
///
/// It reads the files that the log's own thread writes, and takes of them what is whole.
final class AuditDesk: Sendable {
  /// Exports under way at a time; beyond, the oldest ends.
  static let capacity = 4

  private struct Open {
    let session: UInt64
    let generation: Int
    let export: AuditExport
  }

  private let folder: String
  private let exports = Mutex<[Open]>([])

  /// `folder` is that of the logs, one in each of its folders.
  init(folder: String) { self.folder = folder }

  private func generation() throws -> Int {
    let folder = try PosixFolder(path: folder, access: .reading)
    guard let newest = try folder.list().compactMap({ Int($0) }).max() else {
      throw AuditError.damaged("there is no log")
    }
    return newest
  }

  private func reader(of generation: Int) throws -> AuditReader<PosixFolder> {
    try AuditReader(PosixFolder(path: "\(folder)/\(generation)", access: .reading))
  }

  /// Answers; `session` is the number that tells the person's session apart, and pseudonyms hang from `secret`.
  ///
  /// - Throws: when the log cannot be read, or is not what was signed.
  func answer(_ question: AuditQuestion, session: UInt64, secret: [UInt8]) throws -> AuditAnswer {
    if case .piece(let file, let offset) = question {
      return try piece(file, offset, session)
    }
    let generation = try generation()
    let reader = try reader(of: generation)
    switch question {
    case .checkpoint:
      guard let export = try reader.beginExport() else { return .nothing }
      return .text(String(decoding: export.checkpoint, as: UTF8.self))
    case .records(let from):
      let listing = AuditListing(key: SHA256.hash(Array("listing".utf8) + secret))
      return try records(reader, UInt64(from), listing)
    case .proof(let index):
      guard let proof = try reader.proof(of: UInt64(index)) else { return .nothing }
      return .text(String(decoding: proof.bytes, as: UTF8.self))
    case .consistency(let from):
      guard let (proof, checkpoint) = try reader.consistency(from: UInt64(from)), let proof else {
        return .nothing
      }
      return .consistency(
        AuditConsistency(
          from: from, size: Int64(clamping: checkpoint.size), hashes: proof.map(\.bytes),
          checkpoint: String(decoding: checkpoint.note.bytes, as: UTF8.self)))
    case .export:
      guard let export = try reader.beginExport() else { return .nothing }
      exports.withLock { exports in
        exports.removeAll { $0.session == session }
        if exports.count >= Self.capacity { exports.removeFirst() }
        exports.append(Open(session: session, generation: generation, export: export))
      }
      return .export(size: Int64(clamping: export.size))
    case .piece: return .nothing
    }
  }

  // SEC-409: bytes of the log go to the session that began their export, and are those that it began.
  private func piece(_ file: Int64, _ offset: Int64, _ session: UInt64) throws -> AuditAnswer {
    guard let open = exports.withLock({ $0.first { $0.session == session } }) else {
      return .refused(ServiceRefusal(.notPermitted))
    }
    guard
      let piece = try reader(of: open.generation).piece(
        of: open.export, file: UInt64(file), at: Int(offset), count: AuditAnswer.pieceSize)
    else {
      exports.withLock { $0.removeAll { $0.session == session } }
      return .nothing
    }
    return .piece(path: piece.path, length: Int64(piece.length), bytes: piece.bytes)
  }

  private func records(
    _ reader: AuditReader<PosixFolder>, _ from: UInt64, _ listing: AuditListing
  ) throws -> AuditAnswer {
    var lines: [String] = []
    var length = 0
    var next: Int64?
    try reader.each(from: from) { (index, bytes) in
      // Unreadable ones are for the verifiers; here a record is one that can be shown.
      let line =
        (try? AuditRecord(bytes)).map { listing.json($0) } ?? "{\"index\":\(index)}"
      // Quotes double in the packet.
      let size = line.utf8.count { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
      length += line.utf8.count + size + 3
      guard lines.isEmpty || length <= AuditAnswer.linesSize else {
        next = Int64(clamping: index)
        return false
      }
      lines.append(line)
      return true
    }
    return lines.isEmpty ? .nothing : .records(lines, next: next)
  }
}
