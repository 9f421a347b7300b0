// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BoardRecords
import Foundation
import StrictJSON

struct BringUp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bringup",
    abstract: "Walk through the bring-up of a board, and sign the record of it.",
    discussion: """
      Each step of the board's bring-up.md in its order; the first that fails ends the procedure. Chips and lines are \
      measured with i2cdetect, gpioinfo and gpioget; for the rest it asks what was measured, and whether it is good. \
      The pump's programs must be stopped: they hold the lines.

      With --answers nobody is asked: a file of lines 'NUMBER,measured,pass' or 'NUMBER,measured,fail' for the steps that a \
      person measures. A step without an answer fails. Exit code 1 when a step failed.
      """)

  @OptionGroup var options: RecordOptions
  @Option(help: "The answers, instead of a person.") var answers: String?
  @Option(
    name: .customLong("run"),
    help: "The folder of the pump's sockets; else PUMP_RUN, else /run/pump.")
  var sockets: String = ProcessInfo.processInfo.environment["PUMP_RUN"] ?? "/run/pump"

  func run() throws {
    let key = try options.signingKey()
    let list: Checklist
    do throws(RecordRefusal) { list = try Checklist(bytes: fileOrRefusal()) } catch {
      throw Failure.badInput("\(error)")
    }
    let given = try answers.map { try Self.answers(RecordOptions.contents($0)) }
    // RC-128 SRS-167: lines that a program holds are not pulled from under it.
    if (try? Client(run: sockets)) != nil {
      throw Failure.refused("the pump's programs run; stop them first: systemctl stop pump.target")
    }
    var bench = Bench(given: given, quiet: options.json)
    var results: [JSONNode] = []
    var failed: Checklist.Step?
    for step in list.steps {
      bench.tell(
        "\n\(step.number) of \(list.steps.count)   \(step.what)\n    expected: \(step.expected)")
      let (measured, passed) = bench.measure(step)
      bench.tell("    \(passed ? "passed" : "FAILED"): \(measured)")
      results.append(
        .object([
          ("do", .string(step.what)), ("expected", .string(step.expected)),
          ("measured", .string(measured)), ("number", .integer(Int64(step.number))),
          ("passed", .bool(passed)),
        ]))
      // RC-128: the rows after a failure are not measured; a motor is not plugged in.
      guard passed else {
        failed = step
        break
      }
    }
    let body = JSONNode.object([
      ("board", .string(list.board)), ("by", .string(options.by)), ("date", .string(options.day)),
      ("passed", .bool(failed == nil)), ("serial", .string(options.serial)),
      ("steps", .array(results)), ("total", .integer(Int64(list.steps.count))),
    ])
    try options.keep(
      .bringUp, body, with: key, passed: failed == nil,
      why: failed.map { "step \($0.number) failed: \($0.what)" } ?? "")
  }

  private func fileOrRefusal() throws(RecordRefusal) -> [UInt8] {
    do { return try options.file("bring-up.json") } catch { throw .malformed(error.text) }
  }

  /// What was measured at a step, and whether it is good.
  typealias Answer = (measured: String, passed: Bool)

  static func answers(_ bytes: [UInt8]) throws(Failure) -> [Int: Answer] {
    var found: [Int: Answer] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    where !line.hasPrefix("#") {
      let parts = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard parts.count >= 3, let number = Int(parts[0]), let last = parts.last,
        ["pass", "fail"].contains(last),
        found.updateValue(
          (parts[1..<parts.count - 1].joined(separator: ","), last == "pass"), forKey: number)
          == nil
      else { throw .badInput("'\(line)': NUMBER,measured,pass or NUMBER,measured,fail, each once") }
    }
    return found
  }
}

/// Who measures: the board's tools, and a person or a file in place of one.
private struct Bench {
  let given: [Int: BringUp.Answer]?
  let quiet: Bool

  init(given: [Int: BringUp.Answer]?, quiet: Bool) {
    self.given = given
    self.quiet = quiet
  }

  func tell(_ text: String) {
    if !quiet { FileHandle.standardError.write(Data((text + "\n").utf8)) }
  }

  mutating func measure(_ step: Checklist.Step) -> BringUp.Answer {
    switch step.way {
    case .observe: return observe(step)
    case .lines(let names): return lines(names)
    case .bus(let adapter, let wanted): return bus(adapter, wanted)
    case .line(let name, let high): return line(step, name, high)
    }
  }

  private func observe(_ step: Checklist.Step) -> BringUp.Answer {
    if let given { return given[step.number] ?? ("nothing", false) }
    tell("    what did you measure?")
    // The end of the input is nobody's yes.
    guard let measured = readLine(), !measured.isEmpty else { return ("nothing", false) }
    tell("    is it good? yes or no")
    return (measured, readLine() == "yes")
  }

  private func lines(_ names: [String]) -> BringUp.Answer {
    guard let text = tool(["gpioinfo"]) else { return ("gpioinfo did not answer", false) }
    let wrong = names.filter { ToolOutput.count(of: $0, inLines: text) != 1 }
    return wrong.isEmpty
      ? ("\(names.count) lines, each once", true)
      : ("absent or twice: \(wrong.joined(separator: ", "))", false)
  }

  private func bus(_ adapter: Int, _ wanted: [UInt8]) -> BringUp.Answer {
    guard let text = tool(["i2cdetect", "-y", "-r", "\(adapter)"]) else {
      return ("i2cdetect did not answer", false)
    }
    guard let found = ToolOutput.addresses(inGrid: text) else {
      return ("a driver of the kernel holds an address", false)
    }
    let shown = found.map { "0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return (shown.isEmpty ? "none" : shown.joined(separator: ", "), found == wanted.sorted())
  }

  private func line(_ step: Checklist.Step, _ name: String, _ high: Bool) -> BringUp.Answer {
    // Without a person nobody presses the key: what was seen has to be given.
    if let given { return given[step.number] ?? ("nothing", false) }
    tell("    make it so, then press ENTER")
    guard readLine() != nil, let first = level(name) else {
      return ("\(name) cannot be read", false)
    }
    tell("    and now not, then press ENTER")
    guard readLine() != nil, let second = level(name) else {
      return ("\(name) cannot be read", false)
    }
    return (
      "\(first ? "high" : "low"), \(second ? "high" : "low")", first == high && second != high
    )
  }

  /// The level of a line by its name; version 1 of the tools wants the chip and the number instead.
  private func level(_ name: String) -> Bool? {
    if let place = tool(["gpiofind", name]) {
      let words = place.split(whereSeparator: \.isWhitespace).map(String.init)
      return words.count == 2 ? tool(["gpioget"] + words).flatMap(ToolOutput.level) : nil
    }
    return tool(["gpioget", "--numeric", name]).flatMap(ToolOutput.level)
  }

  /// What a tool of the board printed; nil when it is not there or failed.
  private func tool(_ words: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}
