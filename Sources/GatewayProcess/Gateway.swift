// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport
import Logging
import ServiceLifecycle
import UnixSignals

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
    var logger = Logger(label: "pump-gatewayd")
    logger.logLevel = .critical
    let server = Server(options: options, rate: rate, identity: identity, view: view)
    // SIGTERM ends it in order from here on, also where it waits for a place.
    let group = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: Placed(identity: identity, server: server)),
          .init(
            service: Leaving(identity: identity),
            successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
    notifyStopping()
  }
}

/// Listens as soon as the pump has a place on the network.
// SEC-003 SRS-182: nothing listens before.
private struct Placed: Service {
  let identity: CurrentIdentity
  let server: Server

  func run() async throws {
    report("the pump is on no network, nothing listens")
    await waitWhile { identity.value == nil }
    if !Task.isShuttingDownGracefully { try await server.run() }
  }
}

/// Ends the gateway when the pump leaves the network, so that nothing listens any more.
private struct Leaving: Service {
  let identity: CurrentIdentity

  func run() async { await waitWhile { !identity.hasLeft } }
}

/// Waits while a condition holds, and no longer than until the group shuts down: a sleep that is cut short is how
/// that gets here, and no failure.
private func waitWhile(_ holds: @escaping @Sendable () -> Bool) async {
  await cancelWhenGracefulShutdown {
    while holds(), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(200)) }
  }
}

/// Tells the person or service manager that reads standard error.
public func report(_ text: String) {
  FileHandle.standardError.write(Data("pump-gatewayd: \(text)\n".utf8))
}
