// SPDX-License-Identifier: Apache-2.0

import Board
import DeviceInterface
import Devices
import Domain
import Foundation
import LabBoard
import LocalTransport
import Plant
import SimulatedBoard
import Units

/// The pump on kernel devices, and what is checked of it, in order: each check begins where the one
/// before ended.
final class Lab {
  struct Check {
    let name: String
    let run: (Lab) throws -> String
  }

  var checks: [Check] {
    let both = [
      Check(name: "keeps the contract of a board") { try $0.keepsContract() },
      Check(name: "starts on the kernel's devices") { try $0.starts() },
      Check(name: "infuses what was confirmed at the key") { try $0.infuses() },
    ]
    if stepped { return both + [Check(name: "counts steps at the line") { try $0.countsAtLine() }] }
    return both + [
      Check(name: "counts the steps that were commanded") { try $0.countsSteps() },
      Check(name: "stops for an open door") { try $0.opensDoor() },
      Check(name: "stops at the STOP key") { try $0.pressesStop() },
      Check(name: "names a bus that fails, and stops") { try $0.failsBus() },
      Check(name: "restarts when nobody strokes the watchdog") { try $0.hangs() },
    ]
  }

  private let map: BoardMap
  private let programs: String
  private var stepped: Bool { map.stepRateCap != nil }
  let board: LabBoard
  let daemons: Daemons

  init(programs: String, map: BoardMap) throws {
    self.map = map
    self.programs = programs
    let stepped = map.stepRateCap != nil
    board = try LabBoard(
      SimulatedPump(
        seed: 1, start: MonotonicSource.machine, stepChip: stepped ? SimDRV8825() : nil),
      map: map)
    daemons = Daemons(programs: programs, run: "/run/pump", board: map.id)
  }

  // MARK: A person

  func press(_ key: PumpKey, milliseconds: Int) {
    board.withPump { $0.setKey(key, down: true) }
    Thread.sleep(forTimeInterval: Double(milliseconds) / 1_000)
    board.withPump { $0.setKey(key, down: false) }
  }

  /// Brings the pump from rest to an infusion.
  func infuse(_ rate: String, _ vtbi: String) throws {
    try daemons.ask(["program", "--rate", rate, "--vtbi", vtbi, "--drug", "Saline 0.9%"])
    try daemons.ask(["start"])
    try daemons.wait(5, for: "the read-back") { status, _ in status.state == .awaitingConfirm }
    Thread.sleep(forTimeInterval: 0.3)
    press(.confirm, milliseconds: 300)
    try daemons.wait(5, for: "the infusion") { status, _ in status.state == .infusing }
  }

  /// Ends whatever runs and clears what can be cleared.
  func rest() throws {
    // Refused where nothing runs, which is what is wanted here.
    try? daemons.ask(["stop"])
    try? daemons.ask(["clear"])
    try daemons.wait(10, for: "rest") { status, _ in
      status.state == .standby || status.state == .programmed
    }
  }

  var motorPowered: Bool { board.withPump { $0.motorPowered } }

  /// Waits for the motor to be without power, by the plant.
  func waitUnpowered(_ milliseconds: Int64) throws {
    let end = MonotonicSource.machine + .milliseconds(milliseconds)
    while motorPowered {
      guard MonotonicSource.machine < end else { throw Failed("the motor keeps its power") }
      Thread.sleep(forTimeInterval: 0.001)
    }
  }

  // MARK: Checks

  /// The contract's own program moves the lines; the plant stands still until it is over.
  func keepsContract() throws -> String {
    try board.linkLines(at: "/run/lines")
    var said = ""
    var code: Int32 = -1
    func run() throws {
      (code, said) = try Daemons.run("\(programs)/board-contract", [map.id, "/run/lines"])
    }
    if stepped { try board.watchSteps(while: run) } else { try run() }
    board.start { MonotonicSource.machine }
    let lines = said.split(separator: "\n")
    guard code == 0, let last = lines.last else {
      let broken = lines.filter { $0.hasPrefix("BROKEN") }
      throw Failed("exit \(code): \((broken.isEmpty ? lines : broken).joined(separator: "; "))")
    }
    return "clauses: \(last), \(lines.filter { $0.hasPrefix("not shown") }.count) not shown"
  }

  func countsAtLine() throws -> String {
    try daemons.ask(["stop"])
    try waitUnpowered(5_000)
    Thread.sleep(forTimeInterval: 0.3)
    daemons.hear()
    guard let status = daemons.status else { throw Failed("nobody speaks") }
    let rises = board.stepsAtLine
    let (made, violations) = board.withPump { pump in
      (pump.motorPosition, pump.stepChip?.violations ?? 0)
    }
    let figures =
      "\(rises) rises at the line, \(made) steps of the driver chip, "
      + "\(status.position) commanded and reported"
    guard rises >= 10_000, rises == status.position, made == status.position else {
      throw Failed(figures)
    }
    return figures
      + ": difference 0; \(violations) pulses outside the chip's timing as the kernel's "
      + "record of whole microseconds shows it"
  }

  func starts() throws -> String {
    try daemons.start(watchdog: "/dev/watchdog")
    let status = try daemons.wait(10, for: "both to speak, a syringe and a full view") {
      $0.seated != nil && $0.pressure != nil && $0.battery != nil && $1 != nil
    }
    guard !status.simulated else { throw Failed("the board says that it is simulated") }
    guard status.doorClosed, status.plungerEngaged, status.mains else {
      throw Failed("door, plunger or mains are not seen; \(daemons.words)")
    }
    // A rest of two seconds: whatever does not work shows itself as an alarm.
    Thread.sleep(forTimeInterval: 2)
    daemons.hear()
    guard let quiet = daemons.status, quiet.alarms.isEmpty,
      daemons.safetyStatus?.alarms.isEmpty == true
    else { throw Failed("not at peace: \(daemons.words)") }
    return "4 processes, \(board.map.lines.count) lines, \(board.map.buses.count) buses, no alarm; "
      + "latest wake-up \(quiet.worstLateness.native / 1_000) µs"
  }

  func infuses() throws -> String {
    // Each step of the step driver is made by a processor that has everything else to do as well.
    let rate: Int64 = stepped ? 250 : 600
    // Over 10,000 steps.
    let vtbi: Int64 = 750
    try infuse("\(rate) mL/h", "\(vtbi) µL")
    guard let held = daemons.status?.held, held.rate == .mLPerHour(rate) else {
      throw Failed("another rate is held; \(daemons.words)")
    }
    let end = try daemons.wait(40, for: "the end of the infusion") { status, _ in
      status.alarms.contains(.endOfInfusion)
    }
    guard (end.delivered - .microlitres(vtbi)).magnitude <= .microlitres(5) else {
      throw Failed("delivered \(end.delivered.native) nL of \(vtbi) 000")
    }
    return "\(end.delivered.native) nL delivered of \(vtbi) 000 nL"
  }

  func countsSteps() throws -> String {
    try daemons.ask(["stop"])
    try waitUnpowered(5_000)
    Thread.sleep(forTimeInterval: 0.3)
    daemons.hear()
    guard let status = daemons.status else { throw Failed("nobody speaks") }
    let counted = board.withPump { $0.motorPosition }
    guard counted >= 10_000 else { throw Failed("only \(counted) steps were made") }
    guard counted == status.position else {
      throw Failed("\(counted) steps counted, \(status.position) commanded and reported")
    }
    return
      "\(counted) steps counted by the plant, \(status.position) by the controller: difference 0"
  }

  func opensDoor() throws -> String {
    try rest()
    try infuse("100 mL/h", "5 mL")
    let before = MonotonicSource.machine
    try board.withPump { try $0.plant.set(.doorClosed, 0) }
    try waitUnpowered(1_000)
    let took = MonotonicSource.machine - before
    try daemons.wait(2, for: "the alarm") { status, _ in
      status.alarms.contains(.doorOpen) && !status.doorClosed && !status.state.moves
    }
    try board.withPump { try $0.plant.set(.doorClosed, 1) }
    return "motor without power \(took.milliseconds) ms after the door"
  }

  /// STOP is pulled down at its line; EN_A is watched at its own.
  func pressesStop() throws -> String {
    try rest()
    try infuse("100 mL/h", "5 mL")
    let enable = ControlLine.motorEnable.rawValue
    guard board.output(.control, bit: enable) == true else {
      throw Failed("EN_A is low while infusing")
    }
    board.withPump { $0.setKey(.stop, down: true) }
    board.pull(.control, bit: ControlLine.stopKey.rawValue, true)
    let pressed = MonotonicSource.machine
    while board.output(.control, bit: enable) != false {
      guard MonotonicSource.machine - pressed < .seconds(1) else { throw Failed("EN_A stays high") }
    }
    let took = MonotonicSource.machine - pressed
    Thread.sleep(forTimeInterval: 0.1)
    board.withPump { $0.setKey(.stop, down: false) }
    // RC-002: 50 ms after the debounced press; the kernel debounces for 5 ms.
    guard took <= .milliseconds(55) else {
      throw Failed("EN_A low only after \(took.native / 1_000) µs")
    }
    try waitUnpowered(500)
    return "EN_A low \(took.native / 1_000) µs after the pull of STOP (55 000 allowed)"
  }

  func failsBus() throws -> String {
    try rest()
    try infuse("100 mL/h", "5 mL")
    let before = MonotonicSource.machine
    board.fail(bus: "A", with: .timeout)
    let status = try daemons.wait(5, for: "an alarm of the lost bus") { status, _ in
      status.alarms.contains(.driveFault) || status.alarms.contains(.pressureSensorFault)
    }
    let took = MonotonicSource.machine - before
    try waitUnpowered(2_000)
    guard !status.state.delivers else { throw Failed("it says that it delivers; \(daemons.words)") }
    board.fail(bus: "A", with: nil)
    for name in Daemons.names where !daemons.running(name) { throw Failed("\(name) has ended") }
    return "alarm \(took.milliseconds) ms after the bus; the motor without power"
  }

  func hangs() throws -> String {
    for name in Daemons.names where !daemons.running(name) { throw Failed("\(name) has ended") }
    daemons.signal("pump-safetyd", SIGSTOP)
    try waitUnpowered(500)
    print("lab: the monitor is stopped, the watchdog is not stroked")
    fflush(nil)
    Thread.sleep(forTimeInterval: 30)
    throw Failed("the machine still runs after 30 s")
  }
}
