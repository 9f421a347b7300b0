// SPDX-License-Identifier: Apache-2.0

/// What became of one test in a run.
public struct TestOutcome: Sendable {
  public enum Result: String, Sendable, Encodable {
    case passed
    case failed
    case skipped
    /// It was started and nobody saw its end.
    case unfinished
  }

  /// What a passed test shows, from what it did; the order is that of strength.
  public enum Kind: String, Sendable, Encodable, Comparable {
    case example
    /// It counted the cases of a finite domain while it ran them, and none is missing.
    case exhaustive
    /// A compiler settled it for every run there can be.
    case proof

    public static func < (left: Kind, right: Kind) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .example: 0
      case .exhaustive: 1
      case .proof: 2
      }
    }
  }

  /// Names the test in its run, such as `ControlProcessTests.JournalTests/…`.
  public let name: String
  /// The ids it claims to test.
  public let ids: [ItemID]
  public var kind: Kind
  /// The cases it counted; 0 when it counts none.
  public let cases: Int
  public let result: Result
  /// Where it is written, from the top of the project; line 1 when its runner does not say.
  public let file: String
  public let line: Int
  /// Of a suite that runs seldom: what only it shows may stay listed as a gap.
  public var isSlow = false

  public init(
    name: String, ids: [ItemID], kind: Kind, cases: Int = 0, result: Result, file: String,
    line: Int
  ) {
    self.name = name
    self.ids = ids
    self.kind = kind
    self.cases = cases
    self.result = result
    self.file = file
    self.line = line
  }
}

/// The outcomes of one run of one test runner.
public struct TestRun: Sendable {
  /// Why a result file is not understood.
  public enum Failure: Error, Hashable, CustomStringConvertible {
    case malformed(line: Int, what: String)
    /// The file ends before the run does: the runner was killed, or still runs.
    case incomplete

    public var description: String {
      switch self {
      case .malformed(let line, let what): "line \(line): \(what)"
      case .incomplete: "the run did not come to its end"
      }
    }
  }

  public var outcomes: [TestOutcome]
  /// Tests whose name and tags do not say the same ids, or that name an id wrongly.
  public var findings: [Finding]

  public init(outcomes: [TestOutcome] = [], findings: [Finding] = []) {
    self.outcomes = outcomes
    self.findings = findings
  }

  /// The place of a test in the project, from the absolute path that its runner wrote down.
  static func projectPath(_ path: String) -> String {
    guard let range = path.ranges(of: "/Tests/").last else { return path }
    return "Tests/" + path[range.upperBound...]
  }

  /// The ids of a name; those that are written wrongly become findings.
  static func ids(
    in name: String, file: String, line: Int, findings: inout [Finding]
  ) -> [ItemID] {
    var ids: [ItemID] = []
    for mention in Mention.all(in: name, underscores: true) {
      if let id = mention.id {
        ids.append(id)
      } else {
        findings.append(
          Finding(
            file, line, .unknownID,
            "the test's name says '\(mention.written)'; an id has three digits"))
      }
    }
    return ids
  }
}
