// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What tests counted while they ran: how many cases of a finite domain, of how many.
///
/// One JSON object a line, as `everyCase` writes it. A count belongs to the last test that begins above it
/// in its file; several counts of a test add up.
public struct CaseCounts: Sendable {
  /// The counts of one test.
  public struct Count: Hashable, Sendable {
    public var ran = 0
    public var all = 0
    public init(ran: Int = 0, all: Int = 0) {
      self.ran = ran
      self.all = all
    }

    /// Every case there is, and at least one.
    public var isWhole: Bool { ran == all && ran > 0 }
  }

  private struct Line: Decodable {
    let fileID: String
    let line: Int
    let ran: Int
    let of: Int
  }

  private var lines: [Line] = []

  public init() {}

  /// Reads a file of counts.
  public init(_ data: some Sequence<UInt8>) throws(TestRun.Failure) {
    let decoder = JSONDecoder()
    for (index, text) in Array(data).split(separator: 0x0A).enumerated() {
      do { lines.append(try decoder.decode(Line.self, from: Data(text))) } catch {
        throw .malformed(line: index + 1, what: "no count of cases")
      }
      let line = lines[index]
      guard (0...1_000_000_000).contains(line.of), (0...line.of).contains(line.ran) else {
        throw .malformed(line: index + 1, what: "no number of cases")
      }
    }
  }

  /// The counts by `fileID:line` of the test they belong to.
  func byTest(at places: [(fileID: String, line: Int)]) -> [String: Count] {
    let starts = Dictionary(grouping: places, by: \.fileID).mapValues { $0.map(\.line) }
    var counts: [String: Count] = [:]
    for line in lines {
      guard let start = starts[line.fileID]?.filter({ $0 <= line.line }).max() else { continue }
      let key = "\(line.fileID):\(start)"
      let (ran, ranOver) = counts[key, default: Count()].ran.addingReportingOverflow(line.ran)
      let (all, allOver) = counts[key, default: Count()].all.addingReportingOverflow(line.of)
      // A sum that cannot be told is no whole one.
      counts[key] = ranOver || allOver ? Count(ran: 0, all: .max) : Count(ran: ran, all: all)
    }
    return counts
  }
}
