// SPDX-License-Identifier: Apache-2.0

/// Holds documents, code and results together: texts and outcomes in, findings out.
public struct Check: Sendable {
  public let project: Project
  public let run: TestRun?
  public let assessments: Assessments
  /// Everything that does not hold, in the order of files and lines.
  public let findings: [Finding]

  /// With `run` as `nil` everything but the tests is checked.
  public init(_ project: Project, run: TestRun?) {
    self.project = project
    self.run = run
    assessments = Assessments(of: project, outcomes: run?.outcomes)
    var checker = Checker(project: project, run: run, assessments: assessments)
    findings = Set(checker.findings()).sorted()
  }

  /// The rows of gaps.csv, and what of each is really missing.
  public var openGaps: [Project.Gap] { project.gaps.sorted { $0.id < $1.id } }

  /// The ids that answer a clause: those of its row, and the items that carry its tag.
  public func ids(answering row: Project.ClauseRow) -> [ItemID] {
    let tagged = project.items.filter { item in
      item.clauses.contains { $0.source == row.source && $0.row == row.row }
    }
    return Set(row.ids + tagged.map(\.id)).sorted()
  }

  /// The documents that answer a clause: those of its row, and the pages that carry its tag.
  public func documents(answering row: Project.ClauseRow) -> [String] {
    let tagged = project.pages.filter { page in
      page.clauses.contains { $0.source == row.source && $0.row == row.row }
    }
    return Set(row.documents + tagged.map(\.path)).sorted()
  }
}

private struct Checker {
  let project: Project
  let run: TestRun?
  let assessments: Assessments
  /// As it is on a day without the slow tests.
  private let everyday: Assessments
  private var found: [Finding] = []

  init(project: Project, run: TestRun?, assessments: Assessments) {
    self.project = project
    self.run = run
    self.assessments = assessments
    everyday = Assessments(of: project, outcomes: run?.outcomes.filter { !$0.isSlow })
  }

  mutating func findings() -> [Finding] {
    found = project.findings + (run?.findings ?? [])
    identity()
    mentions()
    relations()
    evidence()
    gaps()
    inspections()
    clauses()
    return found
  }

  private mutating func add(_ file: String, _ line: Int, _ rule: Finding.Rule, _ message: String) {
    found.append(Finding(file, line, rule, message))
  }

  // MARK: Ids

  private mutating func identity() {
    var first: [ItemID: Item] = [:]
    for item in project.items {
      if let other = first[item.id] {
        add(
          item.file, item.line, .duplicateID,
          "\(item.id) is given at \(other.file):\(other.line) already; take another number")
      }
      first[item.id] = first[item.id] ?? item
      if let line = project.retired[item.id] {
        add(
          item.file, item.line, .reusedID,
          "\(item.id) was retired (\(Project.Path.retired):\(line)); take another number")
      }
    }
  }

  private mutating func mentions() {
    for page in project.pages {
      for mention in page.mentions { judge(mention, in: page.path) }
    }
    for (path, text) in project.files.sorted(by: { $0.key < $1.key }) {
      guard !path.hasPrefix("Docs/") || path.hasSuffix(".csv"), path != Project.Path.retired else {
        continue
      }
      for mention in Mention.all(in: text, underscores: path.hasSuffix(".py")) {
        judge(mention, in: path)
      }
    }
    // The names of tests come from their run: what stands in a source may be built from parts.
    for outcome in run?.outcomes ?? [] {
      for id in outcome.ids where assessments[id] == nil {
        add(outcome.file, outcome.line, .unknownID, unknown(id))
      }
    }
  }

  private mutating func judge(_ mention: Mention, in path: String) {
    guard let id = mention.id else {
      add(
        path, mention.line, .unknownID,
        "'\(mention.written)' is not written as a family, a dash and three digits")
      return
    }
    if assessments[id] == nil { add(path, mention.line, .unknownID, unknown(id)) }
  }

  private func unknown(_ id: ItemID) -> String {
    project.retired[id] == nil
      ? "no item has the id \(id); write the item or correct the id"
      : "\(id) is retired; name the item that took its place"
  }

  // MARK: Parents

  private mutating func relations() {
    for item in project.items {
      for relation in item.relations {
        let parent = relation.parent
        guard item.id.family.parents.contains(parent.family) else {
          let allowed = item.id.family.parents.map(\.rawValue).joined(separator: ", ")
          add(
            item.file, relation.line, .wrongParent,
            "\(parent) cannot be a parent of \(item.id); "
              + (allowed.isEmpty ? "it has none" : "that is one of \(allowed)"))
          continue
        }
        guard let statement = assessments[parent]?.item.fingerprint else { continue }
        guard let reviewed = relation.fingerprint else {
          add(
            item.file, relation.line, .unreviewed,
            "\(item.id) was never reviewed against \(parent); then: pump-trace accept \(item.id)")
          continue
        }
        if reviewed != statement {
          add(
            item.file, relation.line, .suspect,
            "\(parent) has changed (\(reviewed) → \(statement)) since \(item.id) was reviewed; "
              + "read both, then: pump-trace accept \(item.id)")
        }
      }
    }
  }

  // MARK: Code and tests

  private mutating func evidence() {
    let known = Dictionary(grouping: project.gaps, by: \.id).mapValues {
      Set($0.flatMap(\.missing))
    }
    for assessment in assessments.all {
      let item = assessment.item
      for lack in assessment.lacks where known[item.id]?.contains(lack) != true {
        add(item.file, item.line, rule(for: lack), advice(for: lack, of: item))
      }
      for test in assessment.tests where test.result == .failed || test.result == .unfinished {
        add(test.file, test.line, .failingTest, "a test of \(item.id) \(test.result): \(test.name)")
      }
    }
  }

  private func rule(for lack: Lack) -> Finding.Rule {
    switch lack {
    case .parent: .noParent
    case .child: .noChild
    case .code: .noCode
    case .test: .noTest
    }
  }

  private func advice(for lack: Lack, of item: Item) -> String {
    let id = item.id
    let otherwise = "or list it in \(Project.Path.gaps)"
    switch lack {
    case .parent:
      let families = id.family.parents.map(\.rawValue).joined(separator: ", ")
      return "\(id) has no parent; relate it to one of \(families), \(otherwise)"
    case .child:
      let families = id.family.children.map(\.rawValue).joined(separator: " or ")
      return "nothing answers \(id); write a \(families) below it, \(otherwise)"
    case .code:
      return "no code implements \(id); mark the line with '// \(id): …', \(otherwise)"
    case .test:
      return item.verification == .inspection
        ? "no inspection of \(id) holds; inspect and record it, \(otherwise)"
        : "no passing test carries \(id) in its name; write one, \(otherwise)"
    }
  }

  private mutating func gaps() {
    var seen: [ItemID: Set<Lack>] = [:]
    for gap in project.gaps {
      for lack in gap.missing {
        if !seen[gap.id, default: []].insert(lack).inserted {
          add(Project.Path.gaps, gap.line, .staleGap, "\(gap.id) \(lack) is listed twice")
        }
        guard let assessment = everyday[gap.id], !assessment.lacks.contains(lack) else {
          continue
        }
        // Without a run nobody knows whether a test is still missing.
        if lack == .test, run == nil { continue }
        add(
          Project.Path.gaps, gap.line, .staleGap,
          "\(gap.id) has its \(lack) now; take '\(lack)' out of this row")
      }
    }
  }

  private mutating func inspections() {
    for inspection in project.inspections {
      guard let text = project.files[inspection.path] else {
        add(
          Project.Path.inspections, inspection.line, .staleInspection,
          "there is no text file \(inspection.path)")
        continue
      }
      if SHA256.hex(text) != inspection.sha256 {
        add(
          Project.Path.inspections, inspection.line, .staleInspection,
          "\(inspection.path) has changed since it was inspected for \(inspection.id); "
            + "inspect it again, then: pump-trace accept \(inspection.id)")
      }
      if let item = assessments[inspection.id]?.item, item.verification != .inspection {
        add(
          Project.Path.inspections, inspection.line, .staleInspection,
          "\(inspection.id) is verified by \(item.verification.rawValue), not by inspection")
      }
    }
  }

  // MARK: Clauses

  private mutating func clauses() {
    var rows: Set<String> = []
    var answers: [String: (ids: Set<ItemID>, documents: Bool)] = [:]
    for tag in project.pages.flatMap({ page in page.items.map { ($0.id, $0.clauses) } }) {
      for clause in tag.1 { answers[clause.key, default: ([], false)].ids.insert(tag.0) }
    }
    for clause in project.pages.flatMap(\.clauses) {
      answers[clause.key, default: ([], false)].documents = true
    }
    for row in project.clauses {
      if !rows.insert(row.key).inserted {
        add(row.file, row.line, .clause, "the row \(row.row) stands in this table twice")
      }
      judge(row, tagged: answers[row.key] ?? ([], false))
    }
    for page in project.pages {
      for tag in page.clauses + page.items.flatMap(\.clauses) where !rows.contains(tag.key) {
        add(
          page.path, tag.line, .clause,
          "[[\(tag.key)]] leads nowhere: no row '\(tag.row)' in "
            + "\(Project.Path.clauses)\(tag.source).csv")
      }
    }
  }

  private mutating func judge(
    _ row: Project.ClauseRow, tagged: (ids: Set<ItemID>, documents: Bool)
  ) {
    for document in row.documents {
      let path = document.split(separator: "#").first.map(String.init) ?? ""
      if project.files[path] == nil {
        add(row.file, row.line, .clause, "\(row.row): there is no document \(document)")
      }
    }
    guard let verdict = row.verdict else {
      add(
        row.file, row.line, .verdict,
        "\(row.row) has no verdict; write met, partly, gap or n/a")
      return
    }
    if verdict != .met, row.reason.isEmpty {
      add(
        row.file, row.line, .verdict, "\(row.row): the verdict '\(verdict.rawValue)' has a reason")
    }
    let ids = tagged.ids.union(row.ids)
    if verdict == .met || verdict == .partly, ids.isEmpty, row.documents.isEmpty, !tagged.documents
    {
      add(
        row.file, row.line, .verdict,
        "\(row.row): nothing answers it; name ids or documents, or write gap")
    }
    guard verdict == .met, run != nil else { return }
    for id in ids.sorted() where assessments[id]?.strength == .gap {
      add(
        row.file, row.line, .verdict,
        "\(row.row) is called met and rests on \(id), which is a gap; write partly or gap")
    }
  }
}

extension ClauseTag {
  var key: String { "\(source):\(row)" }
}

extension Project.ClauseRow {
  var key: String { "\(source):\(row)" }
}
