// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport

/// The gateway's life: it waits for a place on the network, listens while the pump has it, and ends with it.
public enum Gateway {
  /// Runs until the pump leaves the network, or until SIGTERM.
  ///
  /// - Throws: when the address cannot be had.
  public static func run(_ options: GatewayOptions, rate: RequestRate = .ofNode) async throws {
    let identity = CurrentIdentity(
      path: options.run + "/network.sock", service: options.service, clock: options.clock)
    let view = PumpView(
      path: options.run + "/watch.sock", service: options.service, clock: options.clock)
    identity.start()
    view.start()
    notifyReady()
    await provision(identity)
    try await Server(options: options, rate: rate, identity: identity, view: view).run()
    notifyStopping()
  }

  // SEC-003 SRS-182: nothing listens before the pump has a place on the network.
  private static func provision(_ identity: CurrentIdentity) async {
    report("the pump is on no network, nothing listens")
    while identity.value == nil { try? await Task.sleep(for: .milliseconds(200)) }
  }
}

/// Tells the person or service manager that reads standard error.
public func report(_ text: String) {
  FileHandle.standardError.write(Data("pump-gatewayd: \(text)\n".utf8))
}
