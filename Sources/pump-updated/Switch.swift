// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DurableFiles
import Foundation
import SoftwareUpdate
import UpdateMetadata

/// What runs at each start of a board with A/B partitions, in the place of `run`.
struct Switch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rauc-switch",
    abstract: "Hand an agreed bundle to RAUC, or judge the one that was started.",
    discussion: """
      The image of a release is then a RAUC bundle of format verity. Exit code 3: restart the device. Without \
      RAUC the code of the refusal is `unsupported`.
      """)

  /// The device has to be started again.
  static let restart: Int32 = 3

  @OptionGroup var place: Place
  @Option(name: .customLong("run"), help: "The folder of the pump's sockets.")
  var sockets = "/run/pump"
  @Flag(help: "The device has just started: no therapy can be running.") var boot = false
  @Option(help: "The authorities' certificates in PEM.") var authorities: String
  @Option(help: "The name of this system, as RAUC has it.") var compatible: String
  @Option(help: "The program.") var rauc = "/usr/bin/rauc"
  @Option(help: "Seconds for which everything must be well.") var healthyAfter: Int64 = 120
  @Option(help: "Seconds after which a new image that is not well is given up.") var patience:
    Int64 = 120

  func run() throws {
    let folder = try place.folder()
    var slots = try place.slots(folder)
    let partitions = RaucSlots(folder, RaucProgram(path: rauc))
    do {
      switch slots.journal.phase {
      case .armed: try handOver(&slots, partitions)
      case .trying:
        let version = slots.journal.candidate?.version ?? "-"
        guard try partitions.runsNew() else {
          try slots.fail(.bootLoader)
          return tell("returned from \(version)")
        }
        try judge(version, partitions, folder)
      case .idle, .writing, .staged, .confirming, .returning: try partitions.markGood()
      }
    } catch { throw Refusal(error) }
  }

  private func handOver(
    _ slots: inout Slots, _ partitions: RaucSlots<PosixFolder, RaucProgram>
  ) throws {
    if !boot { try InstallPolicy.check(PumpLink(run: sockets).condition()) }
    let image = URL(fileURLWithPath: place.state)
      .appendingPathComponent(slots.journal.active.other.rawValue).appendingPathComponent("image")
    // Without RAUC the agreement stands.
    try partitions.begin()
    do {
      // SEC-389: what RAUC is given is read again just before, and RAUC reads it once more.
      let pem = FileManager.default.contents(atPath: authorities) ?? Data()
      let inner = try PosixFolder(
        path: image.deletingLastPathComponent().path, access: .reading)
      _ = try RaucBundle(
        try inner.open("image"), authorities: String(decoding: pem, as: UTF8.self),
        compatible: compatible, at: .wall)
      guard try slots.start().onTrial else {
        throw Refusal("damaged", "the image is no longer what was taken in")
      }
      // SRS-197: on trial before RAUC changes anything, so that a cut in its work is a return.
      try partitions.install(image.path)
    } catch {
      if slots.journal.phase != .idle { try slots.fail(SlotFailure(Refusal(error).code)) }
      throw error
    }
    let version = slots.journal.candidate?.version ?? "-"
    tell("restart to try \(version)")
    Foundation.exit(Self.restart)
  }

  private func judge(
    _ version: String, _ partitions: RaucSlots<PosixFolder, RaucProgram>, _ folder: PosixFolder
  ) throws {
    var watch = HealthWatch(needed: healthyAfter, patience: patience, now: seconds)
    let link = PumpLink(run: sockets)
    var slots = try place.slots(folder)
    while true {
      switch watch.observe(now: seconds, alive: true, well: link.isWell()) {
      case .wait: Thread.sleep(forTimeInterval: 0.1)
      case .healthy:
        // The journal after RAUC: a cut between the two judges once more.
        try partitions.markGood()
        try slots.confirm()
        return tell("confirmed \(version)")
      case .failed(let reason):
        try partitions.markBad()
        try slots.fail(reason)
        tell("restart to return from \(version): \(reason.text)")
        Foundation.exit(Self.restart)
      }
    }
  }

  private var seconds: Int64 { Int64(ProcessInfo.processInfo.systemUptime) }

  private func tell(_ text: String) {
    FileHandle.standardError.write(Data("pump-updated: \(text)\n".utf8))
  }
}

/// RAUC's own program, as it is installed.
struct RaucProgram: RaucCommand {
  let path: String

  func run(_ arguments: [String]) throws(RaucError) -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let output = Pipe()
    // One pipe is read to its end; of two the other one could fill up meanwhile.
    let asksForStatus = arguments.contains("--output-format=json")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = asksForStatus ? FileHandle.nullDevice : output
    do { try process.run() } catch { throw .unsupported("there is no \(path)") }
    let out = ((try? output.fileHandleForReading.readToEnd()) ?? nil) ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      // Whoever cannot even say how it stands is not there.
      if asksForStatus { throw .unsupported("\(path) has no status") }
      let line = String(decoding: out, as: UTF8.self).split(separator: "\n").last
      throw .failed(String((line ?? "it said no reason").prefix(200)))
    }
    guard out.count <= 65_536 else { throw .notUnderstood }
    return [UInt8](out)
  }
}
