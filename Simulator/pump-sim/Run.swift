// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Scenarios
import StrictJSON
import Units

/// Runs scenarios in virtual time.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run scenarios in virtual time, in one process.",
    discussion: """
      With --out, each scenario writes DIR/NAME/events.jsonl, samples.csv, result.json and \
      recording.bin; equal scenario and seed give equal bytes. Exit codes: 0 every expectation \
      met, 1 one was not, 2 bad input, named as file:line:column.
      """)

  @Argument(help: ArgumentHelp("Scenario files.", valueName: "scenario"))
  var scenarios: [String]

  @Option(help: "Seed, instead of each scenario's own.")
  var seed: UInt64?

  @Option(help: "Folder for the records; made when missing.")
  var out: String?

  @Flag(help: "Print each result as JSON.")
  var json = false

  /// Bytes of the recorder's ring: the last eight hours or so of a run.
  private static let ring = 64 << 20

  /// Every file is read before the first is run, so that a mistake in the last costs no waiting.
  func run() throws {
    let read = try scenarios.map { file in (file, try load(file)) }
    var passed = true
    for (file, scenario) in read {
      let result = try run(scenario, file)
      report(result, file)
      passed = passed && result.passed
    }
    if !passed { throw ExitCode(1) }
  }

  private func load(_ file: String) throws -> Scenario {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw refused("\(file):1:1: the file cannot be read")
    }
    do { return try Scenario(json: Array(data)) } catch {
      throw refused(error.message(in: file))
    }
  }

  private func refused(_ message: String) -> ExitCode {
    Terminal.complain(message)
    return ExitCode(2)
  }

  private func run(_ scenario: Scenario, _ file: String) throws -> TrialResult {
    let began = ContinuousClock.now
    let watched = Terminal.isWatched
    var shown = false
    let (result, recording) = try VirtualPump.run(
      scenario, seed: seed, recording: out == nil ? 0 : Run.ring
    ) { elapsed in
      guard watched, ContinuousClock.now - began > .seconds(2) else { return }
      shown = true
      let percent = elapsed.scaled(by: 100, over: scenario.end.native)?.native ?? 0
      Terminal.show(
        "\(scenario.name): \(elapsed.seconds) s of \(scenario.end.seconds) s, \(percent) %")
    }
    if shown { Terminal.show("") }
    if let out {
      try write(result, recording, to: out)
    }
    return result
  }

  private func write(_ result: TrialResult, _ recording: [UInt8], to out: String) throws {
    let folder = URL(fileURLWithPath: out, isDirectory: true)
      .appendingPathComponent(result.name, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let files: [(String, [UInt8])] = [
        ("events.jsonl", result.records.events), ("samples.csv", result.records.samples),
        ("result.json", Array(result.json.utf8)), ("recording.bin", recording),
      ]
      for (name, bytes) in files {
        try Data(bytes).write(to: folder.appendingPathComponent(name), options: .atomic)
      }
    } catch {
      throw refused("\(folder.path): the records cannot be written: \(error.localizedDescription)")
    }
  }

  private func report(_ result: TrialResult, _ file: String) {
    for failure in result.failures {
      Terminal.complain(
        "\(file):\(failure.place.line):\(failure.place.column): \(failure.reason)")
    }
    if json {
      print(result.json, terminator: "")
    } else {
      print("\(result.passed ? "passed" : "FAILED")  \(result.name)  \(result.summary)")
    }
  }
}
