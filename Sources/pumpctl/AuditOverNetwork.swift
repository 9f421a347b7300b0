// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import DurableFiles
import Foundation
import GatewayClient

/// The log of a pump on a network, for those who may read it there.
extension Audit {
  struct GetCheckpoint: Addressed {
    static let configuration = CommandConfiguration(
      commandName: "checkpoint",
      abstract: "Fetch the newest checkpoint of the log of a pump on a network.",
      discussion: "With --key a checkpoint that this key did not sign is refused.")
    @OptionGroup var common: Common
    @Option(help: "A key that may have signed it, or a file that holds it; may be repeated.")
    var key: [String] = []
    @Option(help: "Keep it in this file, as a checkpoint seen before.", completion: .file())
    var remember: String?

    private struct Output: Encodable {
      let origin: String
      let size: UInt64
      let root: String
      let verified: Bool
    }

    func run() throws {
      let gateway = try common.neededGateway()
      let request = GatewayRequest(.auditCheckpoint, session: try gateway.session())
      let text = try gateway.read(request, Answers.text)
      let checkpoint = try Audit.checkpoint(text, key: key)
      if let remember { try Audit.keep(Array(text.utf8), in: remember) }
      let output = Output(
        origin: checkpoint.origin, size: checkpoint.size, root: "\(checkpoint.root)",
        verified: !key.isEmpty)
      if common.json { try printJSON(output) } else { print(text, terminator: "") }
    }
  }

  struct GetRecords: Addressed {
    static let configuration = CommandConfiguration(
      commandName: "records",
      abstract: "Show records of the log of a pump on a network; that is on record there.",
      discussion: "Pseudonyms stand in the place of persons, the same through one session.")
    @OptionGroup var common: Common
    @Option(help: "The first index.") var from: Int64 = 0
    @Option(help: "How many at most, 1 to 10000.") var most = 100

    func validate() throws {
      guard (0...(1 << 53)).contains(from) else { throw ValidationError("--from: 0 to 2^53") }
      guard (1...10_000).contains(most) else { throw ValidationError("--most: from 1 to 10000") }
    }

    func run() throws {
      let gateway = try common.neededGateway()
      let session = try gateway.session()
      var left = most
      var first = from
      while left > 0 {
        var request = GatewayRequest(.auditRecords, session: session)
        request.query = "from=\(first)"
        let page = try gateway.read(request) { (bytes) throws(NotAnAnswer) in
          try Answers.records(bytes, from: first)
        }
        for record in page.records.prefix(left) {
          print(common.json ? record.json : Self.line(record))
        }
        left -= min(left, page.records.count)
        guard let next = page.next else { return }
        first = next
      }
    }

    private static func line(_ record: RecordAnswer) -> String {
      guard let event = record.event else { return "\(record.index) unreadable record" }
      var line = "\(record.index) \(record.wall ?? "-") \(record.source ?? "-") \(event)"
      if let outcome = record.outcome, outcome != "done" { line += " (\(outcome))" }
      if let person = record.person { line += " by \(person)" }
      return line
    }
  }

  struct GetProof: Addressed {
    static let configuration = CommandConfiguration(
      commandName: "proof",
      abstract: "Fetch a record of a pump on a network with the proof that it is in the log.",
      discussion: """
        After 'pumpctl step-up'; it is on record there, and names are in it as they were signed. With --key a proof \
        that does not hold is refused.
        """)
    @OptionGroup var common: Common
    @Argument(help: "The record's index.") var index: Int64
    @Option(name: .shortAndLong, help: "The file for it; it must not be there.") var output: String
    @Option(
      help: "A key that may have signed its checkpoint, or a file that holds it; may be repeated.")
    var key: [String] = []

    private struct Output: Encodable {
      let file: String
      let index: UInt64
      let verified: Bool
    }

    func run() throws {
      let gateway = try common.neededGateway()
      let keys = try key.map(Audit.key)
      guard (0...(1 << 53)).contains(index) else { throw Failure.badInput("INDEX: 0 to 2^53") }
      let request = GatewayRequest(.auditProof, number: index, session: try gateway.session())
      let bytes = try gateway.ask(request)
      let proof: ProofFile
      let record: AuditRecord
      do {
        proof = try ProofFile(bytes)
        record = try AuditRecord(proof.extra[...])
      } catch { throw gateway.unreadable(NotAnAnswer("no proof: \(error)")) }
      guard proof.index == UInt64(index), record.index == proof.index else {
        throw Failure.refused("the proof is of another record")
      }
      if !keys.isEmpty, !keys.contains(where: proof.isValid(key:)) {
        throw Failure.refused("the proof does not hold")
      }
      try Audit.keep(bytes, in: output)
      try common.show(
        Output(file: output, index: proof.index, verified: !keys.isEmpty),
        "\(output): \(keys.isEmpty ? "not checked: give --key" : "the proof holds")\n"
          + (try AuditListing().line(record)))
    }
  }

  struct GetConsistency: Addressed {
    static let configuration = CommandConfiguration(
      commandName: "consistency",
      abstract: "Let a pump on a network prove that its log goes on from a checkpoint seen before.")
    @OptionGroup var common: Common
    @Option(help: "The checkpoint seen before, in a file.", completion: .file())
    var remembered: String
    @Option(
      help: "A key that may have signed a checkpoint, or a file that holds it; may be repeated.")
    var key: [String]
    @Option(help: "Keep the newest checkpoint in this file.", completion: .file())
    var remember: String?

    private struct Output: Encodable {
      let from: UInt64
      let size: UInt64
      let consistent: Bool
    }

    func run() throws {
      let gateway = try common.neededGateway()
      let old = try Audit.checkpoint(
        String(decoding: Audit.file(remembered), as: UTF8.self), key: key)
      var request = GatewayRequest(.auditConsistency, session: try gateway.session())
      request.query = "from=\(old.size)"
      let told = try gateway.read(request, Answers.consistency)
      let new = try Audit.checkpoint(told.checkpoint, key: key)
      guard told.from == old.size, told.size == new.size, old.origin == new.origin,
        verifyConsistency(
          from: old.size, root: old.root, to: new.size, root: new.root,
          proof: told.hashes.compactMap { Hash($0) })
      else { throw Failure.refused("the log does not go on from what was seen: \(remembered)") }
      if let remember { try Audit.keep(Array(told.checkpoint.utf8), in: remember, replacing: true) }
      try common.show(
        Output(from: old.size, size: new.size, consistent: true),
        "the log of \(new.size) records goes on from the \(old.size) that were seen")
    }
  }

  struct Download: Addressed {
    static let configuration = CommandConfiguration(
      abstract: "Take away the whole log of a pump on a network, and verify it.",
      discussion: """
        After 'pumpctl step-up'; it is on record there, and names are in it as they were signed. The folder holds \
        the log as tiles (C2SP tlog-tiles), as 'audit verify' and Tools/verify-audit read it. Without --key it is \
        compared with the key that the log itself names. Exit code 1 when something is found.
        """)
    @OptionGroup var common: Common
    @Argument(help: "The folder; it must be empty or not there.", completion: .directory)
    var folder: String
    @Option(help: "The key that the log began with, or a file that holds it.") var key: String?

    /// The most bytes that are taken: some 20 million records.
    private static let longest = 4 << 30

    private struct Output: Encodable {
      let folder: String
      let files: Int
      let bytes: Int
      let records: UInt64
      let keyWasGiven: Bool
      let good: Bool
    }

    func run() throws {
      let gateway = try common.neededGateway()
      let key = try key.map(Audit.key)
      let session = try gateway.session()
      let target: PosixFolder
      do {
        target = try PosixFolder(path: folder)
        guard try target.list().isEmpty else { throw Failure.badInput("\(folder) is not empty") }
      } catch let error as StorageError { throw Failure.badInput("\(folder): \(error)") }
      var unpacked = Unpacked(target)
      let progress = Progress("taking the log of \(gateway.profile.name)")
      do throws(Failure) {
        try gateway.ask(
          GatewayRequest(.auditExport, session: session), limit: Self.longest, silence: 30_000,
          whole: nil
        ) { (part) throws(Failure) in
          try unpacked.take(part)
          progress.tick("\(unpacked.bytes / 1_000) kB")
          return true
        }
        try unpacked.end()
      } catch {
        progress.end()
        guard unpacked.files > 0 else { throw error }
        FileHandle.standardError.write(
          Data("pumpctl: what lies in '\(folder)' is no whole log\n".utf8))
        throw error
      }
      progress.end()
      let reader = try Audit.reader(of: folder)
      let known = Expectations(key: try key ?? Audit.firstKey(reader))
      let verdict: Verdict
      do { verdict = try reader.verify(known) } catch { throw Failure.refused("\(error)") }
      let output = Output(
        folder: folder, files: unpacked.files, bytes: unpacked.bytes, records: verdict.size,
        keyWasGiven: key != nil, good: verdict.isGood)
      if common.json {
        try printJSON(output)
      } else {
        for finding in verdict.findings {
          print("\(finding.kind.rawValue): record \(finding.first): \(finding.text)")
        }
        print("\(verdict.size) records in \(unpacked.files) files in \(folder)")
        if key == nil {
          print("compared with the key that the log itself names: \(known.key.text)")
        }
      }
      guard verdict.isGood else { throw Failure.refused("the log is not what was recorded") }
    }
  }

  /// A checkpoint, signed by one of the keys when any is given.
  static func checkpoint(_ text: String, key: [String]) throws(Failure) -> Checkpoint {
    let checkpoint: Checkpoint
    do { checkpoint = try Checkpoint(Array(text.utf8)) } catch {
      throw .notThePump("no checkpoint: \(error)")
    }
    let known: [NoteKey]
    do { known = try key.map(Audit.key) } catch { throw .badInput("\(key): no key") }
    let isGood = known.contains {
      checkpoint.origin == $0.name && checkpoint.note.verify($0) == .valid
    }
    guard known.isEmpty || isGood else {
      throw .refused("the checkpoint is signed by none of these keys; a log changes its key")
    }
    return checkpoint
  }

  /// Writes a file that must not be there, or may be replaced; readable by this user alone.
  static func keep(_ bytes: [UInt8], in path: String, replacing: Bool = false) throws(Failure) {
    let url = URL(fileURLWithPath: path)
    do throws(StorageError) {
      let folder = try PosixFolder(path: url.deletingLastPathComponent().path)
      if replacing { return try folder.replace(url.lastPathComponent, with: bytes) }
      let file = try folder.create(url.lastPathComponent)
      try file.write(bytes, at: 0)
      try file.sync()
    } catch { throw .badInput("cannot write \(path): \(error)") }
  }
}

/// An archive as it comes, into an empty folder.
private struct Unpacked {
  private let folder: PosixFolder
  private var reader = ArchiveReader()
  private var file: PosixFile?
  private var place = 0
  private(set) var files = 0
  private(set) var bytes = 0

  init(_ folder: PosixFolder) { self.folder = folder }

  mutating func take(_ part: [UInt8]) throws(Failure) {
    let pieces: [ArchiveReader.Piece]
    do throws(ArchiveReader.Fault) { pieces = try reader.take(part) } catch {
      throw .notThePump("the archive of the log cannot be read: \(error)")
    }
    do throws(StorageError) {
      for piece in pieces {
        switch piece {
        case .file(let path, _):
          var target = folder
          for name in path.dropLast() { target = try target.folder(name) }
          // One that is there already is refused: no file of the archive takes another's place.
          file = try target.create(path.last ?? "")
          place = 0
          files += 1
        case .bytes(let part):
          try file?.write(part, at: place)
          place += part.count
          bytes += part.count
        }
      }
    } catch { throw .badInput("the log cannot be written: \(error)") }
  }

  func end() throws(Failure) {
    do throws(ArchiveReader.Fault) { try reader.end() } catch {
      throw .unreachable("the archive of the log ended before its end; ask again")
    }
  }
}
