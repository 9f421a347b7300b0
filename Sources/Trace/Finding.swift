// SPDX-License-Identifier: Apache-2.0

/// One thing that does not hold together: where, what rule, and what to do.
public struct Finding: Hashable, Comparable, Sendable, Encodable, CustomStringConvertible {
  /// The rules; the raw value is the word in the report.
  public enum Rule: String, Sendable, Encodable, CaseIterable {
    case format
    case stamp
    case unknownID = "unknown-id"
    case duplicateID = "duplicate-id"
    case reusedID = "reused-id"
    case noParent = "no-parent"
    case wrongParent = "wrong-parent"
    case noChild = "no-child"
    case noCode = "no-code"
    case noTest = "no-test"
    case failingTest = "failing-test"
    case nameAndTag = "name-and-tag"
    case unreviewed
    case suspect
    case staleGap = "stale-gap"
    case staleInspection = "stale-inspection"
    case verdict
    case clause
    case staleResults = "stale-results"
  }

  public let file: String
  public let line: Int
  public let rule: Rule
  public let message: String

  public init(_ file: String, _ line: Int, _ rule: Rule, _ message: String) {
    self.file = file
    self.line = line
    self.rule = rule
    self.message = message
  }

  public var description: String { "\(file):\(line): \(rule.rawValue): \(message)" }

  public static func < (left: Finding, right: Finding) -> Bool {
    (left.file, left.line, left.rule.rawValue, left.message)
      < (right.file, right.line, right.rule.rawValue, right.message)
  }
}
