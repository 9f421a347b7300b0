// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Trace

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check the chain from hazards to test results, and write the report.")

  @OptionGroup var places: Places
  @Flag(help: "Look at documents and code only; whether a test is missing stays open.")
  var withoutResults = false
  @Option(help: "The suites that have to have run, separated by commas.") var expect =
    "swift,python"
  @Option(help: "Write the report into this folder, from the top folder.") var report: String?
  @Flag(help: "Print the findings as JSON.") var json = false

  private struct Summary: Encodable {
    let findings: [Finding]
    let items: Int
    let strengths: [String: Int]
    let gaps: Int
    let tests: Int
  }

  func run() throws {
    let tree = places.tree
    let project = Project(files: try tree.texts())
    var sources: [Provenance] = []
    var run: TestRun?
    if !withoutResults {
      let suites = try expect.split(separator: ",").map { name in
        guard let suite = Suite(argument: String(name)) else {
          throw ValidationError("'\(name)' is no name of a suite.")
        }
        return suite
      }
      let results = try Results(places: places, expected: suites)
      sources = results.sources
      run = results.run
    }
    let check = Check(project, run: run)
    if let report {
      let pages = Report(check, provenance: sources)
      for (name, text) in pages.files { try tree.write(text, to: "\(report)/\(name)") }
      try tree.write(
        try EvidenceIndex(check, provenance: sources).json(), to: "\(report)/evidence.json")
    }
    try show(check)
    if !check.findings.isEmpty { throw ExitCode(1) }
  }

  private func show(_ check: Check) throws {
    let all = check.assessments.all
    let tests = check.run?.outcomes.count ?? 0
    let counts = Dictionary(grouping: all, by: \.strength).mapValues(\.count)
    if json {
      let summary = Summary(
        findings: check.findings, items: all.count,
        strengths: Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }),
        gaps: check.openGaps.count, tests: tests)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(summary), as: UTF8.self))
      return
    }
    for finding in check.findings { print(finding) }
    let labels = Strength.allCases.reversed().compactMap { label in
      counts[label].map { "\($0) \(label.rawValue)" }
    }
    let strengths = check.run == nil ? "no run looked at" : labels.joined(separator: ", ")
    print(
      "trace: \(all.count) items (\(strengths)), \(check.project.clauses.count) clauses, "
        + "\(check.openGaps.count) open gaps, \(tests) tests, \(check.findings.count) findings")
  }
}

/// The results of the last run of every suite, as far as they belong to this tree.
private struct Results {
  private(set) var sources: [Provenance] = []
  private(set) var run = TestRun()

  init(places: Places, expected: [Suite]) throws {
    let digest = try places.tree.digest()
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: places.resultsFolder.path)) ?? []
    let recorded = names.sorted().compactMap { Suite(recordFile: $0) }
    let missing = expected.filter { suite in !recorded.contains { $0.name == suite.name } }
    for suite in missing {
      let target = suite.isProof ? "check-embedded" : "test"
      refuse("\(places.results)/\(suite.recordFile)", "the suite was not run; run make \(target)")
    }
    for suite in recorded {
      guard try record(of: suite, in: places).tree == digest else {
        if !suite.isSlow {
          refuse(
            "\(places.results)/\(suite.recordFile)",
            "these are not the results of this tree; run make test")
        }
        continue
      }
      try take(suite, in: places)
    }
  }

  private mutating func take(_ suite: Suite, in places: Places) throws {
    let found = suite.resultFiles.compactMap { file in
      (try? Data(contentsOf: places.resultsFolder.appending(path: file))).map { (file, $0) }
    }
    guard let (file, data) = found.first else {
      refuse("\(places.results)/\(suite.recordFile)", "the suite was started and left no results")
      return
    }
    let path = "\(places.results)/\(file)"
    do {
      var result =
        file.hasSuffix(".jsonl")
        ? try EventStream.read(data, counts: try counts(of: suite, in: places))
        : try JUnit.read(String(decoding: data, as: UTF8.self))
      for index in result.outcomes.indices {
        result.outcomes[index].isSlow = suite.isSlow
        if suite.isProof { result.outcomes[index].kind = .proof }
      }
      sources.append(
        Provenance(
          record: try record(of: suite, in: places), file: path, sha256: SHA256.hex(data),
          outcomes: result.outcomes))
      run.outcomes += result.outcomes
      run.findings += result.findings
    } catch let failure as TestRun.Failure {
      refuse(path, "\(failure); run make test")
    }
  }

  /// What the suite's tests counted; nothing when none did.
  private func counts(of suite: Suite, in places: Places) throws(TestRun.Failure) -> CaseCounts {
    let url = places.resultsFolder.appending(path: suite.countsFile)
    guard let data = try? Data(contentsOf: url) else { return CaseCounts() }
    return try CaseCounts(data)
  }

  private mutating func refuse(_ file: String, _ message: String) {
    run.findings.append(Finding(file, 1, .staleResults, message))
  }

  private func record(of suite: Suite, in places: Places) throws -> RunRecord {
    let url = places.resultsFolder.appending(path: suite.recordFile)
    do { return try JSONDecoder().decode(RunRecord.self, from: Data(contentsOf: url)) } catch {
      throw Trouble(description: "\(url.path) is no record of a run")
    }
  }
}
