// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Bedside
import Domain
import Foundation
import LocalTransport
import Plant
import Realtime
import SimulatedBoard
import Synchronization
import Units

/// Starts the whole simulated pump: plant, board, the four daemons, and the bedside page.
struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Start the plant and every daemon, and serve the bedside page.",
    discussion: """
      The daemons are the programs a device runs, beside this one; they reach the simulated board \
      over sockets. Ctrl-C stops everything. Exit codes: 0 stopped on request, 1 a daemon could not \
      be started, 2 bad usage.
      """)

  @Option(help: "Folder for sockets and records; made when missing. (default: in /dev/shm)")
  var run: String?

  @Option(help: "Port of the bedside page on 127.0.0.1.")
  var port: UInt16 = 8024

  @Option(help: "How many times faster than real time, 1 to 20.")
  var speed: Int = 1

  @Option(help: "Seed of the plant's noise.")
  var seed: UInt64 = 1

  @Option(help: "Start a gateway too, for this port of 127.0.0.1; see 'pumpctl network'.")
  var gateway: UInt16?

  enum Order: String, ExpressibleByArgument, CaseIterable {
    case demo, none
  }

  @Option(
    help: "demo: program 5 mL/h, VTBI 10 mL from a 50 mL syringe, start, press CONFIRM; none.")
  var order = Order.none

  @Option(help: "Check the programs against this signed list before they run (see pump-verify).")
  var manifest: String?

  @Option(help: "The file of the key that signed the list.")
  var manifestKey: String?

  @Flag(help: "One JSON object a line: each process as it is ready, then the page's address.")
  var json = false

  func validate() throws {
    guard (1...20).contains(speed) else { throw ValidationError("--speed is 1 to 20") }
    guard (manifest == nil) == (manifestKey == nil) else {
      throw ValidationError("--manifest and --manifest-key go together")
    }
  }

  func run() async throws {
    // RC-004: everything started is stopped before this program ends.
    guard Termination.watch() else { throw ValidationError("cannot watch for the signal to end") }
    let folder = try runFolder()
    let epoch = MonotonicSource.machine
    let source = MonotonicSource(scale: Int64(speed), epoch: epoch)
    let clock: @Sendable () -> Instant = { source.now() }
    let rig = Rig(knobs: KnobSettings(), seed: seed, clock: source)
    rig.start()
    let board = try BoardServer(rig: rig, run: folder)
    board.start()
    let supervisor = Supervisor(
      folder: folder, speed: speed, epoch: epoch,
      programs: Bundle.main.executableURL?.deletingLastPathComponent()
        ?? URL(fileURLWithPath: "."), gateway: gateway,
      list: manifest.flatMap { list in manifestKey.map { (list, $0) } })
    do {
      try supervisor.start()
    } catch {
      supervisor.stop()
      throw error
    }
    let link = PumpLink(run: folder, clock: clock)
    link.start()
    let server = BedsideServer(rig: rig, link: link, speed: speed) { supervisor.states() }
    let ended = Mutex(false)
    let serving = Task { [port, order, json] in
      defer { ended.withLock { $0 = true } }
      try await server.run(port: port) {
        Task {
          await supervisor.waitUntilReady()
          if order == .demo { await Self.runDemo(rig, link) }
          if json {
            for (name, milliseconds) in supervisor.readyTimes() {
              print(#"{"process":"\#(name)","ready_ms":\#(milliseconds)}"#)
            }
            print(#"{"page":"http://127.0.0.1:\#(port)/","run":"\#(folder)"}"#)
          } else {
            print("ReferencePump (simulated, not a medical device) is running in \(folder)")
            print("Bedside page: http://127.0.0.1:\(port)/")
          }
          fflush(nil)
        }
      }
    }
    while !Termination.requested && !ended.withLock({ $0 }) {
      try? await Task.sleep(for: .milliseconds(50))
    }
    // On request the page is closed under its readers, which is no failure.
    let onRequest = !ended.withLock { $0 }
    serving.cancel()
    link.stop()
    supervisor.stop()
    board.stop()
    rig.stop()
    if case .failure(let error) = await serving.result, !onRequest {
      FileHandle.standardError.write(
        Data("the bedside page on port \(port) ended: \(error); try another --port\n".utf8))
      throw ExitCode(1)
    }
  }

  private func runFolder() throws -> String {
    // In memory, for the black box; without such a folder the pump runs without one and says so.
    let memory = "/dev/shm"
    let parent =
      FileManager.default.isWritableFile(atPath: memory)
      ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
    let folder = run ?? parent.appendingPathComponent("reference-pump-\(getuid())").path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    if run == nil { try refuseForeign(folder) }
    return folder
  }

  /// A name that everybody can guess may be taken by somebody else, who would then own the pump's sockets.
  private func refuseForeign(_ folder: String) throws {
    let found = try FileManager.default.attributesOfItem(atPath: folder)
    let isFolder = found[.type] as? FileAttributeType == .typeDirectory
    let isOurs = (found[.ownerAccountID] as? NSNumber)?.uint32Value == getuid()
    let isClosed = ((found[.posixPermissions] as? NSNumber)?.intValue ?? 0o777) & 0o022 == 0
    guard isFolder, isOurs, isClosed else {
      Terminal.complain(
        "\(folder) belongs to somebody else or is open to them; give a folder with --run")
      throw ExitCode(1)
    }
  }

  /// The demonstration order, by the same ways a person has: the service for the order, the key for
  /// the confirmation.
  private static func runDemo(_ rig: Rig, _ link: PumpLink) async {
    // Until both have spoken and the clamp has been measured.
    for _ in 0..<100
    where link.statuses().control?.seated == nil || link.statuses().safety == nil {
      try? await Task.sleep(for: .milliseconds(50))
    }
    let draft = PrescriptionDraft(
      drug: DrugName("Saline 0.9%") ?? DrugName(), syringe: .mL50, rate: .mLPerHour(5),
      vtbi: .millilitres(10))
    for kind in [CommandKind.program, .start] {
      let reply = await link.ask(kind, draft: kind == .program ? draft : nil)
      if reply?.accepted != true {
        let why = reply?.refusal.map { "\($0)" } ?? "the service does not answer"
        print("The demonstration order was not taken (\(kind)): \(why)")
        return
      }
    }
    try? await Task.sleep(for: .milliseconds(500))
    rig.withPump { $0.setKey(.confirm, down: true) }
    try? await Task.sleep(for: .milliseconds(300))
    rig.withPump { $0.setKey(.confirm, down: false) }
    for _ in 0..<100 where link.statuses().control?.state != .infusing {
      try? await Task.sleep(for: .milliseconds(50))
    }
    if let status = link.statuses().control {
      print(
        "The pump is \(status.state) at \(status.commandedRate.nanolitresPerHour / 1_000_000) mL/h")
    }
  }
}
