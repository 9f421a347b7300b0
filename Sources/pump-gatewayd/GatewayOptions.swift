// SPDX-License-Identifier: Apache-2.0

import LocalTransport
import Units

/// The command line of pump-gatewayd.
struct GatewayOptions {
  /// The folder of the pump's sockets.
  var run: String
  /// Whom this process takes for the service.
  var service = PeerPolicy.sameUser
  var address = "127.0.0.1"
  var port = 8_443
  var clock = MonotonicSource()

  enum Request {
    case run(GatewayOptions)
    case routes
    case help
  }

  /// Why a command line is refused.
  struct Mistake: Error, CustomStringConvertible {
    let description: String
  }

  static let help = """
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

  static func parse(_ words: [String]) throws(Mistake) -> Request {
    var values: [String: String] = [:]
    var users: [UInt32] = []
    var position = 0
    while position < words.count {
      let option = words[position]
      if option == "--help" || option == "-h" { return .help }
      if option == "--routes" { return .routes }
      let known = ["--run", "--address", "--port", "--speed", "--epoch", "--allow-user"]
      guard known.contains(option) else {
        throw Mistake(description: "unknown option '\(option)'")
      }
      guard position + 1 < words.count else {
        throw Mistake(description: "\(option) needs a value")
      }
      let word = words[position + 1]
      position += 2
      if option == "--allow-user" {
        guard let user = PeerPolicy.user(word) else {
          throw Mistake(description: "\(option) '\(word)': expected a user's name or number")
        }
        users.append(user)
        continue
      }
      guard values.updateValue(word, forKey: option) == nil else {
        throw Mistake(description: "\(option) is given twice")
      }
    }
    guard let run = values["--run"], !run.isEmpty else {
      throw Mistake(description: "--run is required")
    }
    var options = GatewayOptions(run: run, service: .sameUser.adding(users))
    if let address = values["--address"] { options.address = address }
    if let port = try number("--port", in: 1...65_535, values) {
      options.port = Int(truncatingIfNeeded: port)
    }
    let speed = try number("--speed", in: MonotonicSource.scales, values) ?? 1
    let epoch = try number("--epoch", in: 0...Int64.max, values)
    guard speed == 1 || epoch != nil else { throw Mistake(description: "--speed needs --epoch") }
    options.clock = MonotonicSource(scale: speed, epoch: .nanoseconds(epoch ?? 0))
    return .run(options)
  }

  private static func number(
    _ option: String, in range: ClosedRange<Int64>, _ values: [String: String]
  ) throws(Mistake) -> Int64? {
    guard let text = values[option] else { return nil }
    guard let value = Int64(text), range.contains(value) else {
      throw Mistake(
        description: "\(option) '\(text)': expected a whole number from \(range.lowerBound)"
          + " to \(range.upperBound)")
    }
    return value
  }
}
