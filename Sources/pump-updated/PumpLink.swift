// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import LocalTransport
import Messages
import SoftwareUpdate
import Units

/// Hears over the service's local socket how the pump is; asks for nothing.
struct PumpLink {
  let run: String

  /// The pump's condition as the controller says it, or nil when it is not heard within a second.
  func condition() -> PumpCondition? {
    guard let status = hear().control else { return nil }
    // SEC-317: anything that is not standby is a therapy.
    return PumpCondition(
      standby: status.state == .standby, mains: status.mains,
      battery: status.battery.map { Int($0.partsPerMillion / 10_000) })
  }

  /// Whether service, controller and monitor are all heard.
  func isWell() -> Bool {
    let heard = hear()
    return heard.control != nil && heard.safety != nil
  }

  private func hear() -> (control: ControlStatus?, safety: SafetyStatus?) {
    var control: ControlStatus?
    var safety: SafetyStatus?
    var policy = PeerPolicy.sameUser
    if let service = PeerPolicy.user("pump-service") { policy = policy.adding([service]) }
    guard let connection = try? Connection(to: run + "/service.sock", allowing: policy) else {
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
