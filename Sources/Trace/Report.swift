// SPDX-License-Identifier: Apache-2.0

/// The pages and tables that a check writes: what is claimed, what shows it, what is open.
public struct Report: Sendable {
  private let check: Check
  private let provenance: [Provenance]

  public init(_ check: Check, provenance: [Provenance]) {
    self.check = check
    self.provenance = provenance
  }

  /// Every file of the report by its name.
  public var files: [String: String] {
    [
      "README.md": firstPage, "matrix.md": matrixPage, "matrix.csv": matrixTable,
      "clauses.md": clausesPage, "clauses.csv": clausesTable,
    ]
  }

  private static let head = "\(Page.stamp).\n"

  // MARK: The first page

  /// Counts by strength, verdicts, open gaps: what a reviewer wants to know first.
  public var firstPage: String {
    var text = "# What is shown, and what is not\n\n\(Self.head)\n"
    text +=
      "Written by `pump-trace check` from the documents, the code and the results of one run.\n\n"
    text += runs + "\n## Claims by strength\n\n" + strengths
    text += "\n## Clauses by verdict\n\n" + verdicts
    text += "\n## Open gaps\n\n" + gaps
    text += "\n## What does not hold together\n\n"
    if check.findings.isEmpty {
      text += "Nothing.\n"
    } else {
      text += check.findings.map {
        "- `\($0.file):\($0.line)` \($0.rule.rawValue): \($0.message)\n"
      }
      .joined()
    }
    return text
      + "\nThe rows behind these counts: [matrix](matrix.md), [clauses](clauses.md); as data: "
      + "[matrix.csv](matrix.csv), [clauses.csv](clauses.csv), [evidence.json](evidence.json).\n"
  }

  private var runs: String {
    guard let run = check.run else { return "No run was looked at: strengths are not known.\n" }
    var text =
      "| suite | commit | started | passed | failed | skipped |\n|---|---|---|---|---|---|\n"
    for source in provenance {
      text +=
        "| \(source.suite) | `\(source.commit)` | \(source.started) | \(source.count(.passed)) "
        + "| \(source.count(.failed) + source.count(.unfinished)) | \(source.count(.skipped)) |\n"
    }
    let claiming = run.outcomes.count { !$0.ids.isEmpty }
    return text + "\n\(run.outcomes.count) tests, of which \(claiming) carry an id.\n"
  }

  private var strengths: String {
    let labels = Strength.allCases.reversed()
    var text = "| | \(labels.map(\.rawValue).joined(separator: " | ")) | all |\n"
    text += "|---|" + String(repeating: "---|", count: labels.count + 1) + "\n"
    for family in Family.allCases {
      let items = check.assessments.all.filter { $0.item.id.family == family }
      let counts = labels.map { label in items.count { $0.strength == label } }
      text += "| \(family.plural) (\(family.rawValue)) | "
      text += counts.map { $0 == 0 ? "–" : String($0) }.joined(separator: " | ")
      text += " | \(items.count) |\n"
    }
    return text
      + "\n*Proven*: the compiler or a checker settled every case. *Exhausted*: every case up to a stated "
      + "bound was run.\nNeeds and hazards are as strong as the weakest item below them.\n"
  }

  private var verdicts: String {
    let sources = Set(check.project.clauses.map(\.source)).sorted()
    let verdicts = Project.ClauseRow.Verdict.allCases
    var text = "| source | \(verdicts.map(\.rawValue).joined(separator: " | ")) | none | all |\n"
    text += "|---|" + String(repeating: "---|", count: verdicts.count + 2) + "\n"
    for source in sources {
      let rows = check.project.clauses.filter { $0.source == source }
      let counts = verdicts.map { verdict in rows.count { $0.verdict == verdict } }
      text += "| \(source) | \(counts.map(String.init).joined(separator: " | ")) "
      text += "| \(rows.count { $0.verdict == nil }) | \(rows.count) |\n"
    }
    return text
  }

  private var gaps: String {
    let gaps = check.openGaps
    guard !gaps.isEmpty else { return "None.\n" }
    var text = "\(gaps.count) items lack something and say so.\n\n"
    text += "| id | title | missing | reason |\n|---|---|---|---|\n"
    for gap in gaps {
      let title = check.assessments[gap.id]?.item.title ?? ""
      let missing = gap.missing.map(\.rawValue).joined(separator: ", ")
      text += "| \(gap.id) | \(cell(title)) | \(missing) | \(cell(gap.reason)) |\n"
    }
    return text
  }

  // MARK: The matrix

  private var matrixPage: String {
    var text = "# From hazards and needs to results\n\n\(Self.head)\n"
    text +=
      "Each item with what stands above it, the code that carries its id and the tests of this run.\n"
    for family in Family.allCases {
      text += "\n## \(family.plural)\n\n"
      text +=
        "| id | title | above | below | code | tests | strength |\n|---|---|---|---|---|---|---|\n"
      for entry in check.assessments.all where entry.item.id.family == family {
        let parents = entry.item.relations.map(\.parent.description).joined(separator: " ")
        let children = entry.children.map(\.description).joined(separator: " ")
        let code = Set(entry.markers.map(\.file)).sorted().map { "`\($0)`" }.joined(
          separator: "<br>")
        text +=
          "| \(entry.item.id) | \(cell(entry.item.title)) | \(parents) | \(children) | \(code) "
        text += "| \(results(of: entry)) | \(entry.strength.rawValue) |\n"
      }
    }
    return text
  }

  private func results(of entry: Assessment) -> String {
    let passed = entry.tests.count { $0.result == .passed }
    let cases = entry.tests.filter { $0.kind == .exhaustive && $0.result == .passed }.map(\.cases)
      .reduce(0) { $0 &+ $1 }
    let others = entry.tests.filter { $0.result != .passed }
    return
      ([passed > 0 ? "\(passed) passed" : "", cases > 0 ? "all \(cases) cases" : ""]
      + others.map { "\($0.result.rawValue): \(cell($0.name))" })
      .filter { !$0.isEmpty }.joined(separator: "<br>")
  }

  /// One line for each path from an item to a test, as data.
  private var matrixTable: String {
    var text = "id,title,parents,children,strength,code,test,kind,result\n"
    for entry in check.assessments.all {
      let head = [
        entry.item.id.description, entry.item.title,
        entry.item.relations.map(\.parent.description).joined(separator: " "),
        entry.children.map(\.description).joined(separator: " "), entry.strength.rawValue,
        entry.markers.map { "\($0.file):\($0.line)" }.joined(separator: " "),
      ]
      if entry.tests.isEmpty { text += row(head + ["", "", ""]) }
      for test in entry.tests {
        text += row(head + [test.name, test.kind.rawValue, test.result.rawValue])
      }
    }
    return text
  }

  // MARK: Clauses

  private var clausesPage: String {
    var text = "# Clauses\n\n\(Self.head)"
    var source = ""
    for clause in check.project.clauses {
      if clause.source != source {
        source = clause.source
        text +=
          "\n## \(source)\n\n| row | asks | answered by | verdict | why |\n|---|---|---|---|---|\n"
      }
      let ids = check.ids(answering: clause).map { id in
        "\(id) (\(check.assessments[id]?.strength.rawValue ?? "unknown"))"
      }
      let documents = check.documents(answering: clause).map { "`\($0)`" }
      text +=
        "| \(clause.row) | \(cell(clause.title)) | \((ids + documents).joined(separator: "<br>")) "
      text += "| \(clause.verdict?.rawValue ?? "**none**") | \(cell(clause.reason)) |\n"
    }
    return text
  }

  private var clausesTable: String {
    var text = "source,row,title,ids,documents,verdict,reason\n"
    for clause in check.project.clauses {
      text += row([
        clause.source, clause.row, clause.title,
        check.ids(answering: clause).map(\.description).joined(separator: " "),
        check.documents(answering: clause).joined(separator: " "), clause.verdict?.rawValue ?? "",
        clause.reason,
      ])
    }
    return text
  }

  // MARK: Text

  private func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }

  private func row(_ fields: [String]) -> String {
    fields.map { field in
      field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
    }.joined(separator: ",") + "\n"
  }
}

extension Family {
  var plural: String {
    switch self {
    case .need: "User needs"
    case .hazard: "Hazards"
    case .control: "Risk controls"
    case .system: "System requirements"
    case .security: "Security requirements"
    case .software: "Software requirements"
    }
  }
}
