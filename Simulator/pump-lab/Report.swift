// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One check's outcome, as a line of JSON.
struct Outcome: Encodable {
  let check: String
  let passed: Bool
  /// What was measured, or why it failed.
  let detail: String
  /// Of the machine's clock, in milliseconds.
  let milliseconds: Int64
}

/// What a check found wrong.
struct Failed: Error {
  let why: String
  init(_ why: String) { self.why = why }
}

/// The file of outcomes; each line is on the host's disk before the next check begins, so that a
/// machine that restarts loses none.
struct Report {
  private let path: String
  private(set) var failures = 0

  init(path: String) { self.path = path }

  mutating func add(_ outcome: Outcome) {
    if !outcome.passed { failures += 1 }
    print("\(outcome.passed ? "ok  " : "FAIL") \(outcome.check): \(outcome.detail)")
    fflush(nil)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let line = try encoder.encode(outcome) + Data([0x0a])
      if !FileManager.default.fileExists(atPath: path) {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
      }
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try file.seekToEnd()
      try file.write(contentsOf: line)
      try file.synchronize()
    } catch {
      print("FAIL the report \(path) cannot be written: \(error)")
    }
  }
}
