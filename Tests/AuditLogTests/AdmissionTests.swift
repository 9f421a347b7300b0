// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import SimulatedDisk
import Testing

@testable import AuditLog

/// When a gap in a source's numbers is admitted, and when it is not.
@Suite struct AdmissionTests {
  private typealias Step = (entry: AuditEntry, second: UInt64)

  private static func event(_ number: Int, at second: UInt64) -> Step {
    (AuditEntry(.peerChanged, source: .control, number: UInt32(number), subject: 2), second)
  }

  private static func summary(
    _ count: Int64, since: UInt64, of source: AuditSource = .control, at second: UInt64
  ) -> Step {
    let first = Int64(since * 1_000_000_000)
    return (AuditEntry(.recordsSummarised, source: source, a: count, b: first), second)
  }

  private static func missed(_ count: Int64, at second: UInt64) -> Step {
    (AuditEntry(.eventsMissed, source: .control, a: count), second)
  }

  /// Steps of one log and the number of the event whose gap is found.
  ///
  /// Nil among the steps starts the pump again.
  private static let cases: [(steps: [Step?], gap: UInt32?)] = [
    // Events 2 and 3 never came, and nobody says so.
    ([event(1, at: 1), event(4, at: 2)], 4),
    // Admitted before, after, and in two parts.
    ([event(1, at: 1), missed(2, at: 2), event(4, at: 2)], nil),
    ([event(1, at: 1), event(4, at: 3), summary(2, since: 2, at: 9)], nil),
    ([event(1, at: 1), event(4, at: 3), summary(2, since: 3, at: 9)], nil),
    ([event(1, at: 1), missed(1, at: 2), event(4, at: 3), summary(1, since: 2, at: 9)], nil),
    ([event(1, at: 1), event(4, at: 3), event(6, at: 4), summary(3, since: 2, at: 9)], nil),
    // A summary of fewer, of another source, of a later time, or of another start.
    ([event(1, at: 1), event(4, at: 3), summary(1, since: 2, at: 9)], 4),
    ([event(1, at: 1), event(4, at: 3), summary(2, since: 2, of: .safety, at: 9)], 4),
    ([event(1, at: 1), event(4, at: 3), summary(2, since: 4, at: 9)], 4),
    ([event(1, at: 1), event(4, at: 3), nil, summary(2, since: 2, at: 9)], 4),
    // What was left over before is no credit for the next start.
    ([event(1, at: 1), missed(9, at: 2), nil, event(1, at: 8), event(4, at: 9)], 4),
    // Only a summary comes late: a source that missed events says so at once.
    ([event(1, at: 1), event(4, at: 3), missed(2, at: 9)], 4),
    // One summary closes one gap, and the flood that it stands for hides no other.
    ([event(1, at: 1), event(4, at: 3), event(7, at: 5), summary(2, since: 5, at: 9)], 4),
    ([event(1, at: 1), event(4, at: 3), event(7, at: 5), summary(2, since: 2, at: 9)], 7),
    // A summary of the whole does not use up what only it can close.
    (
      [
        event(1, at: 1), event(3, at: 3), event(5, at: 5), summary(1, since: 2, at: 9),
        summary(1, since: 4, at: 9),
      ], nil
    ),
  ]

  @Test(.tags(.`SEC-350`))
  func `SEC-350 both verifiers take a later summary for a gap of its source, start and time alone`()
    throws
  {
    let path = NSTemporaryDirectory() + "admissions-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = try PosixFolder(path: path)
    var manifest = ""
    var expected: [String] = []
    for (number, item) in Self.cases.enumerated() {
      var rig = try Rig()
      rig.seconds = 0
      var log = try rig.open()
      for step in item.steps {
        guard let step else {
          try log.close(now: rig.now)
          log = try rig.open()
          continue
        }
        rig.seconds = step.second
        try log.write([step.entry], rig.now)
      }
      try log.close(now: rig.now)
      let forger = try Forger(rig.folder)
      let place = try folder.folder("case-\(number)")
      try forger.write(to: place)
      let key = try rig.firstKey()
      let findings = try AuditReader(place).verify(Expectations(key: key)).findings
      let wanted = try item.gap.map { gap in
        // The last event of that number: an earlier start may have had one, too.
        try #require(
          forger.records.indices.last { index in
            (try? forger.decoded(index).entry.number) == gap
          })
      }
      #expect(findings.map(\.kind) == (wanted == nil ? [] : [.suppressed]), "\(number)")
      #expect(findings.map(\.first) == (wanted.map { [UInt64($0)] } ?? []), "\(number)")
      manifest += "case-\(number)\t\(key.text)\t-\t0\n"
      expected.append(wanted.map { "suppressed:\($0):\($0)" } ?? "")
    }
    try folder.replace("manifest", with: Array(manifest.utf8))
    #expect(try secondVerifier(path) == expected)
  }
}
