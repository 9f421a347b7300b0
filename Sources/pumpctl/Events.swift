// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Foundation

struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the newest events of controller and monitor, oldest first.",
    discussion: """
      They are read from the audit log that the service keeps, also when no pump runs; whoever may not \
      read its folder sees none. 'audit show' lists requests and people as well.
      """)
  @OptionGroup var common: Common
  @Option(help: "The folder of the records; else PUMP_DATA, else 'data' in the run folder.")
  var data: String?
  @Option(help: "How many, 1 to 10000.") var last: Int = 20

  func run() throws {
    let folder =
      data ?? ProcessInfo.processInfo.environment["PUMP_DATA"] ?? common.run + "/data"
    let logs = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/audit")) ?? []
    guard let newest = logs.compactMap({ UInt32($0) }).max() else {
      throw Failure.unreachable("no records in \(folder)/audit")
    }
    let reader = try Audit.reader(of: "\(folder)/audit/\(newest)")
    try Audit.show(last, of: reader, json: common.json) {
      $0.entry.source == .control || $0.entry.source == .safety
    }
  }
}
