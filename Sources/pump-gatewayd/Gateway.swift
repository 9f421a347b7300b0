// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport

@main
enum Gateway {
  /// Exit codes: 0 when the pump left the network or on SIGTERM, 1 when the address cannot be had, 2 on a
  /// wrong option.
  static func main() async {
    let options: GatewayOptions
    do {
      switch try GatewayOptions.parse(Array(CommandLine.arguments.dropFirst())) {
      case .help:
        print(GatewayOptions.help)
        return
      case .routes:
        print(Route.table, terminator: "")
        return
      case .run(let wanted): options = wanted
      }
    } catch {
      report("\(error); see --help")
      exit(2)
    }
    let identity = CurrentIdentity(
      path: options.run + "/network.sock", service: options.service, clock: options.clock)
    let view = PumpView(
      path: options.run + "/watch.sock", service: options.service, clock: options.clock)
    identity.start()
    view.start()
    notifyReady()
    await provision(identity)
    do { try await Server(options: options, identity: identity, view: view).run() } catch {
      report("\(options.address):\(options.port): \(error)")
      exit(1)
    }
    notifyStopping()
  }

  // SEC-003 SRS-182: nothing listens before the pump has a place on the network.
  private static func provision(_ identity: CurrentIdentity) async {
    report("the pump is on no network, nothing listens")
    while identity.value == nil { try? await Task.sleep(for: .milliseconds(200)) }
  }
}

/// Tells the person or service manager that reads standard error.
func report(_ text: String) {
  FileHandle.standardError.write(Data("pump-gatewayd: \(text)\n".utf8))
}
