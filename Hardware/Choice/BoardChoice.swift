// SPDX-License-Identifier: Apache-2.0

public import Board
import BoardLink
import Drivers
public import LinuxHardware
public import LocalTransport
public import Realtime
public import Units

/// The controller's side of whichever board was chosen.
public typealias ChosenControlBoard = DrivenControlBoard<ChosenI2C, ChosenLines, ChosenDrive>

/// Opens the board that the command line names: the sockets of a simulated one, or the devices of
/// this machine.
// RC-030: a board behind a socket says that it is simulated, one on devices that it is none; no option
// says otherwise. RC-025 follows from it: on devices the controller refuses to infuse without real time.
public struct BoardChoice {
  private let options: DaemonOptions
  private let policy: PeerPolicy
  private let clock: MonotonicSource
  private let startup: Interval

  /// `startup` is how long, in real time, a simulated board is waited for.
  public init(
    _ options: DaemonOptions, allowing policy: PeerPolicy, clock: MonotonicSource,
    startup: Interval = .seconds(10)
  ) {
    self.startup = startup
    self.options = options
    self.policy = policy
    self.clock = clock
  }

  /// The controller's side.
  public func control() throws(StartError) -> ChosenControlBoard {
    guard let map else {
      let link = link("board-a.sock")
      return ChosenControlBoard(
        bus: .link(try socket(link.bus)), lines: .link(try socket(link.lines)),
        drive: .tic(Tic()), simulated: true)
    }
    return ChosenControlBoard(
      bus: try bus("A", of: map),
      lines: .linux(try lines(.control, of: map, consumer: "pump-controld")),
      drive: try drive(of: map), simulated: false)
  }

  /// The monitor's side.
  public func safety() throws(StartError) -> ReferenceSafetyBoard<ChosenI2C, ChosenLines> {
    guard let map else {
      let link = link("board-b.sock")
      return ReferenceSafetyBoard(
        bus: .link(try socket(link.bus)), lines: .link(try socket(link.lines)), simulated: true)
    }
    return ReferenceSafetyBoard(
      bus: try bus("B", of: map),
      lines: .linux(try lines(.safety, of: map, consumer: "pump-safetyd")), simulated: false)
  }

  /// The panel's side.
  public func panel() throws(StartError) -> ReferencePanelBoard<ChosenI2C> {
    guard let map else {
      return ReferencePanelBoard(
        bus: .link(try socket(link("board-c.sock").bus)), simulated: true)
    }
    return ReferencePanelBoard(bus: try bus("C", of: map), simulated: false)
  }

  /// The kernel's watchdog, started; `nil` when the command line wants none.
  // RC-040: three seconds: far more than a monitor that works needs, and far less than anybody waits
  // in front of a dead pump.
  public func watchdog() throws(StartError) -> KernelWatchdog? {
    guard let path = options.watchdog else { return nil }
    return try device { () throws(DeviceError) in
      try KernelWatchdog(path: path, timeout: .seconds(3), longest: .seconds(20))
    }
  }

  // MARK: The two kinds of board

  /// The map of a board on devices; `nil` for one behind sockets.
  private var map: BoardMap? {
    switch options.board {
    case .link: nil
    case .reference: .reference
    case .referenceStepdir: .referenceStepdir
    }
  }

  private func link(_ name: String) -> BoardLink {
    BoardLink(
      at: options.run + "/" + name, allowing: policy, clock: clock, startup: startup)
  }

  private func bus(_ name: String, of map: BoardMap) throws(StartError) -> ChosenI2C {
    let path = map.bus(name)?.path ?? ""
    return .linux(try device { () throws(DeviceError) in try LinuxI2C(path: path) })
  }

  private func lines(_ bank: BoardLine.Bank, of map: BoardMap, consumer: String)
    throws(StartError) -> LinuxLines
  {
    let requests = map.lines(of: bank).map(LineRequest.init)
    return try device { () throws(DeviceError) in try LinuxLines(requests, consumer: consumer) }
  }

  /// The drive of a map: steps where it has step lines, else the motion controller.
  private func drive(of map: BoardMap) throws(StartError) -> ChosenDrive {
    guard let cap = map.stepRateCap else { return .tic(Tic()) }
    let bank = try lines(.stepper, of: map, consumer: "pump-controld step")
    let stepper = try device { () throws(DeviceError) in
      try LinuxStepper(on: bank, lines: .reference, rateCap: cap)
    }
    return .steps(DRV8825(rateCap: cap), stepper)
  }

  private func socket<Opened>(_ open: () throws(TransportError) -> Opened) throws(StartError)
    -> Opened
  {
    do { return try open() } catch { throw .socket(error) }
  }

  private func device<Opened>(_ open: () throws(DeviceError) -> Opened) throws(StartError)
    -> Opened
  {
    do { return try open() } catch { throw .device(error) }
  }
}

extension LineRequest {
  /// The request for a line of a board.
  public init(_ line: BoardLine) {
    let direction: Direction =
      switch line.kind {
      case .key(let debounce): .input(edges: true, debounce: debounce)
      case .input: .input(edges: false, debounce: .zero)
      case .output(let safe): .output(initial: safe)
      }
    let bias: Bias =
      switch line.bias {
      case .none: .asIs
      case .up: .up
      case .down: .down
      }
    self.init(line.name, bit: line.bit, direction, activeLow: line.activeLow, bias: bias)
  }
}
