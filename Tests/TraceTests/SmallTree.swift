// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Trace

/// A project of a few lines in which everything holds; each test breaks one thing.
///
/// Its ids exist in the real documents too: the checker reads this file like any other.
struct SmallTree {
  var files: [String: String]
  var run = TestRun(outcomes: [
    SmallTree.test("RC-001 stops", [ItemID(.control, 1)]),
    SmallTree.test("SRS-001 stops in time", [ItemID(.software, 1)]),
  ])

  init() {
    let stamp = "SPECIMEN – not a medical device.\n"
    files = [
      "Docs/needs.md":
        "# Needs\n\n\(stamp)\n## Stop\n\n**UID**: UN-001\n\n**Statement**: One can stop.\n",
      "Docs/hazards.md":
        "# Hazards\n\n\(stamp)\n## Too much\n\n**UID**: HAZ-001\n\n**Statement**: It does not stop.\n",
      "Docs/controls.md": """
      # Controls

      \(stamp)
      ## STOP works

      **UID**: RC-001

      **Statement**: The key stops
      the motor.

      **Clauses**: [[MDR:I.18.8]]

      **Relations**:

      - **Type**: Parent **ID**: HAZ-001 **Fingerprint**: \(Item.fingerprint(of: "It does not stop."))
      """,
      "Docs/system.md": """
      # System

      \(stamp)
      ## STOP halts

      **UID**: SYS-001

      **Statement**: STOP halts the pump.

      **Relations**:

      - **Type**: Parent
        **ID**: UN-001
        **Fingerprint**: \(Item.fingerprint(of: "One can stop."))
      """,
      "Docs/software.md": """
      # Software

      \(stamp)
      ## In time

      **UID**: SRS-001

      **Statement**: The motor is off after 50 ms.

      **Relations**:

      - **Type**: Parent **ID**: SYS-001 **Fingerprint**: \(Item.fingerprint(of: "STOP halts the pump."))
      """,
      "Docs/Requirements/retired.csv": "id,reason\n",
      "Docs/Verification/gaps.csv": "id,missing,reason\n",
      "Docs/Verification/inspections.csv": "id,path,sha256,finding\n",
      "Docs/MDR/clauses/MDR.csv":
        "row,title,answered_by,verdict,reason\nI.18.8,Access,,met,\nI.19,Implants,,n/a,no implant\n",
      "Sources/Stop.swift":
        "func stop() {\n  // RC-001 SRS-001: nothing comes before the motor.\n}\n",
    ]
  }

  static func test(
    _ name: String, _ ids: [ItemID], _ result: TestOutcome.Result = .passed,
    kind: TestOutcome.Kind = .example
  ) -> TestOutcome {
    TestOutcome(name: name, ids: ids, kind: kind, result: result, file: "Tests/T.swift", line: 7)
  }

  var check: Check { Check(Project(files: files), run: run) }

  /// The findings as `file:line: rule`.
  var findings: [String] {
    check.findings.map { "\($0.file):\($0.line): \($0.rule.rawValue)" }
  }

  /// Replaces a text that has to be there.
  mutating func replace(_ old: String, with new: String, in path: String) throws {
    let text = try #require(files[path])
    try #require(text.contains(old))
    files[path] = text.replacing(old, with: new)
  }

  mutating func append(_ text: String, to path: String) throws {
    let old = try #require(files[path])
    files[path] = old + text
  }
}
