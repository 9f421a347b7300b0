// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Swift Testing's event stream, version 0, as `swift test --event-stream-output-path` writes it.
///
/// One JSON record a line: a `test` describes a test or suite, an `event` says what happened to it. Tags
/// are under `_tags` before schema 6.4 and under `tags` from it on (ST-0019).
public enum EventStream {
  /// A line longer than this is refused; the longest seen has 40 000 bytes.
  public static let longestLine = 4 << 20

  private struct Record: Decodable {
    let kind: String
    let payload: Payload
  }

  private struct Payload: Decodable {
    struct Location: Decodable {
      let fileID: String?
      // Swift's own name for it in this version of the stream.
      let _filePath: String?
      let filePath: String?
      let line: Int
    }
    struct Message: Decodable { let symbol: String }

    let kind: String
    let id: String?
    let name: String?
    let displayName: String?
    let sourceLocation: Location?
    let _tags: [String]?
    let tags: [String]?
    let testID: String?
    let messages: [Message]?
  }

  private struct Known {
    let payload: Payload
    var result: TestOutcome.Result?
  }

  /// Reads a whole stream, and what the tests of that run counted meanwhile.
  public static func read(
    _ data: some Sequence<UInt8>, counts: CaseCounts = CaseCounts()
  ) throws(TestRun.Failure) -> TestRun {
    var order: [String] = []
    var known: [String: Known] = [:]
    var ended = false
    let decoder = JSONDecoder()
    for (index, line) in Array(data).split(separator: 0x0A).enumerated() {
      guard line.count <= longestLine else {
        throw .malformed(line: index + 1, what: "more than \(longestLine) bytes")
      }
      let record: Record
      do { record = try decoder.decode(Record.self, from: Data(line)) } catch {
        throw .malformed(line: index + 1, what: "no record of an event stream")
      }
      let payload = record.payload
      switch (record.kind, payload.kind) {
      case ("test", "function"):
        guard let id = payload.id else {
          throw .malformed(line: index + 1, what: "a test without an id")
        }
        if known[id] == nil { order.append(id) }
        known[id] = Known(payload: payload)
      case ("event", "testSkipped"):
        if let id = payload.testID { known[id]?.result = .skipped }
      case ("event", "testEnded"):
        guard let id = payload.testID, known[id]?.result == nil else { continue }
        known[id]?.result = result(of: payload)
      case ("event", "runEnded"):
        ended = true
      default:
        continue
      }
    }
    guard ended else { throw .incomplete }
    return run(of: order.compactMap { known[$0] }, counts)
  }

  /// A pass with known issues is no pass: a claim with a known issue does not hold.
  private static func result(of payload: Payload) -> TestOutcome.Result {
    payload.messages?.contains { $0.symbol == "pass" } == true ? .passed : .failed
  }

  private static func run(of tests: [Known], _ counts: CaseCounts) -> TestRun {
    var run = TestRun()
    let places = tests.compactMap { test in
      test.payload.sourceLocation.flatMap { place in place.fileID.map { ($0, place.line) } }
    }
    let counted = counts.byTest(at: places)
    for test in tests {
      let payload = test.payload
      let location = payload.sourceLocation
      let file = TestRun.projectPath(location?.filePath ?? location?._filePath ?? "Tests")
      let line = location?.line ?? 1
      let said = TestRun.ids(
        in: payload.displayName ?? payload.name ?? "", file: file, line: line,
        findings: &run.findings)
      let labels = (payload.tags ?? payload._tags ?? []).map { $0.split(separator: ".").last ?? "" }
      let tagged = labels.compactMap { ItemID($0) }
      if Set(said) != Set(tagged) {
        run.findings.append(
          Finding(
            file, line, .nameAndTag,
            "the test's name says \(list(said)), its tags say \(list(tagged)); they say the same"))
      }
      let count = counted["\(location?.fileID ?? ""):\(line)"] ?? CaseCounts.Count()
      run.outcomes.append(
        TestOutcome(
          name: payload.id ?? "", ids: Set(said + tagged).sorted(),
          kind: count.isWhole ? .exhaustive : .example, cases: count.ran,
          result: test.result ?? .unfinished, file: file, line: line))
    }
    return run
  }

  private static func list(_ ids: [ItemID]) -> String {
    ids.isEmpty ? "no id" : Set(ids).sorted().map(\.description).joined(separator: " ")
  }
}
