// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SoftwareUpdate

/// Starts the image that is due, and judges one that is on trial.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start the image that is due; confirm a new one when it is well, return when not.")

  @OptionGroup var place: Place
  @Option(name: .customLong("run"), help: "The folder of the pump's sockets.")
  var sockets = "/run/pump"
  @Flag(help: "The device has just started: no therapy can be running.") var boot = false
  @Option(help: "Seconds for which everything must be well.") var healthyAfter: Int64 = 120
  @Option(help: "Seconds after which a new image that is not well is given up.") var patience:
    Int64 = 120
  @Argument(parsing: .postTerminator, help: "Arguments of the image.") var arguments: [String] = []

  func run() throws {
    while true {
      let choice: Slots.Choice
      do {
        var slots = try place.slots(try place.folder())
        choice = try slots.start(mayTry: mayTry)
      } catch { throw Refusal(error) }
      tell("starts \(choice.record.version)\(choice.onTrial ? " on trial" : "")")
      let process = try launch(choice)
      guard choice.onTrial else {
        process.waitUntilExit()
        Foundation.exit(process.terminationStatus)
      }
      if let reason = try judge(process, choice) {
        tell("returns from \(choice.record.version): \(reason.text)")
        end(process)
        continue
      }
      tell("confirmed \(choice.record.version)")
      process.waitUntilExit()
      Foundation.exit(process.terminationStatus)
    }
  }

  /// The start after a device's own, or one in the midst of a therapy, tries nothing new.
  private var mayTry: Bool {
    boot || (try? InstallPolicy.check(PumpLink(run: sockets).condition())) != nil
  }

  private func launch(_ choice: Slots.Choice) throws -> Process {
    let path = "\(place.state)/\(choice.slot.rawValue)/image"
    try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    do { try process.run() } catch {
      // An image that cannot even be started has failed; one that is confirmed leaves nothing to try.
      guard choice.onTrial else { throw Refusal("no-start", "\(choice.record.version): \(error)") }
    }
    return process
  }

  /// Nil when the image confirmed itself, otherwise why it did not.
  private func judge(_ process: Process, _ choice: Slots.Choice) throws -> SlotFailure? {
    var watch = HealthWatch(needed: healthyAfter, patience: patience, now: seconds)
    while true {
      let link = PumpLink(run: sockets)
      switch watch.observe(now: seconds, alive: process.isRunning, well: link.isWell()) {
      case .wait: Thread.sleep(forTimeInterval: 0.1)
      case .healthy:
        var slots = try place.slots(try place.folder())
        do { try slots.confirm() } catch { throw Refusal(error) }
        return nil
      case .failed(let reason):
        var slots = try place.slots(try place.folder())
        do { try slots.fail(reason) } catch { throw Refusal(error) }
        return reason
      }
    }
  }

  private func end(_ process: Process) {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  private var seconds: Int64 { Int64(ProcessInfo.processInfo.systemUptime) }

  private func tell(_ text: String) {
    FileHandle.standardError.write(Data("pump-updated: \(text)\n".utf8))
  }
}
