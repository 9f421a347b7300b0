// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import LocalTransport
import SoftwareUpdate

/// What runs beside the pump's own processes on a device.
struct Attend: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell the pump what waits and how it ended, and take the panel's answers.",
    discussion: """
      Runs until it is ended, which it may be at any instant. It takes nothing in and starts nothing: an \
      image is agreed to by a person at the panel, in standby, and tried at the next start.
      """)

  @OptionGroup var place: Place
  @Option(name: .customLong("run"), help: "The folder of the pump's sockets.")
  var sockets = "/run/pump"

  func run() throws {
    var desk = PanelDesk(place, sockets: sockets)
    notifyReady()
    var manager = ServiceWatchdog()
    while true {
      _ = desk.round()
      manager.stroke(good: true)
    }
  }
}
