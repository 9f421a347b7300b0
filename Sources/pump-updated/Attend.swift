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
      Runs until it is ended, which it may be at any instant. It starts nothing: an image is agreed to by a \
      person at the panel, in standby, and tried at the next start. With --intake it also takes in what the \
      gateway sends with a permit of the service.
      """)

  @OptionGroup var place: Place
  @Option(name: .customLong("run"), help: "The folder of the pump's sockets.")
  var sockets = "/run/pump"
  @Option(help: "The folder of the socket for uploads; without it none come.") var intake: String?

  func run() throws {
    let uploads = try intake.map { try IntakeDesk(place, folder: $0) }
    uploads?.start()
    var desk = PanelDesk(place, sockets: sockets)
    notifyReady()
    var manager = ServiceWatchdog()
    while true {
      _ = desk.round()
      manager.stroke(good: true)
    }
  }
}
