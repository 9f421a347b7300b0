// SPDX-License-Identifier: Apache-2.0

import CRealtime
public import Units

/// The command line of a daemon of the lower half.
///
/// Its own small parser, because these processes link no library. Every option is a word and its
/// value; what is not understood is refused, never skipped.
// SEC-057: the lower half links nothing foreign.
public struct DaemonOptions: Hashable, Sendable {
  /// Which board stands behind the drivers.
  public enum Board: String, Sendable, CaseIterable {
    /// A simulated board behind the sockets of the run folder.
    case link
    /// The reference board on the devices of this machine.
    case reference
    /// The same with a step/direction driver in the motion controller's place.
    case referenceStepdir = "reference-stepdir"

    /// The devices are those of this machine, and time is real.
    public var isDevice: Bool { self != .link }
  }

  /// Where the kernel's watchdog is found when nothing else is said.
  public static var watchdogPath: String { "/dev/watchdog" }

  /// The folder of the pump's sockets, without a slash at its end.
  public var run: String
  public var board: Board
  /// How many of the pump's seconds pass in a real one.
  public var speed: Int64
  /// The instant at which the pump's clock and the machine's read the same.
  public var epoch: Instant
  /// Users other than its own that the daemon talks to.
  public var users: [UInt32]
  /// Users that speak as the service; empty when none was named.
  public var services: [UInt32] = []
  /// Users that speak as the panel; empty when none was named.
  public var panels: [UInt32] = []
  /// The kernel's watchdog that the monitor strokes; `nil` for none.
  public var watchdog: String?

  /// Where the verdict of the check at start is found when nothing else is said.
  public static var verdictPath: String { "/run/pump-verify/verdict" }
  /// The verdict of the check at start; `nil` when none is asked for.
  public var verdict: String?

  /// What a command line asks for.
  public enum Request: Hashable, Sendable {
    case run(DaemonOptions)
    case help
    case version
  }

  /// Why a command line is refused; its text is for the person who typed it.
  public enum Mistake: Error, Hashable, Sendable {
    case unknown(String)
    case valueMissing(String)
    case badValue(option: String, value: String, wanted: String)
    case twice(String)
    case required(String)
    /// Two options that exclude each other.
    case together(String, String)
  }

  /// Reads the words after the program's name.
  // SRS-119: a mistaken option is named.
  public static func parse(_ words: [String]) throws(Mistake) -> Request {
    var run: String?
    var board: Board?
    var speed: Int64?
    var epoch: Int64?
    var users: [UInt32] = []
    var services: [UInt32] = []
    var panels: [UInt32] = []
    var watchdog: String?
    var verdict: String?
    var position = 0
    while position < words.count {
      let option = words[position]
      if option == "--help" || option == "-h" { return .help }
      if option == "--version" { return .version }
      guard known.contains(option) else { throw .unknown(option) }
      guard position + 1 < words.count else { throw .valueMissing(option) }
      let value = words[position + 1]
      position += 2
      switch option {
      case "--run":
        guard run == nil else { throw .twice(option) }
        run = try folder(value)
      case "--board":
        guard board == nil else { throw .twice(option) }
        guard let known = Board(rawValue: value) else {
          let names = Board.allCases.map(\.rawValue).joined(separator: ", ")
          throw .badValue(option: option, value: value, wanted: "one of: \(names)")
        }
        board = known
      case "--speed":
        guard speed == nil else { throw .twice(option) }
        speed = try number(value, of: option, in: 1...1_000)
      case "--epoch":
        guard epoch == nil else { throw .twice(option) }
        epoch = try number(value, of: option, in: 0...Int64.max)
      case "--watchdog":
        guard watchdog == nil else { throw .twice(option) }
        guard value == "none" || value.hasPrefix("/") else {
          throw .badValue(option: option, value: value, wanted: "a path, or none")
        }
        watchdog = value
      case "--verdict":
        guard verdict == nil else { throw .twice(option) }
        guard value == "none" || value.hasPrefix("/") else {
          throw .badValue(option: option, value: value, wanted: "a path, or none")
        }
        verdict = value
      default:
        guard let user = unsafe UInt32(exactly: rp_user_named(value)) else {
          throw .badValue(option: option, value: value, wanted: "a user's name or number")
        }
        switch option {
        case "--service-user": services.append(user)
        case "--panel-user": panels.append(user)
        default: users.append(user)
        }
      }
    }
    guard let run else { throw .required("--run") }
    guard let board else { throw .required("--board") }
    guard (speed ?? 1) == 1 || epoch != nil else { throw .required("--epoch") }
    if board.isDevice, speed ?? 1 != 1 { throw .together("--board \(board.rawValue)", "--speed") }
    if !board.isDevice, let watchdog, watchdog != "none" {
      throw .together("--board \(board.rawValue)", "--watchdog")
    }
    if watchdog == nil, board.isDevice { watchdog = watchdogPath }
    if watchdog == "none" { watchdog = nil }
    // SRS-211: a device asks for the verdict, unless somebody says that it shall not.
    if verdict == nil, board.isDevice { verdict = verdictPath }
    if verdict == "none" { verdict = nil }
    return .run(
      DaemonOptions(
        run: run, board: board, speed: speed ?? 1, epoch: .nanoseconds(epoch ?? 0), users: users,
        services: services, panels: panels, watchdog: watchdog, verdict: verdict))
  }

  private static let known: [String] = [
    "--run", "--board", "--speed", "--epoch", "--allow-user", "--service-user", "--panel-user",
    "--watchdog", "--verdict",
  ]

  /// The text of `--help`.
  public static func help(program: String, purpose: String) -> String {
    """
    \(purpose)

    usage: \(program) --run DIR --board BOARD [--speed N --epoch NS] [--watchdog PATH]
             [--verdict PATH] [--allow-user USER]… [--service-user USER]…
             [--panel-user USER]…

      --run DIR         the folder of the pump's sockets
      --board BOARD     what the drivers speak to:
                          link       a simulated board behind the sockets board-* of DIR
                          reference  the reference board on this machine's GPIO and I2C
                          reference-stepdir
                                     the same with a step/direction driver for the motor
      --speed N         let the pump's clock run N times as fast, 1…1000
      --epoch NS        where that begins: nanoseconds of CLOCK_MONOTONIC; needed with --speed
      --watchdog PATH   the kernel's watchdog that pump-safetyd strokes on a device's board, or
                        none; without this option \(watchdogPath)
      --verdict PATH    what pump-verify found of the pump's own files: without a good verdict no
                        therapy; or none, to ask for no verdict; without this option
                        \(verdictPath) on a device's board, none on a simulated one
      --allow-user USER talk to processes of this user (name or number) too; may be repeated
      --service-user USER, --panel-user USER
                        this user's commands to pump-controld are the service's, or the panel's,
                        whatever they say; without either, those of the daemon's own user are what
                        they say they are
      --help            this text
      --version         the version

    Reference design and simulator. Not a medical device; never for a patient.
    """
  }

  private static func folder(_ value: String) throws(Mistake) -> String {
    var path = value
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !path.isEmpty else {
      throw .badValue(option: "--run", value: value, wanted: "a folder")
    }
    return path
  }

  private static func number(_ text: String, of option: String, in range: ClosedRange<Int64>)
    throws(Mistake) -> Int64
  {
    guard let value = Int64(text), range.contains(value) else {
      throw .badValue(
        option: option, value: text,
        wanted: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}

extension DaemonOptions.Mistake: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknown(let word): "unknown option '\(word)'"
    case .valueMissing(let option): "\(option) needs a value"
    case .badValue(let option, let value, let wanted): "\(option) '\(value)': expected \(wanted)"
    case .twice(let option): "\(option) is given twice"
    case .required(let option): "\(option) is required"
    case .together(let one, let other): "\(one) and \(other) exclude each other"
    }
  }
}
