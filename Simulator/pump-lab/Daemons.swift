// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import LabBoard
import LocalTransport
import Messages
import Units

/// The programs under test: started as a device starts them, asked through pumpctl, listened to on
/// their own sockets.
final class Daemons {
  static let names = ["pump-safetyd", "pump-controld", "pump-serviced", "pump-paneld"]
  private let programs: String
  private let run: String
  private let board: String
  private var processes: [String: Process] = [:]
  private var control: Subscription
  private var safety: Subscription
  private(set) var status: ControlStatus?
  private(set) var safetyStatus: SafetyStatus?
  private let clock = MonotonicSource(scale: 1, epoch: .zero)

  init(programs: String, run: String, board: String) {
    self.programs = programs
    self.run = run
    self.board = board
    control = Subscription(to: "\(run)/control.sock")
    safety = Subscription(to: "\(run)/safety.sock")
  }

  /// Starts all four and waits for their word that they are ready.
  func start(watchdog: String) throws {
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
    for name in Self.names {
      var words = ["--run", run]
      // The lab boots programs of a build, which nobody signed.
      words +=
        name == "pump-serviced"
        ? ["--data", "\(run)/data"] : ["--board", board, "--verdict", "none"]
      if name == "pump-safetyd" { words += ["--watchdog", watchdog] }
      let inbox = try NotificationInbox(at: "\(run)/notify.sock")
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "\(programs)/\(name)")
      process.arguments = words
      var environment = ProcessInfo.processInfo.environment
      environment["NOTIFY_SOCKET"] = inbox.path
      process.environment = environment
      try process.run()
      processes[name] = process
      guard inbox.waitForReady(upTo: .seconds(20)) else { throw Failed("\(name) is not ready") }
    }
  }

  func pid(_ name: String) -> Int32 { processes[name]?.processIdentifier ?? 0 }

  func running(_ name: String) -> Bool { processes[name]?.isRunning ?? false }

  func signal(_ name: String, _ number: Int32) { kill(pid(name), number) }

  /// Asks every daemon to end, and waits for it.
  func stop() {
    for process in processes.values where process.isRunning { process.terminate() }
    for process in processes.values { process.waitUntilExit() }
  }

  /// Runs a program to its end: its exit code and what it said.
  static func run(_ program: String, _ words: [String]) throws -> (code: Int32, said: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = words
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: said, as: UTF8.self))
  }

  /// Asks by pumpctl; its words when it refuses.
  func ask(_ words: [String]) throws {
    let (code, said) = try Self.run("\(programs)/pumpctl", words + ["--run", run])
    guard code == 0 else {
      throw Failed("pumpctl \(words.joined(separator: " ")): exit \(code): \(said)")
    }
  }

  /// Takes the newest statuses.
  func hear() {
    let now = clock.now()
    while let frame = control.receive(at: now) {
      if case .control(let status) = frame { self.status = status }
    }
    while let frame = safety.receive(at: now) {
      if case .safety(let status) = frame { safetyStatus = status }
    }
  }

  /// Waits until the statuses are as wanted.
  @discardableResult
  func wait(
    _ seconds: Int64, for what: String,
    _ wanted: (ControlStatus, SafetyStatus?) -> Bool
  ) throws -> ControlStatus {
    let end = MonotonicSource.machine + .seconds(seconds)
    while MonotonicSource.machine < end {
      hear()
      if let status, wanted(status, safetyStatus) { return status }
      Thread.sleep(forTimeInterval: 0.005)
    }
    throw Failed("waited \(seconds) s for \(what); \(words)")
  }

  /// The pump in a line, for a failure.
  var words: String {
    guard let status else { return "the controller says nothing" }
    let alarms = AlarmID.allCases.filter {
      status.alarms.contains($0) || safetyStatus?.alarms.contains($0) == true
    }
    return "state \(status.state), alarms \(alarms), gate "
      + (safetyStatus.map { "\($0.gate)" } ?? "unknown")
  }
}
