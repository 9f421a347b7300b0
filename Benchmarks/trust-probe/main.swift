// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import Foundation
import GRDB
import KeyStore
import SecureStore

/// Measures the store and the password hash, and prints the figures as one line of JSON.
///
/// `trust-probe FOLDER [RECORDS]`: FOLDER is empty or new; RECORDS (100,000 by default) is the history that the
/// store is opened with.
func measure() throws {
  let arguments = CommandLine.arguments
  guard (2...3).contains(arguments.count),
    let records = Int(arguments.count == 3 ? arguments[2] : "100000"),
    (1...1_000_000).contains(records)
  else {
    FileHandle.standardError.write(Data("usage: trust-probe FOLDER [RECORDS]\n".utf8))
    exit(2)
  }
  let data = try PosixFolder(path: arguments[1])
  let keys = try KeyStore(
    root: SimulatedRoot(data.folder("root")), folder: data.folder("keys"))
  let path = arguments[1] + "/store"
  let content = [UInt8](repeating: 0x5a, count: 160)
  let clock = ContinuousClock()
  func milliseconds(_ rounds: Int, _ body: () throws -> Void) rethrows -> Double {
    let spent = try clock.measure { for _ in 0..<rounds { try body() } }
    return Double(spent.components.seconds) * 1e3
      + Double(spent.components.attoseconds) / 1e15
  }
  do {
    let store = try SecureStore(
      path: path, keys: keys, retention: Retention(history: records, alarms: 1, others: 1))
    for start in stride(from: 0, to: records, by: 5_000) {
      let batch = Array(repeating: content, count: min(5_000, records - start))
      try store.append(batch, to: .history)
    }
  }
  var opened: SecureStore?
  let open = try milliseconds(1) {
    opened = try SecureStore(
      path: path, keys: keys, retention: Retention(history: records, alarms: 1, others: 1))
  }
  guard let store = opened, try store.count(of: .history) == records else {
    throw StoreError.damaged
  }
  // A bare commit of as many bytes, with the same durability and settings, in the same run.
  let bare = try DatabaseQueue(path: arguments[1] + "/bare")
  try bare.writeWithoutTransaction { database in
    for pragma in SecureStore.pragmas {
      _ = try Row.fetchAll(database, sql: "PRAGMA \(pragma)")
    }
    try database.execute(sql: "CREATE TABLE bare (key INTEGER PRIMARY KEY, content BLOB)")
  }
  // Both logs as long as they ever get: a file that still grows costs the medium more than one that is
  // written over, and that is not how a pump that runs for days has it.
  for _ in 0..<3 {
    try bare.write { database in
      for _ in 0..<5_000 {
        try database.execute(
          sql: "INSERT INTO bare (content) VALUES (?)", arguments: [Data(count: 200)])
      }
    }
    try store.append(Array(repeating: content, count: 5_000), to: .history)
  }
  // In turns, so that a busy medium is as slow for the one as for the other; long enough for both to take their
  // logs in several times.
  let rounds = 1_000
  var (bareTime, single, group) = (0.0, 0.0, 0.0)
  for round in 0..<rounds {
    bareTime += try milliseconds(1) {
      try bare.write { database in
        try database.execute(
          sql: "INSERT INTO bare (content) VALUES (?)", arguments: [Data(count: 200)])
      }
    }
    single += try milliseconds(1) { try store.append([content], to: .history) }
    if round.isMultiple(of: 10) {
      group += try milliseconds(1) {
        try store.append(Array(repeating: content, count: 100), to: .history)
      }
    }
  }
  let salt = [UInt8](repeating: 1, count: 16)
  let hash = try milliseconds(5) {
    _ = try Argon2id.hash(Array("correct horse battery".utf8), salt: salt, cost: .standard)
  }
  let figures: [String: Double] = [
    "records": Double(records), "open_ms": open, "hash_ms": hash / 5,
    "bare_per_second": Double(rounds) * 1e3 / bareTime,
    "single_ratio": bareTime / single,
    "group_ratio": bareTime / Double(rounds) / (group / Double(10 * rounds)),
  ]
  let line = try JSONSerialization.data(withJSONObject: figures, options: [.sortedKeys])
  FileHandle.standardOutput.write(line + Data("\n".utf8))
}

try measure()
