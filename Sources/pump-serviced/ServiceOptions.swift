// SPDX-License-Identifier: Apache-2.0

import LocalTransport
import Units

/// The command line of pump-serviced.
struct ServiceOptions {
  /// The folder of the pump's sockets.
  var run: String
  /// The folder of the gateway's sockets: where nobody else can put one, it vouches for the service.
  var gatewayRun: String
  /// The folder of the updater's socket for uploads.
  var updateRun: String
  /// The folder of the records.
  var data: String
  var clock: MonotonicSource
  /// What the keys hang from.
  var root = RootChoice.simulated
  /// The controller and the monitor run under these users.
  var pump = PeerPolicy.sameUser
  /// Who may ask: users of clients and of the panel.
  var clients = PeerPolicy.sameUser
  /// Who may tell of updates.
  var updaters = PeerPolicy.sameUser
  /// Whose requests and answers are the panel's; without a named user, the daemon's own.
  var panels = PeerPolicy.sameUser
  /// Who may hear the pump for a network, and ask for signatures.
  var gateways = PeerPolicy.sameUser

  /// The record of the board's calibration and the public key that is trusted for it.
  var calibration: (record: String, key: String)?
  /// The verdict of the check at start; nil when none is asked for.
  var verdict: String?

  enum Request {
    case run(ServiceOptions)
    case help
  }

  static let help = """
    Takes requests for the pump, knows its people, passes on what they may, and records what happens.

    usage: pump-serviced --run DIR --data DIR [--root ROOT] [--speed N --epoch NS] [--allow-user USER]…
                         [--client USER]… [--updater USER]… [--panel-user USER]…
                         [--gateway-user USER]… [--gateway-run DIR] [--update-run DIR]
                         [--calibration FILE --calibration-key FILE] [--verdict PATH]

      --run DIR          the folder of the pump's sockets
      --data DIR         the folder of the records: sealed in DIR/records.sqlite and, so that no change
                         goes unnoticed, in DIR/audit
      --root ROOT        what the keys hang from: tpm:TCTI, such as tpm:device:/dev/tpmrm0, or
                         simulated, which protects nothing (default)
      --speed N          the pump's clock runs N times as fast, 1…1000
      --epoch NS         where that begins: nanoseconds of CLOCK_MONOTONIC; needed with --speed
      --allow-user USER  the user (name or number) of another part of the pump; may be repeated
      --client USER      a user who may ask; may be repeated
      --updater USER     the user of pump-updated, who may tell of updates and ask for nothing
      --panel-user USER  the panel's user: only what it asks and answers counts as the panel's; without this
                   option that of the service's own user
      --gateway-user USER
                   the user of pump-gatewayd, who hears what the pump does and gets signatures of
                   handshakes, and can ask the pump for nothing
      --gateway-run DIR  the folder of the sockets for pump-gatewayd; that of --run without it
      --update-run DIR   the folder of pump-updated's socket for uploads; that of --run without it
      --calibration FILE the record of the board's calibration, which is kept in the store when it is good
      --calibration-key FILE
                   the public key that signed it, 64 hexadecimal digits
      --verdict PATH     what pump-verify found of the pump's own files, to be put on record
      --help             this text

    Its own user is always among those who may talk to it.

    Reference design and simulator. Not a medical device; never for a patient.
    """

  static func parse(_ words: [String]) throws(OptionList.Mistake) -> Request {
    let list = try OptionList(
      words, asking: ["--help", "-h"],
      values: [
        "--run", "--data", "--root", "--speed", "--epoch", "--calibration", "--calibration-key",
        "--verdict", "--gateway-run", "--update-run",
      ],
      users: ["--allow-user", "--client", "--updater", "--panel-user", "--gateway-user"])
    if list.asked != nil { return .help }
    let run = try list.required("--run")
    let data = try list.required("--data")
    let clock = try list.clock()
    let record = list["--calibration"]
    let key = list["--calibration-key"]
    guard (record == nil) == (key == nil) else {
      throw OptionList.Mistake(description: "--calibration and --calibration-key go together")
    }
    guard let root = RootChoice(list["--root"] ?? "simulated") else {
      throw OptionList.Mistake(
        description: "--root '\(list["--root"] ?? "")': expected simulated or tpm:TCTI")
    }
    let panels = list.users("--panel-user")
    return .run(
      ServiceOptions(
        run: run, gatewayRun: list["--gateway-run"] ?? run,
        updateRun: list["--update-run"] ?? run, data: data, clock: clock, root: root,
        pump: .sameUser.adding(list.users("--allow-user")),
        clients: .sameUser.adding(list.users("--client") + panels),
        updaters: .sameUser.adding(list.users("--updater")),
        panels: panels.isEmpty ? .sameUser : PeerPolicy(users: panels),
        gateways: .sameUser.adding(list.users("--gateway-user")),
        calibration: record.flatMap { record in key.map { (record, $0) } },
        verdict: list["--verdict"]))
  }
}
