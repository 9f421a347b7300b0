// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Trace

/// The report says what the check found, and says it in the same bytes every time.
@Suite struct ReportTests {
  private static let record = RunRecord(
    suite: "swift", commit: "0123456789abcdef", tree: "t", started: "2026-01-01T00:00:00Z",
    tools: ["swift": "6.3"], system: [:])

  private func provenance(_ tree: SmallTree) -> [Provenance] {
    [
      Provenance(
        record: Self.record, file: "out/e.jsonl", sha256: "00", outcomes: tree.run.outcomes)
    ]
  }

  @Test func `the first page counts by strength and lists the open gaps`() throws {
    var tree = SmallTree()
    tree.run.outcomes.remove(at: 1)
    tree.files["Docs/Verification/gaps.csv"] =
      "id,missing,reason\nSRS-001,test,no | bench\nSYS-001,test,as SRS-001\n"
    let report = Report(tree.check, provenance: provenance(tree))
    let page = report.firstPage
    #expect(page.contains("| Risk controls (RC) | – | – | 1 | – | – | – | 1 |"))
    #expect(page.contains("| Software requirements (SRS) | – | – | – | – | – | 1 | 1 |"))
    #expect(page.contains("| SRS-001 | In time | test | no \\| bench |"))
    #expect(page.contains("| MDR | 1 | 0 | 0 | 1 | 0 | 2 |"))
    #expect(page.contains("| swift | `0123456789ab` | 2026-01-01T00:00:00Z | 1 | 0 | 0 |"))
    #expect(page.contains("## What does not hold together\n\nNothing."))
    #expect(page.contains(Page.stamp))
  }

  @Test func `the first page lists what does not hold`() throws {
    var tree = SmallTree()
    try tree.replace("RC-001 ", with: "", in: "Sources/Stop.swift")
    let page = Report(tree.check, provenance: provenance(tree)).firstPage
    #expect(page.contains("- `Docs/controls.md:7` no-code: "))
  }

  @Test func `the matrix leads from each item to code and results`() throws {
    let tree = SmallTree()
    let files = Report(tree.check, provenance: provenance(tree)).files
    let matrix = try #require(files["matrix.csv"])
    #expect(
      matrix.contains(
        "RC-001,STOP works,HAZ-001,,tested,Sources/Stop.swift:2,RC-001 stops,example,passed\n"))
    #expect(matrix.contains("HAZ-001,Too much,,RC-001,tested,,,,\n"))
    let clauses = try #require(files["clauses.md"])
    #expect(clauses.contains("| I.18.8 | Access | RC-001 (tested) | met |  |"))
  }

  @Test func `the evidence index names files, digests, tests and results`() throws {
    let tree = SmallTree()
    let text = try EvidenceIndex(tree.check, provenance: provenance(tree)).json()
    #expect(text == (try EvidenceIndex(tree.check, provenance: provenance(tree)).json()))
    let index = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let tests = try #require(index["tests"] as? [[String: Any]])
    #expect(tests.map { $0["result"] as? String } == ["passed", "passed"])
    let claims = try #require(index["claims"] as? [[String: Any]])
    #expect(claims.count == 5)
    let documents = try #require(index["documents"] as? [[String: String]])
    let page = try #require(tree.files["Docs/needs.md"])
    #expect(documents.contains(["path": "Docs/needs.md", "sha256": SHA256.hex(page)]))
  }

  @Test func `a tree's digest depends on names and contents and on nothing else`() {
    let one = RunRecord.tree(of: ["a": "1", "b": "2"])
    #expect(one == RunRecord.tree(of: ["b": "2", "a": "1"]))
    #expect(one != RunRecord.tree(of: ["a": "2", "b": "1"]))
    #expect(one != RunRecord.tree(of: ["a": "1"]))
  }
}
