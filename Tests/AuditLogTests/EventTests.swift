// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import Testing

@testable import AuditLog

@Suite struct EventTests {
  @Test(.tags(.`SEC-200`)) func `SEC-200 every event stands in the document, and no other`() throws
  {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appendingPathComponent("Docs/Security/audit-events.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter {
      $0.hasPrefix("| ") && !$0.hasPrefix("| number")
    }
    .map { $0.split(separator: "|").prefix(4).map { $0.trimmingCharacters(in: .whitespaces) } }
    let events = AuditEvent.allCases.map {
      ["\($0.rawValue)", "\($0)", $0.mds2, $0.isSafetyRelevant ? "yes" : ""]
    }
    #expect(rows == events)
  }

  @Test(.tags(.`SEC-200`)) func `SEC-200 every question of MDS2 AUDT-2 is answered by an event`() {
    let answered = Set(AuditEvent.allCases.map(\.mds2))
    for number in 1...10 { #expect(answered.contains("AUDT-2.\(number)")) }
  }

  @Test(.tags(.`SEC-200`)) func `SEC-200 every event of the pump has its record`() {
    for kind in EventKind.allCases {
      #expect(AuditEvent(rawValue: 100 + UInt16(kind.rawValue)).map { "\($0)" } == "\(kind)")
    }
  }

  @Test(.tags(.`SEC-026`, .`SEC-055`, .`SEC-203`))
  func `SEC-026 SEC-055 SEC-203 a listing names nobody and is no formula`() throws {
    let listing = AuditListing(key: [1, 2, 3])
    var entry = AuditEntry(.loginFailed, outcome: .refused, reference: "=HYPERLINK(\"x\")")
    var lines: [String] = []
    for (name, reference) in [
      ("anna.meier", "=1+1"), ("anna.meier", "@SUM(A1)"), ("b\u{1b}[2J", "-2+3"),
      ("c", "+4\t\"x\"\r\n="),
    ] {
      entry.actor = AuditActor(name: name, role: 1)
      entry.reference = reference
      let record = AuditRecord(
        index: 1, boot: [UInt8](repeating: 0, count: 16),
        time: AuditTime(monotonic: 5, wall: 1_709_210_096_789, quality: .unknown), entry: entry)
      let csv = listing.csv(record)
      lines.append(csv)
      for text in [csv, listing.json(record), listing.line(record)] {
        #expect(!text.contains("anna") && !text.contains("meier"))
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        #expect(text.contains("2024-02-29T12:34:56.789Z"))
      }
      for cell in csv.split(separator: ",") {
        let content = cell.hasPrefix("\"") ? cell.dropFirst() : cell
        #expect(content.first.map { !"=+-@\t\r".contains($0) } ?? true, "\(cell)")
      }
      let object = try JSONSerialization.jsonObject(with: Data(listing.json(record).utf8))
      #expect((object as? [String: Any])?["reference"] as? String == reference)
    }
    func person(_ line: String) -> Substring {
      line.split(separator: ",", omittingEmptySubsequences: false)[12]
    }
    #expect(person(lines[0]) == person(lines[1]) && person(lines[0]) != person(lines[2]))
    #expect(try AuditListing().csv(try sample()) != AuditListing().csv(try sample()))
  }

  private func sample() throws -> AuditRecord {
    AuditRecord(
      index: 1, boot: [UInt8](repeating: 0, count: 16),
      time: AuditTime(monotonic: 5, wall: 6, quality: .unknown),
      entry: AuditEntry(.logout, actor: AuditActor(name: "anna")))
  }
}
