// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Trace

/// Every way in which a trace can lie turns it red, at the line that has to change.
@Suite struct CheckTests {
  @Test func `a tree in which everything holds has no finding`() {
    let tree = SmallTree()
    #expect(tree.findings == [])
    #expect(tree.check.assessments.all.count == 5)
    #expect(tree.check.assessments.all.allSatisfy { $0.strength == .tested })
  }

  // MARK: Tests

  @Test(.tags(.`SYS-071`))
  func `SYS-071 renaming a test leaves its control without a test`() {
    var tree = SmallTree()
    tree.run.outcomes[0] = SmallTree.test("it stops", [])
    #expect(
      tree.findings == ["Docs/MDR/clauses/MDR.csv:2: verdict", "Docs/controls.md:7: no-test"])
  }

  @Test(arguments: [TestOutcome.Result.failed, .unfinished])
  func `a failed test shows nothing, whatever passes beside it`(result: TestOutcome.Result) {
    var tree = SmallTree()
    tree.run.outcomes.append(SmallTree.test("too", [ItemID(.software, 1)], result))
    #expect(
      tree.findings == [
        "Docs/software.md:7: no-test", "Docs/system.md:7: no-test", "Tests/T.swift:7: failing-test",
      ])
  }

  @Test func `a skipped test shows nothing`() {
    var tree = SmallTree()
    tree.run.outcomes[1] = SmallTree.test("later", [ItemID(.software, 1)], .skipped)
    #expect(tree.findings == ["Docs/software.md:7: no-test", "Docs/system.md:7: no-test"])
  }

  @Test func `a test of an id that nobody wrote is refused`() {
    var tree = SmallTree()
    tree.run.outcomes.append(SmallTree.test("more", [ItemID(.control, 999)]))
    #expect(tree.findings == ["Tests/T.swift:7: unknown-id"])
  }

  @Test func `without a run no test is missed and everything else is checked`() throws {
    var tree = SmallTree()
    try tree.replace("RC-001 ", with: "", in: "Sources/Stop.swift")
    let check = Check(Project(files: tree.files), run: nil)
    #expect(check.findings.map(\.rule) == [.noCode])
  }

  // MARK: Code

  @Test(.tags(.`SYS-071`))
  func `SYS-071 deleting a marker leaves its control without code`() throws {
    var tree = SmallTree()
    try tree.replace("RC-001 ", with: "", in: "Sources/Stop.swift")
    #expect(
      tree.findings == ["Docs/MDR/clauses/MDR.csv:2: verdict", "Docs/controls.md:7: no-code"])
  }

  @Test(arguments: [
    "  /// RC-001: a doc comment marks nothing.", "  // As RC-001 asks.", "  let a = \"RC-001: b\"",
  ])
  func `a mention is no marker`(line: String) {
    #expect(Marker.all(in: line, file: "Sources/A.swift").isEmpty)
  }

  @Test(arguments: [
    ("  a()  // RC-001, SRS-001: because", 2), ("// RC-001: because: so", 1),
    ("  # RC-001: in a unit file", 1),
  ])
  func `a marker is a comment of ids and a reason`(line: String, count: Int) {
    #expect(Marker.all(in: line, file: "Sources/A.swift").count == count)
  }

  // MARK: Parents

  @Test(.tags(.`SYS-071`))
  func `SYS-071 editing a parent makes its children suspect until they are accepted`() throws {
    var tree = SmallTree()
    try tree.replace("STOP halts the pump.", with: "STOP halts the pump now.", in: "Docs/system.md")
    #expect(tree.findings == ["Docs/software.md:13: suspect"])

    let acceptance = Acceptance(
      .items([ItemID(.software, 1)]), in: Project(files: tree.files))
    #expect(acceptance.stamped == 1)
    tree.files.merge(acceptance.changed) { $1 }
    #expect(tree.findings == [])
  }

  @Test func `a line break in a statement changes nothing`() throws {
    var tree = SmallTree()
    try tree.replace("STOP halts the", with: "STOP halts  the\n", in: "Docs/system.md")
    #expect(tree.findings == [])
  }

  @Test(.tags(.`SYS-071`))
  func `SYS-071 an orphan is refused`() throws {
    var tree = SmallTree()
    let start = try #require(tree.files["Docs/software.md"]?.firstRange(of: "**Relations**"))
    tree.files["Docs/software.md"]?.removeSubrange(start.lowerBound...)
    // SYS-001 has no child any more and no test of its own.
    #expect(tree.findings == ["Docs/software.md:7: no-parent", "Docs/system.md:7: no-test"])
  }

  @Test(.tags(.`SYS-071`))
  func `SYS-071 a hazard that nothing controls is refused`() throws {
    var tree = SmallTree()
    try tree.append(
      "\n## Air\n\n**UID**: HAZ-002\n\n**Statement**: Air is delivered.\n", to: "Docs/hazards.md")
    #expect(tree.findings == ["Docs/hazards.md:13: no-child"])
  }

  @Test func `a requirement below a hazard has the wrong parent`() throws {
    var tree = SmallTree()
    try tree.append("\n- **Type**: Parent **ID**: HAZ-001", to: "Docs/software.md")
    #expect(tree.findings == ["Docs/software.md:14: wrong-parent"])
  }

  @Test func `a relation without a fingerprint was never reviewed, and can be stamped`() throws {
    var tree = SmallTree()
    let text = try #require(tree.files["Docs/software.md"])
    tree.files["Docs/software.md"] = text.replacing(#/ \*\*Fingerprint\*\*.*/#, with: "")
    #expect(tree.findings == ["Docs/software.md:13: unreviewed"])
    let acceptance = Acceptance(.unreviewed, in: Project(files: tree.files))
    tree.files.merge(acceptance.changed) { $1 }
    #expect(tree.files["Docs/software.md"] == text)
  }

  // MARK: Ids

  @Test func `an id that is given twice is refused`() throws {
    var tree = SmallTree()
    try tree.append(
      "\n## Again\n\n**UID**: HAZ-001\n\n**Statement**: Something else.\n", to: "Docs/hazards.md")
    #expect(tree.findings == ["Docs/hazards.md:13: duplicate-id"])
  }

  @Test func `an id is never given again once it is retired`() {
    var tree = SmallTree()
    tree.files["Docs/Requirements/retired.csv"] = "id,reason\nUN-001,no longer needed\n"
    #expect(tree.findings == ["Docs/needs.md:7: reused-id"])
  }

  @Test(arguments: ["RC-\(999)", "RC-\(1)", "RC" + "001", "HAZ_" + "001"])
  func `an unknown or miswritten id is found wherever it stands`(id: String) throws {
    var tree = SmallTree()
    tree.files["Sources/Other.swift"] = "// Nothing.\n// See \(id).\n"
    try tree.append("\nSee \(id), not `\(id)`.\n", to: "Docs/needs.md")
    #expect(tree.findings == ["Docs/needs.md:11: unknown-id", "Sources/Other.swift:2: unknown-id"])
  }

  @Test(arguments: ["CRC-16", "UN38.3", "UN-3480", "SEC1", "MB85RC04", "SYS_44", "ARC-001"])
  func `what only looks like an id is none`(word: String) {
    #expect(Mention.all(in: "See \(word).").isEmpty)
  }

  // MARK: Gaps

  @Test(.tags(.`SYS-071`))
  func `SYS-071 a gap that is listed is no finding, and the claim is a gap`() throws {
    var tree = SmallTree()
    tree.run.outcomes.remove(at: 1)
    tree.files["Docs/Verification/gaps.csv"] =
      "id,missing,reason\nSRS-001,test,no bench yet\nSYS-001,test,as SRS-001\n"
    #expect(tree.findings == [])
    #expect(tree.check.assessments[ItemID(.software, 1)]?.strength == .gap)
    #expect(tree.check.assessments[ItemID(.need, 1)]?.strength == .gap)
  }

  @Test func `a gap that was closed has to be taken out`() {
    var tree = SmallTree()
    tree.files["Docs/Verification/gaps.csv"] = "id,missing,reason\nSRS-001,test code,no bench yet\n"
    #expect(tree.check.findings.map(\.rule) == [.staleGap, .staleGap])
  }

  @Test func `a gap that only a slow test closes may stay listed, and the claim is tested`() {
    var tree = SmallTree()
    tree.run.outcomes[1].isSlow = true
    tree.files["Docs/Verification/gaps.csv"] =
      "id,missing,reason\nSRS-001,test,slow\nSYS-001,test,as SRS-001\n"
    #expect(tree.findings == [])
    #expect(tree.check.assessments[ItemID(.software, 1)]?.strength == .tested)
    tree.run.outcomes.remove(at: 1)
    #expect(tree.findings == [])
  }

  @Test func `a gap has a reason and names what is missing`() {
    var tree = SmallTree()
    tree.files["Docs/Verification/gaps.csv"] = "id,missing,reason\nSRS-001,everything,\n"
    #expect(tree.check.findings.map(\.rule) == [.format, .format])
  }

  // MARK: Inspections

  @Test func `an inspection holds until its file changes`() throws {
    var tree = SmallTree()
    tree.run.outcomes.remove(at: 1)
    try tree.replace(
      "**Relations**", with: "**Verification**: inspection\n\n**Relations**", in: "Docs/software.md"
    )
    let digest = SHA256.hex(try #require(tree.files["Sources/Stop.swift"]))
    tree.files["Docs/Verification/inspections.csv"] =
      "id,path,sha256,finding\nSRS-001,Sources/Stop.swift,\(digest),\"holds, at 50 ms\"\n"
    #expect(tree.findings == [])
    #expect(tree.check.assessments[ItemID(.software, 1)]?.strength == .inspected)
    #expect(tree.check.assessments[ItemID(.need, 1)]?.strength == .inspected)

    try tree.append("// More.\n", to: "Sources/Stop.swift")
    #expect(
      tree.findings == [
        "Docs/Verification/inspections.csv:2: stale-inspection", "Docs/software.md:7: no-test",
        "Docs/system.md:7: no-test",
      ])
    let acceptance = Acceptance(.items([ItemID(.software, 1)]), in: Project(files: tree.files))
    tree.files.merge(acceptance.changed) { $1 }
    #expect(tree.findings == [])
  }

  // MARK: Clauses

  @Test(arguments: [
    ("I.18.8,Access,,,", "no verdict"), ("I.18.8,Access,,yes,", "no verdict"),
    ("I.18.8,Access,,partly,", "has a reason"),
    ("I.18.8,Access,RC-001 Docs/no.md,met,", "no document"),
    ("I.18.8,Access,,met,\nI.18.8,Access,,met,", "twice"),
    ("I.18.8,Access,,met,\nI.2,Two,,met,", "nothing answers"),
  ])
  func `a clause row without a verdict or an answer is refused`(rows: String, reason: String) {
    var tree = SmallTree()
    tree.files["Docs/MDR/clauses/MDR.csv"] = "row,title,answered_by,verdict,reason\n\(rows)\n"
    #expect(tree.check.findings.count == 1)
    #expect(tree.check.findings.first?.message.contains(reason) == true)
  }

  @Test func `a clause tag that leads nowhere is refused`() throws {
    var tree = SmallTree()
    try tree.append(
      "\nSee [[MDR:I.99]] and [[nothing]], not `[[MDR:I.98]]`.\n", to: "Docs/needs.md")
    #expect(tree.findings == ["Docs/needs.md:11: clause", "Docs/needs.md:11: clause"])
  }

  @Test func `a page without its stamp is refused`() {
    var tree = SmallTree()
    tree.files["Docs/more.md"] = "# More\n"
    #expect(tree.findings == ["Docs/more.md:1: stamp"])
  }

  // MARK: Strength

  @Test func `the strongest kind of a claim's own tests counts, and the weakest child of a parent`()
    throws
  {
    var tree = SmallTree()
    tree.run.outcomes += [
      SmallTree.test("all", [ItemID(.control, 1)], kind: .exhaustive),
      SmallTree.test("proof", [ItemID(.software, 1)], kind: .proof),
    ]
    try tree.append(
      "\n## Also\n\n**UID**: SYS-002\n\n**Statement**: Said only.\n\n**Verification**: declaration\n\n"
        + "**Relations**:\n\n- **Type**: Parent **ID**: UN-001", to: "Docs/system.md")
    tree.files.merge(Acceptance(.unreviewed, in: Project(files: tree.files)).changed) { $1 }
    let check = tree.check
    #expect(check.findings == [])
    #expect(check.assessments[ItemID(.control, 1)]?.strength == .exhausted)
    #expect(check.assessments[ItemID(.hazard, 1)]?.strength == .exhausted)
    #expect(check.assessments[ItemID(.software, 1)]?.strength == .proven)
    #expect(check.assessments[ItemID(.system, 1)]?.strength == .proven)
    #expect(check.assessments[ItemID(.need, 1)]?.strength == .declared)
  }

  @Test func `a proof that was skipped proves nothing`() {
    var tree = SmallTree()
    tree.run.outcomes.append(SmallTree.test("p", [ItemID(.control, 1)], .skipped, kind: .proof))
    #expect(tree.check.assessments[ItemID(.control, 1)]?.strength == .tested)
  }
}
