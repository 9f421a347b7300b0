// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Trace

/// One run of one test runner, and where it leaves its results: `NAME.run.json` before the run, and
/// `NAME.events.jsonl` (Swift Testing) or `NAME.junit.xml` (pytest) after it.
struct Suite: ExpressibleByArgument {
  private static let recordEnding = ".run.json"
  private static let resultEndings = [".events.jsonl", ".junit.xml"]
  private static let countsEnding = ".cases.jsonl"

  let name: String

  init?(argument: String) {
    guard argument.wholeMatch(of: /[a-z][a-z0-9\-]*/) != nil else { return nil }
    name = argument
  }

  /// The suite that left this record, if it is one.
  init?(recordFile: String) {
    guard recordFile.hasSuffix(Self.recordEnding) else { return nil }
    self.init(argument: String(recordFile.dropLast(Self.recordEnding.count)))
  }

  /// Slow tests run seldom: without results of this tree they show nothing, and that is all.
  var isSlow: Bool { name.hasSuffix("-slow") }
  var recordFile: String { name + Self.recordEnding }
  /// What a compiler said and not a test: it holds for every run there can be.
  var isProof: Bool { name == "embedded" }
  var resultFiles: [String] { Self.resultEndings.map { name + $0 } }
  var countsFile: String { name + Self.countsEnding }
}

struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write down what is about to be tested; removes the results of the suite's last run.")

  @Argument(help: "The suite's name, such as swift or python; slow ones end with -slow.")
  var suite: Suite
  @OptionGroup var places: Places
  @Option(help: "The Python that runs the tests.") var python = "python3"

  func run() throws {
    let tree = places.tree
    let root = tree.root
    let commit = firstLine(of: "git", ["rev-parse", "HEAD"], in: root) ?? "unknown"
    let isChanged = firstLine(of: "git", ["status", "--porcelain"], in: root) != nil
    let record = RunRecord(
      suite: suite.name, commit: isChanged ? commit + "+changes" : commit,
      tree: try tree.digest(), started: Date.now.ISO8601Format(),
      tools: [
        "swift": firstLine(of: "swift", ["--version"], in: root) ?? "unknown",
        "python": firstLine(of: python, ["--version"], in: root) ?? "unknown",
        "pytest": firstLine(of: python, ["-m", "pytest", "--version"], in: root) ?? "unknown",
      ],
      system: [
        "kernel": firstLine(of: "uname", ["-srm"], in: root) ?? "unknown",
        "processors": String(ProcessInfo.processInfo.activeProcessorCount),
      ])
    for file in suite.resultFiles + [suite.countsFile] {
      let url = places.resultsFolder.appending(path: file)
      guard FileManager.default.fileExists(atPath: url.path) else { continue }
      do { try FileManager.default.removeItem(at: url) } catch {
        throw Trouble(description: "cannot remove the old \(url.path)")
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try tree.write(
      String(decoding: try encoder.encode(record), as: UTF8.self) + "\n",
      to: "\(places.results)/\(suite.recordFile)")
  }
}
