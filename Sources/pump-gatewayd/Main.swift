// SPDX-License-Identifier: Apache-2.0

import Foundation
import GatewayProcess

@main
enum Main {
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
    do { try await Gateway.run(options) } catch {
      report("\(options.address):\(options.port): \(error)")
      exit(1)
    }
  }
}
