// SPDX-License-Identifier: Apache-2.0

import Foundation
import SoftwareUpdate

/// An image, for people and programs.
struct OfferView: Encodable {
  let version: String
  let release: Int64
  let security: Int64
  let length: Int64
  let notes: String

  init(_ record: ImageRecord) {
    version = record.version
    release = record.releaseCounter
    security = record.securityVersion
    length = record.length
    notes = record.notes
  }
}

struct HistoryView: Encodable {
  let version: String
  let outcome: String
  let reason: String

  init(_ entry: HistoryEntry) {
    version = entry.version
    outcome = entry.outcome.rawValue
    reason = entry.reason
  }
}

struct StatusView: Encodable {
  let phase: String
  let running: OfferView
  let candidate: OfferView?
  let floor: Int64

  init(_ journal: SlotJournal, floor: Int64) {
    phase = journal.phase.rawValue
    running = OfferView(journal.running)
    candidate = journal.candidate.map(OfferView.init)
    self.floor = floor
  }

  var text: String {
    var lines = ["runs        \(running.version), release \(running.release)"]
    lines.append("phase       \(phase)")
    if let candidate {
      lines.append("candidate   \(candidate.version), release \(candidate.release)")
      if !candidate.notes.isEmpty { lines.append("changes     \(candidate.notes)") }
    }
    lines.append("floor       security version \(floor)")
    return lines.joined(separator: "\n")
  }
}

/// Prints a value as one line of JSON with its keys in alphabetical order.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
