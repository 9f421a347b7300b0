// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BoardRecords
import Cryptography
import Foundation
import StrictJSON

/// What every record of a board says, and with which key it is signed.
struct RecordOptions: ParsableArguments {
  @Option(help: "The board: a name of the package, or a folder with its generated files.")
  var board: String
  @Option(help: "The number on this board.") var serial: String
  @Option(help: "Who measures.") var by: String
  @Option(help: "The day, YYYY-MM-DD; else today. It labels the record and decides nothing.")
  var date: String?
  @Option(
    help: "The file of the key that signs: 64 hexadecimal digits, as 'openssl rand -hex 32' makes.")
  var key: String
  @Option(help: "Where the record goes; the file must not be there.") var out: String
  @Flag(help: "Print one line of JSON.") var json = false

  func validate() throws {
    for (name, text) in [("--serial", serial), ("--by", by)] {
      guard (1...100).contains(text.utf8.count) else {
        throw ValidationError("\(name): 1 to 100 bytes")
      }
    }
    if let date, date.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) == nil {
      throw ValidationError("--date: YYYY-MM-DD")
    }
  }

  /// A generated file of the board.
  func file(_ name: String) throws(Failure) -> [UInt8] {
    let folder = board.contains("/") ? board : "/usr/share/pump/boards/\(board)"
    return try Self.contents("\(folder)/\(name)")
  }

  static func contents(_ path: String) throws(Failure) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .badInput("\(path): the file cannot be read")
    }
    return Array(data)
  }

  /// 32 bytes as hexadecimal text.
  static func hex(_ path: String) throws(Failure) -> [UInt8] {
    let text = String(decoding: try contents(path), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    guard let bytes = Hex.decode(text), bytes.count == Ed25519.keySize else {
      throw .badInput("\(path): 64 hexadecimal digits")
    }
    return bytes
  }

  func signingKey() throws(Failure) -> Ed25519.PrivateKey {
    var seed = try Self.hex(key)
    do { return try Ed25519.PrivateKey(seed: SecretBytes(wiping: &seed)) } catch {
      throw .badInput("\(key): no key")
    }
  }

  /// The day as a label.
  var day: String { date ?? Date.ISO8601FormatStyle().year().month().day().format(Date()) }

  /// Signs and writes, and says what came of it; a record of a failure is a record.
  func keep(
    _ kind: SignedRecord.Kind, _ body: JSONNode, with key: Ed25519.PrivateKey, passed: Bool,
    why: String
  ) throws(Failure) {
    let record: SignedRecord
    do { record = try SignedRecord(kind, body, signedBy: key) } catch {
      throw .badInput("\(error)")
    }
    do {
      try Data(record.bytes).write(to: URL(fileURLWithPath: out), options: .withoutOverwriting)
    } catch {
      throw .badInput("\(out): the record cannot be written: \(error.localizedDescription)")
    }
    let publicKey = Hex.encode(record.key)
    if json {
      let node = JSONNode.object([
        ("key", .string(publicKey)), ("kind", .string(kind.rawValue)), ("out", .string(out)),
        ("passed", .bool(passed)),
      ])
      print(String(decoding: CanonicalJSON.bytes(node), as: UTF8.self))
    } else {
      print("\(passed ? "passed" : "FAILED")      \(kind.rawValue) of \(serial)")
      print("record      \(out), signed by \(publicKey)")
    }
    guard passed else { throw .refused(why) }
  }
}

struct CheckRecord: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-record",
    abstract: "Check the signature of a bring-up or calibration record.")

  @Argument(help: "The record.") var record: String
  @Option(help: "The file of the public key that is trusted: 64 hexadecimal digits.")
  var publicKey: String
  @Flag(help: "Print one line of JSON.") var json = false

  func run() throws {
    let trusted = try RecordOptions.hex(publicKey)
    let found: SignedRecord
    do throws(RecordRefusal) {
      found = try SignedRecord(bytes: RecordFile.contents(record))
      try found.check(signedBy: trusted)
    } catch { throw Failure.refused("\(record): \(error)") }
    if json {
      print(String(decoding: CanonicalJSON.bytes(found.record), as: UTF8.self))
    } else {
      print("genuine     \(found.kind.rawValue) of \(found.record["serial"]?.string ?? "-")")
      print("outcome     \(found.passed ? "passed" : "FAILED")")
    }
  }
}

/// A record's file, read with no more than a record's refusals.
enum RecordFile {
  static func contents(_ path: String) throws(RecordRefusal) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .malformed("the file cannot be read")
    }
    return Array(data)
  }
}
