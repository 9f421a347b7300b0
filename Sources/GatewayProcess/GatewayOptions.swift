// SPDX-License-Identifier: Apache-2.0

public import LocalTransport
import Units

/// The command line of pump-gatewayd.
public struct GatewayOptions: Sendable {
  /// The folder of the pump's sockets.
  public var run: String
  /// Whom this process takes for the service.
  public var service = PeerPolicy.sameUser
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

    usage: pump-gatewayd --run DIR [--address ADDRESS] [--port N] [--speed N --epoch NS]
                         [--allow-user USER]…
           pump-gatewayd --routes

      --run DIR          the folder of the pump's sockets
      --address ADDRESS  where to listen; 127.0.0.1 without it
      --port N           the port, 1 to 65535; 8443 without it
      --speed N          the pump's clock runs N times as fast, 1…1000
      --epoch NS         where that begins: nanoseconds of CLOCK_MONOTONIC; needed with --speed
      --allow-user USER  the user (name or number) of pump-serviced; may be repeated
      --routes           print the routes as a table and end
      --help             this text

    Until an administrator gave the pump a place on the network ('pumpctl network'), nothing listens. Nothing
    that comes from the network starts, raises or resumes a therapy.

    Reference design and simulator. Not a medical device; never for a patient.
    """

  public static func parse(_ words: [String]) throws(OptionList.Mistake) -> Request {
    let list = try OptionList(
      words, asking: ["--help", "-h", "--routes"],
      values: ["--run", "--address", "--port", "--speed", "--epoch"], users: ["--allow-user"])
    if let asked = list.asked { return asked == "--routes" ? .routes : .help }
    var options = GatewayOptions(
      run: try list.required("--run"), service: .sameUser.adding(list.users("--allow-user")))
    if let address = list["--address"] { options.address = address }
    if let port = try list.number("--port", in: 1...65_535) {
      options.port = Int(truncatingIfNeeded: port)
    }
    options.clock = try list.clock()
    return .run(options)
  }
}
