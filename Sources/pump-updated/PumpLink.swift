// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import LocalTransport
import Messages
import SoftwareUpdate
import Units

/// Hears over the service's socket for updates how the pump is; asks for nothing.
struct PumpLink {
  let run: String

  /// The service runs under its own user on a device, and under this one in the simulator.
  static var service: PeerPolicy { user("pump-service") }

  /// So does the gateway.
  static var gateway: PeerPolicy { user("pump-gateway") }

  private static func user(_ name: String) -> PeerPolicy {
    PeerPolicy.sameUser.adding(PeerPolicy.user(name).map { [$0] } ?? [])
  }

  /// The pump's condition as the controller says it, or nil when it is not heard within a second.
  func condition() -> PumpCondition? {
    hear().control.map { PumpCondition($0) }
  }

  /// Whether service, controller and monitor are all heard.
  func isWell() -> Bool {
    let heard = hear()
    return heard.control != nil && heard.safety != nil
  }

  private func hear() -> (control: ControlStatus?, safety: SafetyStatus?) {
    var control: ControlStatus?
    var safety: SafetyStatus?
    guard let connection = try? Connection(to: run + "/update.sock", allowing: Self.service) else {
      return (nil, nil)
    }
    let end = Date().addingTimeInterval(1)
    while Date() < end, control == nil || safety == nil {
      switch connection.receive() {
      case .nothing: _ = connection.wait(upTo: .milliseconds(50))
      case .closed: return (control, safety)
      case .tooLong: break
      case .frame(let bytes):
        guard let (_, frame) = try? decode(bytes) else { continue }
        if case .control(let status) = frame { control = status }
        if case .safety(let status) = frame { safety = status }
      }
    }
    return (control, safety)
  }
}
