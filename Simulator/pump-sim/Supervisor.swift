// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport
import Synchronization
import Units

/// Starts the daemons, watches them, and stops them by their process ids.
///
/// A service or panel that dies is started again, as systemd would on a device. A controller or
/// monitor that dies stays dead and is reported: the pump must show what that means.
final class Supervisor: Sendable {
  struct CannotStart: Error, CustomStringConvertible {
    var description: String
  }

  private struct Daemon {
    var name: String
    var arguments: [String]
    var restarts: Bool
    var process: Process?
    var state = "not started"
    var readyAfter: Interval?
  }

  private struct Contents {
    var daemons: [Daemon]
    var stopping = false
  }

  private let contents: Mutex<Contents>
  private let programs: URL
  private let folder: String
  /// The signed list of files that the programs are checked against, and the file of its key.
  private let list: (manifest: String, key: String)?

  init(
    folder: String, speed: Int, epoch: Instant, programs: URL, gateway: UInt16? = nil,
    list: (manifest: String, key: String)? = nil
  ) {
    self.folder = folder
    self.programs = programs
    self.list = list
    let verdict = list == nil ? [] : ["--verdict", folder + "/verdict"]
    let clock = ["--speed", "\(speed)", "--epoch", "\(epoch.nanoseconds)"]
    let board = ["--run", folder, "--board", "link"] + clock + verdict
    var daemons = [
      Daemon(name: "pump-safetyd", arguments: board, restarts: false),
      Daemon(name: "pump-controld", arguments: board, restarts: false),
      Daemon(
        name: "pump-serviced",
        arguments: ["--run", folder, "--data", folder + "/data"] + clock + verdict,
        restarts: true),
      Daemon(name: "pump-paneld", arguments: board, restarts: true),
    ]
    // SRS-188: a gateway is started again, and nothing waits for it.
    if let gateway {
      daemons.append(
        Daemon(
          name: "pump-gatewayd", arguments: ["--run", folder, "--port", "\(gateway)"] + clock,
          restarts: true))
    }
    contents = Mutex(Contents(daemons: daemons))
  }

  func start() throws {
    _ = try verify(["all", "--verdict", folder + "/verdict"])
    for index in 0..<contents.withLock({ $0.daemons.count }) { try launch(index) }
  }

  /// Whether `pump-verify` finds nothing; true without a list.
  private func verify(_ words: [String]) throws -> Bool {
    guard let list else { return true }
    let process = Process()
    process.executableURL = programs.appendingPathComponent("pump-verify")
    process.arguments = words + ["--manifest", list.manifest, "--key", list.key]
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch {
      throw CannotStart(description: "pump-verify could not be started: \(error)")
    }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private func launch(_ index: Int) throws {
    let path = programs.appendingPathComponent(contents.withLock { $0.daemons[index].name }).path
    // RC-141: as the units of a device do.
    guard try verify(["one", path]) else {
      contents.withLock { $0.daemons[index].state = "not started: not as signed" }
      return
    }
    try contents.withLock { contents in
      guard !contents.stopping else { return }
      let process = Process()
      process.executableURL = programs.appendingPathComponent(contents.daemons[index].name)
      process.arguments = contents.daemons[index].arguments
      process.standardInput = FileHandle.nullDevice
      let inbox = try NotificationInbox(
        at: "\(folder)/notify-\(contents.daemons[index].name).sock")
      var environment = ProcessInfo.processInfo.environment
      environment["NOTIFY_SOCKET"] = inbox.path
      process.environment = environment
      process.terminationHandler = { [weak self] ended in self?.ended(index, ended) }
      do {
        try process.run()
      } catch {
        throw CannotStart(
          description: "\(contents.daemons[index].name) could not be started: "
            + "\(error.localizedDescription); build it with 'make build'")
      }
      let begun = MonotonicSource.machine
      hear(inbox, from: index, since: begun)
      contents.daemons[index].process = process
      contents.daemons[index].state = "running, pid \(process.processIdentifier)"
    }
  }

  /// Waits on a thread of its own for the daemon's word that it is ready.
  private func hear(_ inbox: NotificationInbox, from index: Int, since begun: Instant) {
    let thread = Thread { [weak self] in
      guard inbox.waitForReady(upTo: .seconds(10)) else { return }
      let after = MonotonicSource.machine - begun
      self?.contents.withLock { $0.daemons[index].readyAfter = after }
    }
    thread.start()
  }

  private func ended(_ index: Int, _ process: Process) {
    let again = contents.withLock { contents in
      let how =
        process.terminationReason == .uncaughtSignal
        ? "signal \(process.terminationStatus)" : "exit \(process.terminationStatus)"
      contents.daemons[index].state = "ended by \(how)"
      return contents.daemons[index].restarts && !contents.stopping
    }
    guard again else { return }
    DispatchQueue.global().asyncAfter(deadline: .now() + 5) { [weak self] in
      do {
        try self?.launch(index)
      } catch {
        FileHandle.standardError.write(Data("\(error)\n".utf8))
      }
    }
  }

  /// Waits until every daemon has said that it is ready, at most five seconds.
  func waitUntilReady() async {
    for _ in 0..<250 where readyTimes().count < contents.withLock({ $0.daemons.count }) {
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Milliseconds from each daemon's start to its word that it is ready; a daemon that has not said
  /// it is left out.
  func readyTimes() -> [(name: String, milliseconds: Int64)] {
    contents.withLock { contents in
      contents.daemons.compactMap { daemon in
        daemon.readyAfter.map { (daemon.name, $0.milliseconds) }
      }
    }
  }

  /// Name and state of each daemon.
  func states() -> [(name: String, state: String)] {
    contents.withLock { $0.daemons.map { ($0.name, $0.state) } }
  }

  /// Asks every daemon to end, and ends those that have not after two seconds.
  func stop() {
    let processes = contents.withLock { contents in
      contents.stopping = true
      return contents.daemons.compactMap(\.process)
    }
    for process in processes where process.isRunning { process.terminate() }
    let deadline = Date(timeIntervalSinceNow: 2)
    for process in processes {
      while process.isRunning && Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
  }
}
