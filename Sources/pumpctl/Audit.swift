// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import DurableFiles
import Foundation

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Inspect, prove, export and show an audit log, without the pump or over a network.",
    discussion: """
      A log is the folder of one log of a pump (DATA/audit/N) or an export of it as tiles. Nothing in \
      it is changed. 'checkpoint', 'records', 'proof', 'consistency' and 'download' ask a pump on a network.
      """,
    subcommands: [
      Verify.self, Prove.self, CheckProof.self, Export.self, Show.self, FirstKey.self,
      GetCheckpoint.self, GetRecords.self, GetProof.self, GetConsistency.self, Download.self,
    ])

  /// Which log.
  struct Source: ParsableArguments {
    @Argument(help: "The folder of the log.") var folder: String

    func reader() throws -> AuditReader<PosixFolder> { try Audit.reader(of: folder) }
  }

  static func reader(of folder: String) throws -> AuditReader<PosixFolder> {
    do { return try AuditReader(PosixFolder(path: folder, access: .reading)) } catch {
      throw Failure.badInput("\(folder): \(error)")
    }
  }

  /// Prints the newest of the records that are wanted, oldest first; one that cannot be read is wanted too.
  static func show(
    _ last: Int, of reader: AuditReader<PosixFolder>, json: Bool,
    where isWanted: (AuditRecord) -> Bool = { _ in true }
  ) throws {
    guard (1...10_000).contains(last) else { throw Failure.badInput("--last: from 1 to 10000") }
    let listing = try AuditListing()
    var lines: [String] = []
    var place = 0
    try reader.each { (bytes, _) in
      let line: String
      if let record = try? AuditRecord(bytes) {
        guard isWanted(record) else { return true }
        line = json ? listing.json(record) : listing.line(record)
      } else {
        line = "unreadable record: \(bytes.count) bytes"
      }
      if lines.count < last { lines.append(line) } else { lines[place % last] = line }
      place += 1
      return true
    }
    let start = lines.count < last ? 0 : place % last
    for line in lines[start...] + lines[..<start] { print(line) }
  }

  /// A key given as text or in a file.
  static func key(_ text: String) throws -> NoteKey {
    do {
      if text.contains("+") { return try NoteKey(text) }
      let bytes = FileManager.default.contents(atPath: text) ?? Data()
      let line = String(decoding: bytes, as: UTF8.self)
      return try NoteKey(line.trimmingCharacters(in: .whitespacesAndNewlines))
    } catch { throw Failure.badInput("\(text): \(error)") }
  }

  /// The key that a log says it began with.
  static func firstKey(_ reader: AuditReader<PosixFolder>) throws -> NoteKey {
    var found: NoteKey?
    try reader.each { (bytes, _) in
      if let record = try? AuditRecord(bytes), record.entry.event == .logCreated {
        found = try? NoteKey(name: record.entry.reference, publicKey: record.entry.payload)
      }
      return false
    }
    guard let found else { throw Failure.refused("the log does not begin with its creation") }
    return found
  }

  static func file(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.badInput("cannot read \(path)")
    }
    return Array(data)
  }
}

extension Audit {
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell whether a log was edited, cut, rolled back, copied or kept from recording.",
      discussion: """
        Exit codes, those of Tools/verify-audit: 0 nothing found, 1 something found, files that cannot \
        be read as a log among it, 2 wrong usage or no log.

        Against somebody who has the signing key, an inspector needs something from elsewhere: the \
        device's counter, a checkpoint seen before, or a witness.
        """)
    @OptionGroup var source: Source
    @Option(help: "The key that the log began with, or a file that holds it.") var key: String?
    @Option(help: "The device's counter.") var counter: UInt64?
    @Option(help: "A checkpoint seen before, in a file.") var remembered: [String] = []
    @Option(help: "A witness that must have signed the newest checkpoint.") var witness: String?
    @Option(help: "Keep the newest checkpoint in this file, for the next time.") var remember:
      String?
    @Flag(help: "Print one line of JSON.") var json = false

    private struct View: Encodable {
      struct Found: Encodable {
        let kind: String
        let first: UInt64
        let last: UInt64
        let text: String
      }
      let good: Bool
      let keyWasGiven: Bool
      let records: UInt64
      let covered: UInt64
      let starts: UInt64
      let epochs: Int
      let witnessed: UInt64?
      let findings: [Found]
    }

    func run() throws {
      let reader = try source.reader()
      var known = Expectations(key: try key.map(Audit.key) ?? Audit.firstKey(reader))
      known.counter = counter
      known.witness = try witness.map(Audit.key)
      for path in remembered {
        do { known.remembered.append(try Checkpoint(Audit.file(path))) } catch {
          throw Failure.badInput("\(path): \(error)")
        }
      }
      let verdict: Verdict
      do { verdict = try reader.verify(known) } catch .storage(let why) {
        throw Failure.badInput("\(source.folder): \(why)")
      } catch { throw Failure.refused("\(error)") }
      if json {
        try printJSON(
          View(
            good: verdict.isGood, keyWasGiven: key != nil, records: verdict.size,
            covered: verdict.checkpoint?.size ?? 0, starts: verdict.starts,
            epochs: verdict.epochs, witnessed: verdict.cosigned,
            findings: verdict.findings.map {
              View.Found(kind: $0.kind.rawValue, first: $0.first, last: $0.last, text: $0.text)
            }))
      } else {
        for finding in verdict.findings {
          let place = finding.first == finding.last ? "" : " to \(finding.last)"
          print("\(finding.kind.rawValue): record \(finding.first)\(place): \(finding.text)")
        }
        let covered = verdict.checkpoint?.size ?? 0
        let word = verdict.isGood ? "nothing found" : "\(verdict.findings.count) findings"
        print("\(verdict.size) records, \(covered) signed, \(verdict.starts) starts: \(word)")
        if key == nil {
          print("compared with the key that the log itself names: \(known.key.text)")
        }
      }
      guard verdict.isGood else { throw Failure.refused("the log is not what was recorded") }
      if let remember, let checkpoint = verdict.checkpoint {
        guard
          FileManager.default.createFile(atPath: remember, contents: Data(checkpoint.note.bytes))
        else { throw Failure.badInput("cannot write \(remember)") }
      }
    }
  }

  struct Prove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the proof that a record is in the log, in one file (C2SP tlog-proof).")
    @OptionGroup var source: Source
    @Argument(help: "The record's index.") var index: UInt64
    @Option(name: .shortAndLong, help: "The file; else the standard output.") var output: String?
    @Flag(help: "Print one line of JSON.") var json = false

    private struct View: Encodable {
      let index: UInt64
      let file: String?
      let proof: String?
    }

    func run() throws {
      let reader = try source.reader()
      let proof: ProofFile?
      do { proof = try reader.proof(of: index) } catch { throw Failure.refused("\(error)") }
      guard let proof else {
        throw Failure.refused("no checkpoint covers record \(index) yet, or there is none")
      }
      let text = String(decoding: proof.bytes, as: UTF8.self)
      guard let output else {
        if json { return try printJSON(View(index: index, file: nil, proof: text)) }
        FileHandle.standardOutput.write(Data(proof.bytes))
        return
      }
      guard FileManager.default.createFile(atPath: output, contents: Data(proof.bytes)) else {
        throw Failure.badInput("cannot write \(output)")
      }
      if json { try printJSON(View(index: index, file: output, proof: nil)) }
    }
  }

  struct CheckProof: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check-proof", abstract: "Check a proof file and show its record.")
    @Argument(help: "The proof file.") var file: String
    @Option(help: "The key that signed its checkpoint, or a file that holds it.") var key: String
    @Flag(help: "Print one line of JSON.") var json = false

    func run() throws {
      let proof: ProofFile
      let record: AuditRecord
      do {
        proof = try ProofFile(Audit.file(file))
        record = try AuditRecord(proof.extra[...])
      } catch { throw Failure.badInput("\(file): \(error)") }
      guard proof.isValid(key: try Audit.key(key)), record.index == proof.index else {
        throw Failure.refused("the proof does not hold")
      }
      print(json ? try AuditListing().json(record) : try AuditListing().line(record))
    }
  }

  struct Export: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
      case tiles, json, csv
    }
    static let configuration = CommandConfiguration(
      abstract: "Write a log as tiles (C2SP tlog-tiles), lines of JSON, or CSV.",
      discussion: """
        JSON and CSV carry pseudonyms in the place of persons: the same within one export, unrelated to \
        any other. No text of a CSV is taken for a formula.
        """)
    @OptionGroup var source: Source
    @Option(help: "tiles, json or csv.") var format: Format = .json
    @Option(
      name: .shortAndLong, help: "The file, or for tiles the empty folder; else standard output.")
    var output: String?
    @Flag(help: "Print one line of JSON that says how many; with --output.") var json = false

    func validate() throws {
      if json, output == nil { throw ValidationError("--json tells of a file: give --output") }
    }

    private func tell(_ records: UInt64) throws {
      if json {
        try printJSON(["records": records])
      } else if format == .tiles {
        print("\(records) records")
      }
    }

    func run() throws {
      let reader = try source.reader()
      do {
        if format == .tiles {
          guard let output else { throw Failure.badInput("tiles need --output FOLDER") }
          let target = try PosixFolder(path: output)
          guard try target.list().isEmpty else { throw Failure.badInput("\(output) is not empty") }
          return try tell(UInt64(try reader.exportTiles(to: target)))
        }
        var text = format == .csv ? AuditListing.csvHeader + "\r\n" : ""
        let listing = try AuditListing()
        var count: UInt64 = 0
        try reader.each { (bytes, _) in
          guard let record = try? AuditRecord(bytes) else { return true }
          count += 1
          text += format == .csv ? listing.csv(record) + "\r\n" : listing.json(record) + "\n"
          return true
        }
        guard let output else {
          FileHandle.standardOutput.write(Data(text.utf8))
          return
        }
        guard FileManager.default.createFile(atPath: output, contents: Data(text.utf8)) else {
          throw Failure.badInput("cannot write \(output)")
        }
        try tell(count)
      } catch let failure as Failure { throw failure } catch { throw Failure.refused("\(error)") }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the newest records, oldest first.")
    @OptionGroup var source: Source
    @Option(help: "How many, 1 to 10000.") var last: Int = 20
    @Flag(help: "Print lines of JSON.") var json = false

    func run() throws { try Audit.show(last, of: source.reader(), json: json) }
  }

  struct FirstKey: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "key",
      abstract: "Print the key that a log began with, to be kept where the device cannot reach it.")
    @OptionGroup var source: Source
    @Flag(help: "Print one line of JSON.") var json = false

    func run() throws {
      let key = try Audit.firstKey(source.reader()).text
      if json { try printJSON(["key": key]) } else { print(key) }
    }
  }
}
