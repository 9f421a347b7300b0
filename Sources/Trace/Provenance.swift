// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is written down before a run, so that its results can be told from those of another build.
public struct RunRecord: Codable, Sendable {
  /// Which tests were run, by which runner: `swift`, `python`, `update`.
  public let suite: String
  public let commit: String
  /// Names the content of everything that is built or run: see ``tree(of:)``.
  public let tree: String
  public let started: String
  public let tools: [String: String]
  public let system: [String: String]

  public init(
    suite: String, commit: String, tree: String, started: String, tools: [String: String],
    system: [String: String]
  ) {
    self.suite = suite
    self.commit = commit
    self.tree = tree
    self.started = started
    self.tools = tools
    self.system = system
  }

  /// One digest for the names and contents of files, whatever their order.
  public static func tree(of digests: [String: String]) -> String {
    SHA256.hex(digests.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }.joined())
  }
}

/// Where the outcomes of one suite come from.
public struct Provenance: Sendable {
  public let record: RunRecord
  /// The result file, and the digest of its bytes.
  public let file: String
  public let sha256: String
  public let outcomes: [TestOutcome]

  public init(record: RunRecord, file: String, sha256: String, outcomes: [TestOutcome]) {
    self.record = record
    self.file = file
    self.sha256 = sha256
    self.outcomes = outcomes
  }

  var suite: String { record.suite }
  var commit: String { String(record.commit.prefix(12)) }
  var started: String { record.started }

  func count(_ result: TestOutcome.Result) -> Int { outcomes.count { $0.result == result } }
}

/// The evidence index of a run: what was tested, with what, when, and how it ended.
///
/// The fields are those that IEC 62304 asks a test record for (9.8): the software under test, its
/// configuration, the tools, the date, who ran it, the results and what did not hold.
public struct EvidenceIndex: Encodable {
  private struct File: Encodable {
    let path: String
    let sha256: String
  }

  private struct Suite: Encodable {
    let record: RunRecord
    let results: File
    let passed: Int
    let failed: Int
    let skipped: Int
  }

  private struct Test: Encodable {
    let suite: String
    let name: String
    let ids: [String]
    let kind: TestOutcome.Kind
    let cases: Int
    let result: TestOutcome.Result
    let file: String
    let line: Int
  }

  private struct Claim: Encodable {
    let id: String
    let strength: Strength
    let lacks: [Lack]
    let evidence: [File]
    let tests: [String]
  }

  private let note = Page.stamp
  /// The run is started by a program; a person who signs it off does so elsewhere.
  private let tester = "make test"
  private let suites: [Suite]
  private let documents: [File]
  private let claims: [Claim]
  private let tests: [Test]
  private let anomalies: [Finding]

  public init(_ check: Check, provenance: [Provenance]) {
    let files = check.project.files
    suites = provenance.map { source in
      Suite(
        record: source.record, results: File(path: source.file, sha256: source.sha256),
        passed: source.count(.passed), failed: source.count(.failed) + source.count(.unfinished),
        skipped: source.count(.skipped))
    }
    documents = files.keys.filter { $0.hasPrefix("Docs/") }.sorted().map { path in
      File(path: path, sha256: SHA256.hex(files[path] ?? ""))
    }
    claims = check.assessments.all.map { entry in
      let paths = Set([entry.item.file] + entry.markers.map(\.file)).sorted()
      return Claim(
        id: entry.item.id.description, strength: entry.strength, lacks: entry.lacks,
        evidence: paths.map { File(path: $0, sha256: SHA256.hex(files[$0] ?? "")) },
        tests: entry.tests.map(\.name))
    }
    tests = provenance.flatMap { source in
      source.outcomes.map { outcome in
        Test(
          suite: source.suite, name: outcome.name, ids: outcome.ids.map(\.description),
          kind: outcome.kind, cases: outcome.cases, result: outcome.result, file: outcome.file,
          line: outcome.line)
      }
    }
    anomalies = check.findings
  }

  /// The index as JSON, the same bytes for the same content.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
