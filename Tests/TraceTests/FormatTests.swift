// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Trace

/// The forms of Docs/Requirements/README.md, right and wrong.
@Suite struct FormatTests {
  private static let stamp = "# T\n\nSPECIMEN – not a medical device.\n\n"

  private func page(_ text: String) -> (page: Page, findings: [Finding]) {
    var findings: [Finding] = []
    let page = Page(path: "Docs/a.md", text: Self.stamp + text, findings: &findings)
    return (page, findings)
  }

  @Test func `an item has its heading, its fields and its clauses`() throws {
    let read = page(
      """
      ## Stop `now` ##

      **UID**: SRS-001

      **Statement**: The motor
      is off.

      Prose that belongs to no field. [[MDR:I.1]]

      **Verification**: inspection

      **Relations**:

      - **Type**: Parent
        **ID**: RC-001
      - **Type**: Parent **ID**: SYS-001 **Fingerprint**: 0123abcd

      ## No item

      **Bold**: text. [[MDCG:T3.1]]
      """)
    #expect(read.findings == [])
    let item = try #require(read.page.items.first)
    #expect(read.page.items.count == 1)
    #expect(item.title == "Stop `now`")
    #expect(item.statement == "The motor is off.")
    #expect(item.verification == .inspection)
    #expect(item.line == 7)
    #expect(item.relations.map(\.parent) == [ItemID(.control, 1), ItemID(.system, 1)])
    #expect(item.relations.map(\.fingerprint) == [nil, "0123abcd"])
    #expect(item.relations.map(\.line) == [18, 20])
    #expect(item.clauses.map(\.row) == ["I.1"])
    #expect(read.page.clauses.map(\.row) == ["T3.1"])
  }

  @Test(arguments: [
    ("**UID**: RC\("-1")\n\n**Statement**: a", 5), ("**UID**: RC-001", 5),
    ("**UID**: RC-001\n\n**Statement**: a\n\n**Statement**: b", 9),
    ("**UID**: RC-001\n\n**Statement**: a\n\n**Verification**: hope", 9),
    (
      "**UID**: RC-001\n\n**Statement**: a\n\n**Relations**:\n\n- **Type**: Child **ID**: HAZ-001",
      11
    ),
    ("**UID**: RC-001\n\n**Statement**: a\n\n**Relations**: HAZ-001", 9),
    (
      "**UID**: RC-001\n\n**Statement**: a\n\n**Relations**:\n\n"
        + "- **Type**: Parent **ID**: HAZ-001 **Fingerprint**: 12", 11
    ),
  ])
  func `a wrong item is a finding at its line`(text: String, line: Int) {
    let findings = page(text).findings
    #expect(findings.map(\.rule) == [.format])
    #expect(findings.first?.line == line)
  }

  @Test func `an example in a fence is no item`() {
    let read = page("```markdown\n**UID**: RC-001\n```\n\n~~~\nRC\("-9") [[a]]\n~~~\n")
    #expect(read.page.items.isEmpty && read.page.mentions.isEmpty && read.findings.isEmpty)
  }

  @Test func `a table has quotes, remarks and rows over several lines`() {
    var findings: [Finding] = []
    let table = Table(
      path: "a.csv", text: "# remark\na,b\n1,\"x, \"\"y\"\"\"\n\n\"two\nlines\",\r\n# end\n",
      columns: ["a", "b"], findings: &findings)
    #expect(findings == [])
    #expect(table.rows.map { $0["a"] } == ["1", "two\nlines"])
    #expect(table.rows.map { $0["b"] } == ["x, \"y\"", ""])
    #expect(table.rows.map(\.line) == [3, 5])
  }

  @Test(arguments: [
    ("", 1), ("b,a\n", 1), ("a,b\n1\n", 2), ("a,b\n1,2,3\n", 2), ("a,b\n1,x\"y\"\n", 2),
    ("a,b\n1,\"x\"y\n", 2), ("a,b\n\n1,\"x\n", 3),
  ])
  func `a wrong table is a finding at its line`(text: String, line: Int) {
    var findings: [Finding] = []
    _ = Table(path: "a.csv", text: text, columns: ["a", "b"], findings: &findings)
    #expect(findings.map(\.line) == [line])
  }

  @Test func `a fingerprint is the digest's first eight digits`() {
    #expect(Item.fingerprint(of: "abc") == "ba7816bf")
    #expect(Item.fingerprint(of: " a\n b") == Item.fingerprint(of: "a b"))
    #expect(Item.fingerprint(of: "a b") != Item.fingerprint(of: "ab"))
  }
}
