// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the newest recorded events, oldest first.")
  @OptionGroup var common: Common
  @Option(help: "The folder of the records; else PUMP_DATA, else 'data' in the run folder.")
  var data: String?
  @Option(help: "How many, 1 to 10000.") var last: Int = 20

  private struct Line: Decodable {
    let at: Int64
    let source: String
    let kind: String
    let subjectName: String?
    let recorded: String
    let a: Int64
    let b: Int64
  }

  func run() throws {
    guard (1...10_000).contains(last) else { throw Failure.badInput("--last: from 1 to 10000") }
    let folder =
      data ?? ProcessInfo.processInfo.environment["PUMP_DATA"] ?? common.run + "/data"
    let path = folder + "/events.jsonl"
    guard let content = FileManager.default.contents(atPath: path) else {
      throw Failure.unreachable("no records at \(path)")
    }
    for line in content.split(separator: 0x0a).suffix(last) {
      if common.json {
        print(String(decoding: line, as: UTF8.self))
      } else if let event = try? JSONDecoder().decode(Line.self, from: line) {
        let subject = event.subjectName.map { " \($0)" } ?? ""
        print("\(event.recorded) \(event.source) \(event.kind)\(subject) \(event.a) \(event.b)")
      } else {
        print("unreadable record: \(line.count) bytes")
      }
    }
  }
}
