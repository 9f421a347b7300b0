// SPDX-License-Identifier: Apache-2.0

public import Board
public import DeviceInterface
import Devices
import Foundation
public import SimulatedBoard
import Synchronization
public import Units

/// The simulated pump wired to devices of a real kernel: its lines are a gpio-sim bank, its chips
/// answer on I²C adapters, and the programs under test reach both as they would on a board.
///
/// Time goes on in one of two ways: with the machine's clock (``start(clock:)``), or by hand, a step
/// at a time (``exchange()`` after each change).
public final class LabBoard: Sendable {
  private struct Contents {
    var pump: SimulatedPump
    /// What each bus answers instead of its chips.
    var faults: [String: BusError] = [:]
    var transfers: [String: Int] = [:]
    /// The input levels last pulled, and when all were pulled.
    var pulled: [BoardLine.Bank: UInt32] = [:]
    var refreshed = 0
    var steps: Steps?
  }

  /// The step lines as the kernel's record shows them.
  private struct Steps {
    let trace: StepTrace
    /// The kernel's number of the board's first line.
    let base: Int
    var levels: UInt32 = 0
    var rises: Int64 = 0
  }

  public let map: BoardMap
  private let contents: Mutex<Contents>
  private let gpio: GPIOSim

  /// Takes the pump over, makes the lines, and joins the buses; nothing moves.
  ///
  /// The adapters of i2c-plant become the buses of the map in their order, under the names that the
  /// board's udev rule gives them.
  public init(_ pump: sending SimulatedPump, map: BoardMap = .reference) throws(LabError) {
    self.map = map
    contents = Mutex(Contents(pump: pump))
    // One bank for every board: the same lines, and those of the step driver.
    gpio = try GPIOSim(BoardMap.referenceStepdir.lines)
    try KernelFile.makeFolder("/dev/pump")
    let adapters = try Self.adapters()
    guard adapters.count >= map.buses.count else {
      throw LabError("i2c-plant has \(adapters.count) adapters, the board \(map.buses.count) buses")
    }
    for (bus, adapter) in zip(map.buses, adapters) {
      try KernelFile.link(bus.path, to: "/dev/i2c-\(adapter)")
      let device = try PlantBus(adapter: adapter)
      let name = bus.name
      device.serve("bus-\(name)") { [weak self] transfer in
        guard let self else { return .noAcknowledge }
        return perform(&transfer, on: name)
      }
    }
  }

  /// The numbers of the module's adapters, ascending.
  private static func adapters() throws(LabError) -> [Int] {
    let files: [String]
    do { files = try FileManager.default.contentsOfDirectory(atPath: "/dev") } catch {
      throw LabError("/dev: \(error.localizedDescription)")
    }
    let prefix = "i2c-plant-"
    return files.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.dropFirst(prefix.count)) }
      .sorted()
  }

  private func perform(_ transfer: inout I2CTransfer, on bus: String) -> BusError? {
    var copy = transfer
    let failure: BusError? = contents.withLock { contents in
      contents.transfers[bus, default: 0] += 1
      if let fault = contents.faults[bus] { return fault }
      do throws(BusError) {
        switch bus {
        case "A": try contents.pump.busA.perform(&copy)
        case "B": try contents.pump.busB.perform(&copy)
        default: try contents.pump.busC.perform(&copy)
        }
        return nil
      } catch { return error }
    }
    transfer = copy
    return failure
  }

  // MARK: The step lines

  /// Makes a folder with the far ends of the lines, as `board-contract` wants it.
  public func linkLines(at path: String) throws(LabError) { try gpio.link(at: path) }

  /// Records every line while `body` has all of them read or written, and from then on the step lines.
  public func watchSteps(while body: () throws -> Void) throws {
    let trace = try StepTrace()
    try body()
    // The kernel numbers the lines of a chip without a gap.
    var lowest = Int.max
    try trace.take { edge, _ in lowest = Swift.min(lowest, edge.line) }
    guard lowest != .max else { throw LabError("no line was read or written") }
    let places = gpio.pins.indices.filter { gpio.pins[$0].line.bank == .stepper }
    guard let first = places.first, let last = places.last else {
      throw LabError("the board has no step lines")
    }
    try trace.narrow(to: (lowest + first)...(lowest + last))
    try trace.take { _, _ in }
    contents.withLock { $0.steps = Steps(trace: trace, base: lowest) }
  }

  /// Rises of the step line since ``watchSteps(while:)``.
  public var stepsAtLine: Int64 { contents.withLock { $0.steps?.rises ?? 0 } }

  private func takeSteps() throws(LabError) {
    try contents.withLock { contents throws(LabError) in
      guard var steps = contents.steps else { return }
      let chip = contents.pump.stepChip
      try steps.trace.take { edge, written in
        let place = edge.line - steps.base
        guard written, gpio.pins.indices.contains(place) else { return }
        let line = gpio.pins[place].line
        guard line.bank == .stepper else { return }
        let bit: UInt32 = 1 << UInt32(line.bit)
        let before = steps.levels
        steps.levels = edge.level != line.activeLow ? before | bit : before & ~bit
        if steps.levels & ~before & StepLine.step.bit != 0 { steps.rises += 1 }
        chip?.take(
          step: steps.levels & StepLine.step.bit != 0,
          backwards: steps.levels & StepLine.direction.bit != 0,
          enabled: steps.levels & StepLine.enable.bit != 0, at: edge.at)
      }
      contents.steps = steps
    }
  }

  // MARK: Time

  /// Lets the plant follow a clock, on a thread of its own: lines every two milliseconds, physics every
  /// ten.
  public func start(clock: @escaping @Sendable () -> Instant) {
    let thread = Thread { [self] in
      KernelFile.goFirst(priority: 70)
      while true {
        let now = clock()
        do { try takeSteps() } catch {
          // A step that was not seen can not be counted: the checks of the count then fail.
          print("lab: \(error)")
          return
        }
        contents.withLock { contents in
          if now - contents.pump.now > .seconds(5) { contents.pump.skip(to: now - .seconds(1)) }
          while contents.pump.now + .milliseconds(10) <= now { contents.pump.advance() }
        }
        exchange()
        Thread.sleep(forTimeInterval: 0.002)
      }
    }
    thread.name = "plant"
    thread.start()
  }

  /// Brings what the programs put out to the plant, and what the plant puts out to the programs.
  public func exchange() {
    var outputs: [BoardLine.Bank: (levels: UInt32, mask: UInt32)] = [:]
    for pin in gpio.pins {
      // The step lines are read from the kernel's record.
      guard case .output = pin.line.kind, pin.line.bank != .stepper, let level = pin.output else {
        continue
      }
      let bit: UInt32 = 1 << UInt32(pin.line.bit)
      let old = outputs[pin.line.bank] ?? (0, 0)
      outputs[pin.line.bank] = (old.levels | (level ? bit : 0), old.mask | bit)
    }
    let (inputs, changed): ([BoardLine.Bank: UInt32], [BoardLine.Bank: UInt32]) =
      contents.withLock { contents in
        if let (levels, mask) = outputs[.control] {
          try? contents.pump.controlLines.write(levels, mask: mask)
        }
        if let (levels, mask) = outputs[.safety] {
          try? contents.pump.safetyLines.write(levels, mask: mask)
        }
        let now: [BoardLine.Bank: UInt32] = [
          .control: contents.pump.controlLines.inputs, .safety: contents.pump.safetyLines.inputs,
          .stepper: (contents.pump.motorPowered ? StepLine.supplied.bit : 0)
            | (contents.pump.stepChip?.fault == true ? StepLine.fault.bit : 0),
        ]
        // A program that requests a line sets its bias anew, and so the simulated pull: all are
        // pulled again every twentieth time.
        contents.refreshed = (contents.refreshed + 1) % 20
        let changed: [BoardLine.Bank: UInt32] = now.reduce(into: [:]) { changed, bank in
          let before = contents.pulled[bank.key]
          let all = contents.refreshed == 0 || before == nil
          changed[bank.key] = all ? .max : bank.value ^ (before ?? 0)
        }
        contents.pulled = now
        return (now, changed)
      }
    for pin in gpio.pins {
      if case .output = pin.line.kind { continue }
      let bit: UInt32 = 1 << UInt32(pin.line.bit)
      guard let levels = inputs[pin.line.bank], (changed[pin.line.bank] ?? 0) & bit != 0 else {
        continue
      }
      pin.drive(levels & bit != 0)
    }
  }

  // MARK: What a test does to it

  /// Lends the pump: its knobs, keys and truth.
  public func withPump<Result: Sendable>(_ body: (SimulatedPump) throws -> sending Result) rethrows
    -> Result
  {
    try contents.withLock { try body($0.pump) }
  }

  /// From now on every transfer on a bus ends with this error; `nil` mends it.
  public func fail(bus: String, with error: BusError?) {
    contents.withLock { $0.faults[bus] = error }
  }

  /// How many transfers a bus has carried.
  public func transfers(on bus: String) -> Int { contents.withLock { $0.transfers[bus] ?? 0 } }

  /// What a program puts out on a line at this moment, straight from the kernel.
  public func output(_ bank: BoardLine.Bank, bit: Int) -> Bool? {
    gpio.pins(of: bank).first { $0.line.bit == bit }?.output
  }

  /// Pulls an input line at once, and only until the plant says otherwise.
  public func pull(_ bank: BoardLine.Bank, bit: Int, _ level: Bool) {
    gpio.pins(of: bank).first { $0.line.bit == bit }?.drive(level)
  }
}
