// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Domain
import Foundation
import Messages

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

// RC-001: there is no command that confirms. On a simulated pump this presses the simulated key, on
// the simulator's own page; a device has no such page.
struct Confirm: AsyncParsableCommand, Addressed {
  static let configuration = CommandConfiguration(
    abstract: "Press the simulated CONFIRM key (simulated pump only).")
  @OptionGroup var common: Common
  @Option(help: "The port of the bedside page on 127.0.0.1.") var port: UInt16 = 8024

  func run() async throws {
    var client = try Client(run: common.run)
    guard try client.status().simulated else {
      throw Failure.refused("this is no simulated pump; press CONFIRM on the pump itself")
    }
    let before = try client.status().confirmations
    try await press(down: true)
    try await Task.sleep(for: .milliseconds(150))
    try await press(down: false)
    var after: ControlStatus?
    try client.hear(for: 2) { frame in
      guard case .control(let status) = frame, status.confirmations != before else { return false }
      after = status
      return true
    }
    guard let after else {
      throw Failure.refused("CONFIRM was pressed, but the pump was not waiting for it")
    }
    try common.show(after, try client.safetyStatus())
  }

  private func press(down: Bool) async throws {
    guard let url = URL(string: "http://127.0.0.1:\(port)/api/key") else {
      throw Failure.badInput("--port \(port) gives no address")
    }
    var request = URLRequest(url: url, timeoutInterval: 2)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.setValue("1", forHTTPHeaderField: "X-Bedside")
    request.httpBody = Data(#"{"key":"confirm","down":\#(down)}"#.utf8)
    do {
      let (_, response) = try await URLSession.shared.data(for: request)
      guard (response as? HTTPURLResponse)?.statusCode == 200 else {
        throw Failure.unreachable("the bedside page at \(url) does not take the key")
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure.unreachable("no bedside page at \(url): \(error.localizedDescription)")
    }
  }
}
