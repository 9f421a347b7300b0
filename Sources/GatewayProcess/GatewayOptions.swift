// SPDX-License-Identifier: Apache-2.0

import Foundation
public import LocalTransport
import Units

/// The command line of pump-gatewayd.
public struct GatewayOptions: Sendable {
  /// The folder of the pump's sockets.
  public var run: String
  /// Whom this process takes for the service.
  public var service = PeerPolicy.sameUser
  /// The folder of the updater's socket; nil when it is that of the others.
  var updateRun: String?
  public var address = "127.0.0.1"
  public var port = 8_443
  public var clock = MonotonicSource()

  public enum Request {
    case run(GatewayOptions)
    case routes
    case help
  }

  public static let help = """
    Lets programs of a hospital look at the pump over TLS 1.3, with certificates on both sides.

    usage: pump-gatewayd --run DIR [--allow-user USER]… [--address ADDRESS] [--port N]
                         [--speed N --epoch NS]
           pump-gatewayd --service-run DIR [--update-run DIR] [--address ADDRESS] [--port N]
                         [--speed N --epoch NS]
           pump-gatewayd --routes

      --run DIR          the folder of the pump's sockets
      --address ADDRESS  where to listen; 127.0.0.1 without it
      --port N           the port, 1 to 65535; 8443 without it
      --speed N          the pump's clock runs N times as fast, 1…1000
      --epoch NS         where that begins: nanoseconds of CLOCK_MONOTONIC; needed with --speed
      --allow-user USER  the user (name or number) of pump-serviced; may be repeated
      --service-run DIR  a folder of the service's own, in which nobody else can put a socket: whoever
                         listens there is pump-serviced. For a gateway that sees no other users
                         (PrivateUsers= of systemd)
      --update-run DIR   the same for pump-updated's socket for uploads; without it that one is where the
                         others are
      --routes           print the routes as a table and end
      --help             this text

    Until an administrator gave the pump a place on the network ('pumpctl network'), nothing listens. Nothing
    that comes from the network starts, raises or resumes a therapy.

    Reference design and simulator. Not a medical device; never for a patient.
    """

  public static func parse(_ words: [String]) throws(OptionList.Mistake) -> Request {
    let list = try OptionList(
      words, asking: ["--help", "-h", "--routes"],
      values: [
        "--run", "--service-run", "--update-run", "--address", "--port", "--speed", "--epoch",
      ],
      users: ["--allow-user"])
    if let asked = list.asked { return asked == "--routes" ? .routes : .help }
    var options = try service(list)
    options.updateRun = list["--update-run"]
    if let address = list["--address"] { options.address = address }
    if let port = try list.number("--port", in: 1...65_535) {
      options.port = Int(truncatingIfNeeded: port)
    }
    options.clock = try list.clock()
    return .run(options)
  }

  /// Where the updater is, and what it is known by.
  var updater: UpdaterLink.Place {
    guard let updateRun else { return UpdaterLink.Place(folder: run, updater: service) }
    return UpdaterLink.Place(
      folder: updateRun, updater: .sameUser.adding([PeerPolicy.unseenUser]), vouches: true)
  }

  /// Where the service is, and what it is known by.
  private static func service(_ list: OptionList) throws(OptionList.Mistake) -> GatewayOptions {
    guard let folder = list["--service-run"] else {
      return GatewayOptions(
        run: try list.required("--run"), service: .sameUser.adding(list.users("--allow-user")))
    }
    guard list["--run"] == nil, list.users("--allow-user").isEmpty else {
      throw OptionList.Mistake(
        description: "--service-run stands in the place of --run and --allow-user")
    }
    // SEC-422: the folder is what the service is known by, so nobody else may write in it.
    guard let closed = isClosed(folder) else {
      throw OptionList.Mistake(description: "--service-run '\(folder)': there is no such folder")
    }
    guard closed else {
      throw OptionList.Mistake(
        description: "--service-run '\(folder)': others than its owner may write in it")
    }
    return GatewayOptions(run: folder, service: .sameUser.adding([PeerPolicy.unseenUser]))
  }

  /// Whether nobody but its owner can write in a folder; `nil` when there is none.
  static func isClosed(_ folder: String) -> Bool? {
    let found = try? FileManager.default.attributesOfItem(atPath: folder)
    guard found?[.type] as? FileAttributeType == .typeDirectory,
      let rights = found?[.posixPermissions] as? Int
    else { return nil }
    return rights & 0o022 == 0
  }
}
