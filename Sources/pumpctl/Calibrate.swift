// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BoardRecords
import Foundation
import StrictJSON

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Judge the readings of a calibration and sign the record of it.",
    discussion: """
      The points stand in the board's calibration.md; --readings is a file of lines 'id,value' with one for \
      each. The service is told where the record is. Exit code 1 when a reading is not good.
      """)

  @OptionGroup var options: RecordOptions
  @Option(help: "Who checked.") var checkedBy: String
  @Option(help: "An instrument and its certificate; may be repeated.") var instrument: [String]
  @Option(help: "The readings: lines of 'id,value'.") var readings: String

  func validate() throws {
    guard (1...100).contains(checkedBy.utf8.count) else {
      throw ValidationError("--checked-by: 1 to 100 bytes")
    }
    guard !instrument.isEmpty, instrument.count <= 16,
      instrument.allSatisfy({ (1...200).contains($0.utf8.count) })
    else { throw ValidationError("--instrument: 1 to 16, each of 1 to 200 bytes") }
    // RC-127: whoever measured does not vouch for it alone.
    guard checkedBy != options.by else { throw ValidationError("--checked-by: somebody else") }
  }

  func run() throws {
    let key = try options.signingKey()
    let text = String(decoding: try RecordOptions.contents(readings), as: UTF8.self)
    let plan: CalibrationPlan
    let findings: [CalibrationPlan.Finding]
    do throws(RecordRefusal) {
      plan = try CalibrationPlan(bytes: try fileOrEmpty("calibration.json"))
      findings = try plan.judge(CalibrationPlan.readings(text))
    } catch { throw Failure.badInput("\(error)") }
    let bad = findings.filter { !$0.good }
    let body = JSONNode.object([
      ("board", .string(plan.board)), ("by", .string(options.by)),
      ("checkedBy", .string(checkedBy)), ("date", .string(options.day)),
      ("instruments", .array(instrument.map { .string($0) })), ("passed", .bool(bad.isEmpty)),
      (
        "readings",
        .array(
          findings.map { finding in
            .object([
              ("expected", .integer(finding.point.expected)), ("good", .bool(finding.good)),
              ("id", .string(finding.point.id)), ("read", .integer(finding.read)),
              ("unit", .string(finding.point.unit)), ("within", .integer(finding.point.within)),
            ])
          })
      ),
      ("serial", .string(options.serial)),
    ])
    try options.keep(
      .calibration, body, with: key, passed: bad.isEmpty,
      why: "not good: "
        + bad.map { "\($0.point.id) \($0.read) \($0.point.unit)" }.joined(separator: ", "))
  }

  private func fileOrEmpty(_ name: String) throws(RecordRefusal) -> [UInt8] {
    do { return try options.file(name) } catch { throw .malformed(error.text) }
  }
}
