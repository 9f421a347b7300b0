// SPDX-License-Identifier: Apache-2.0

import Board
import BoardChoice
import BoardContract
import DeviceInterface
import Devices
import Glibc
import LocalTransport
import Plant
import Realtime
import SimulatedBoard
import Testing
import Units

private let hasBoard = unsafe access("/dev/pump/i2c-a", F_OK) == 0

/// The simulated pump as the world of its own boards.
private struct SimulatedWorld: ContractWorld {
  let pump: SimulatedPump
  var now: Instant { pump.now }

  func set(_ line: BoardLine, _ on: Bool) -> Bool {
    guard line.bank == .control else { return false }
    do {
      switch ControlLine(rawValue: line.bit) {
      case .stopKey: pump.setKey(.stop, down: on)
      case .confirmKey: pump.setKey(.confirm, down: on)
      case .doorClosed: try pump.plant.set(.doorClosed, on ? 1 : 0)
      case .plungerEngaged: try pump.plant.set(.plungerEngaged, on ? 1 : 0)
      case .airDetected: try pump.plant.set(.sensorAirDisconnected, on ? 1 : 0)
      case .mains: try pump.plant.set(.mainsPresent, on ? 1 : 0)
      default: return false
      }
      return true
    } catch { return false }
  }

  func level(_ line: BoardLine) -> Bool? {
    switch line.bank {
    case .control: pump.controlLines.outputs >> UInt32(line.bit) & 1 == 1
    case .safety: pump.safetyLines.outputs >> UInt32(line.bit) & 1 == 1
    case .stepper: nil
    }
  }

  func pass(milliseconds: Int) { for _ in 0..<((milliseconds + 9) / 10) { pump.advance() } }
}

/// A board with one fault in it: what the contract must find.
private struct FaultyBoard<Inner: ControlBoard>: ControlBoard {
  enum Fault: String, CaseIterable { case buzzerStuck, enableLeft, stopDeaf, memoryLost, refuses }
  var inner: Inner
  let fault: Fault
  var simulated: Bool { inner.simulated }
  var memorySize: Int { inner.memorySize }

  mutating func prepare() throws(BusError) {
    if fault == .refuses { throw .noAcknowledge }
    try inner.prepare()
  }
  mutating func sense(at now: Instant) -> ControlReadings {
    var readings = inner.sense(at: now)
    if fault == .stopDeaf { readings.stopKey = false }
    return readings
  }
  mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant) {
    var outputs = outputs
    if fault == .buzzerStuck { outputs.buzzer = false }
    if fault == .enableLeft { outputs.motorEnable = true }
    inner.act(order, outputs, at: now)
  }
  mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError) {
    if fault == .memoryLost { return }
    try inner.writeMemory(block, at: address)
  }
  mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    try inner.readMemory(count, at: address)
  }
}

private func broken(_ results: [ContractResult]) -> [String] {
  results.compactMap { result in
    if case .broken(let how) = result.outcome { "\(result.clause): \(how)" } else { nil }
  }
}

@Suite struct ContractTests {
  private func options(_ board: String) throws -> DaemonOptions {
    let request = try DaemonOptions.parse(
      ["--run", "no-such-folder", "--board", board, "--watchdog", "none"])
    guard case .run(let options) = request else { throw DaemonOptions.Mistake.unknown(board) }
    return options
  }

  @Test(.tags(.`RC-004`)) func `RC-004 the simulated board keeps the contract`() throws {
    let pump = SimulatedPump(seed: 1)
    var contract = BoardContract(
      of: .reference, control: pump.controlBoard(), safety: pump.safetyBoard(),
      in: SimulatedWorld(pump: pump))
    let results = contract.check()
    #expect(broken(results) == [])
    #expect(results.filter { $0.outcome == .kept }.count >= 45)
  }

  @Test(.tags(.`RC-004`)) func `RC-004 the simulated board with the step drive keeps the contract`()
    throws
  {
    let pump = SimulatedPump(seed: 1, stepDirection: true)
    var contract = BoardContract(
      of: .referenceStepdir, control: try #require(pump.stepControlBoard()),
      safety: pump.safetyBoard(), in: SimulatedWorld(pump: pump))
    let results = contract.check()
    #expect(broken(results) == [])
    #expect(results.filter { $0.outcome == .kept }.count >= 45)
  }

  @Test(arguments: ["buzzerStuck", "enableLeft", "stopDeaf", "memoryLost", "refuses"])
  func `the contract finds a faulty board`(name: String) throws {
    let pump = SimulatedPump(seed: 1)
    let fault = try #require(FaultyBoard<SimulatedControlBoard>.Fault(rawValue: name))
    var contract = BoardContract(
      of: .reference, control: FaultyBoard(inner: pump.controlBoard(), fault: fault),
      safety: pump.safetyBoard(), in: SimulatedWorld(pump: pump))
    #expect(broken(contract.check()) != [])
  }

  @Test(
    .tags(.`RC-041`),
    .enabled(if: !hasBoard, "the board's devices are here"),
    arguments: ["reference", "reference-stepdir"])
  func `RC-041 a Linux board without its devices refuses by name`(name: String) throws {
    let board = BoardChoice(try options(name), allowing: .sameUser, clock: MonotonicSource())
    do {
      _ = try board.control()
      Issue.record("a board that is not there was opened")
    } catch {
      #expect(error.status == 3)
      #expect("\(error)".contains("/dev/pump/i2c-a"))
    }
    #expect(throws: StartError.self) { _ = try board.safety() }
    #expect(throws: StartError.self) { _ = try board.panel() }
  }

  @Test(.tags(.`RC-030`)) func `RC-030 a board behind sockets is never opened as a device`() throws
  {
    let board = BoardChoice(
      try {
        guard
          case .run(let options) = try DaemonOptions.parse([
            "--run", "no-such-folder", "--board", "link",
          ])
        else { throw DaemonOptions.Mistake.unknown("link") }
        return options
      }(), allowing: .sameUser, clock: MonotonicSource(), startup: .zero)
    do {
      _ = try board.control()
      Issue.record("a socket that is not there was opened")
    } catch { #expect(error.status == 1) }
  }
}

private typealias SimulatedControlBoard = ReferenceControlBoard<SimulatedI2C, SimulatedLines>
