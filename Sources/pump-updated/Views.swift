// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Domain
import DrugLibrary
import Foundation
import SoftwareUpdate
import Units
import UpdateMetadata

/// An image, for people and programs.
struct OfferView: Encodable {
  let kind: String
  let version: String
  let release: Int64
  let security: Int64
  let length: Int64
  let notes: String

  init(_ record: ImageRecord, _ kind: Kind = .firmware) {
    self.kind = kind.rawValue
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
  let code: String

  init(_ entry: HistoryEntry) {
    version = entry.version
    outcome = entry.outcome.rawValue
    reason = entry.reason
    code = entry.code
  }
}

struct StatusView: Encodable {
  let phase: String
  let running: OfferView
  let candidate: OfferView?
  let floor: Int64
  /// Nil where none was ever taken in.
  let drugLibrary: DataView?
  let configuration: DataView?

  /// A library or a configuration.
  struct DataView: Encodable {
    let phase: String
    /// Nil where none was ever activated.
    let active: OfferView?
    let sha256: String?
    let candidate: OfferView?

    init(_ journal: SlotJournal, _ kind: Kind) {
      let running = journal.running
      phase = journal.phase.rawValue
      active = running == .nothing ? nil : OfferView(running, kind)
      sha256 = running == .nothing ? nil : Hex.encode(running.sha256)
      candidate = journal.candidate.map { OfferView($0, kind) }
    }

    func lines(_ name: String) -> [String] {
      let waits = candidate.map { ", \($0.version) \(phase)" } ?? ""
      let hash = sha256.map { ", SHA-256 \($0.prefix(16))…" } ?? ""
      return [name + (active?.version ?? "none") + hash + waits]
    }
  }

  init(_ journal: SlotJournal, floor: Int64, _ journals: [Kind: SlotJournal]) {
    phase = journal.phase.rawValue
    drugLibrary = journals[.drugLibrary].map { DataView($0, .drugLibrary) }
    configuration = journals[.configuration].map { DataView($0, .configuration) }
    running = OfferView(journal.running)
    candidate = journal.candidate.map { OfferView($0) }
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
    lines += drugLibrary?.lines("library     ") ?? ["library     none"]
    lines += configuration?.lines("settings    ") ?? ["settings    none"]
    return lines.joined(separator: "\n")
  }
}

/// The active drug library.
struct LibraryView: Encodable {
  struct Limits: Encodable {
    /// Absolute lower, recommended lower, recommended upper, absolute upper.
    let rateMicrolitresPerHour: [Int64]
    let vtbiMicrolitres: [Int64]?
    let drug: String

    init(_ entry: DrugLibrary.Entry) {
      drug = entry.drug.text
      rateMicrolitresPerHour = Self.four(entry.rate, in: .microlitresPerHour(1))
      vtbiMicrolitres = entry.vtbi.map { Self.four($0, in: .microlitres(1)) }
    }

    private static func four<Value: AdditiveQuantity>(
      _ limit: Guardrail<Value>, in unit: Value
    ) -> [Int64] {
      [
        limit.absolute.lower, limit.recommended.lower, limit.recommended.upper,
        limit.absolute.upper,
      ].map { $0.native / unit.native }
    }
  }

  struct Area: Encodable {
    let name: String
    let drugs: [Limits]
  }

  let name: String
  let version: String
  let sha256: String
  let careAreas: [Area]

  init(_ library: DrugLibrary, _ record: ImageRecord) {
    name = library.name.text
    version = record.version
    sha256 = Hex.encode(record.sha256)
    careAreas = library.careAreas.map {
      Area(name: $0.name.text, drugs: $0.entries.map(Limits.init))
    }
  }

  var text: String {
    var lines = ["library     \(name) \(version)", "sha-256     \(sha256)"]
    for area in careAreas {
      lines.append("care area   \(area.name)")
      for drug in area.drugs {
        let vtbi = drug.vtbiMicrolitres.map { ", VTBI µL \(Self.words($0))" } ?? ""
        lines.append("  \(drug.drug): µL/h \(Self.words(drug.rateMicrolitresPerHour))\(vtbi)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func words(_ four: [Int64]) -> String {
    "\(four[1]) to \(four[2]), never beyond \(four[0]) to \(four[3])"
  }
}

/// Prints a value as one line of JSON with its keys in alphabetical order.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
