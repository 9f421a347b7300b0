// SPDX-License-Identifier: Apache-2.0

import Board
import CCount
import ControlProcess
import Devices
import Domain
import SafetyProcess
import SimulatedBoard
import Units

/// Both lower processes' cycles on the simulated board, infusing; what is counted and timed are the two
/// steps alone, drivers, buses and recorder in them, and not the plant between them.
final class Probe {
  typealias Control = ControlCycle<
    RecordingBoard<ReferenceControlBoard<SimulatedI2C, SimulatedLines>, ProbeRing>
  >
  typealias Safety = SafetyCycle<ReferenceSafetyBoard<SimulatedI2C, SimulatedLines>>

  private let pump = SimulatedPump(seed: 1)
  private var control: Control
  private var safety: Safety
  private var controlInbox = ControlInbox()
  private var safetyInbox = SafetyInbox()
  private var said = ControlOutbox()
  private var watched = SafetyOutbox()
  private var asked: UInt32 = 0
  private(set) var state = TherapyState.standby
  /// Nanoseconds that the steps took so far, and steps.
  private(set) var nanoseconds: Int64 = 0
  private(set) var steps: Int64 = 0

  init() {
    control = Control(
      board: RecordingBoard(pump.controlBoard(), recorder: Recorder(ProbeRing())))
    safety = Safety(board: pump.safetyBoard())
    control.start(at: pump.now)
    safety.start(at: pump.now)
    controlInbox.serviceAlive = true
    controlInbox.panelAlive = true
    controlInbox.realtime = true
  }

  /// Programs, starts and confirms an infusion that outlasts any count, and lets it settle.
  func infuse() {
    run(50)
    ask(
      .program,
      PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(2), vtbi: .millilitres(50)))
    ask(.start)
    pump.setKey(.confirm, down: true)
    run(20)
    pump.setKey(.confirm, down: false)
    run(500)
    nanoseconds = 0
    steps = 0
  }

  private func ask(_ kind: CommandKind, _ draft: PrescriptionDraft? = nil) {
    asked += 1
    controlInbox.command = Command(kind, from: .service, number: asked, draft: draft)
    run(1)
    controlInbox.command = nil
    run(5)
  }

  /// Runs cycles; with `counting` the heap and the locks are watched during the steps.
  func run(_ cycles: Int, counting: Bool = false) {
    for _ in 0..<cycles {
      pump.advance()
      let now = pump.now
      if counting { cc_begin() }
      let began = cc_clock()
      bothSteps(at: now)
      nanoseconds += cc_clock() - began
      if counting { cc_end() }
      steps += 1
    }
  }

  /// One cycle of the controller and one of the monitor, each with what it publishes to the other.
  ///
  /// Its name is what callgrind collects by.
  @inline(never)
  private func bothSteps(at now: Instant) {
    control.step(recording: &controlInbox, at: now, into: &said)
    if said.publish {
      safetyInbox.control = control.published
      safetyInbox.controlAt = now
      state = safetyInbox.control?.state ?? state
    }
    safety.step(&safetyInbox, at: now, into: &watched)
    if watched.publish {
      controlInbox.safety = safety.status
      controlInbox.safetyAt = now
    }
  }
}

/// A ring in memory that is all there before the first cycle.
struct ProbeRing: RecordStore {
  let size = RecordFormat.headerLength + 2 * RecordFormat.segmentLength
  private var bytes: [UInt8]

  init() { bytes = [UInt8](repeating: 0, count: size) }

  mutating func write(_ buffer: inout RecordBuffer, at offset: Int) {
    guard offset >= 0, offset + buffer.count <= size else { return }
    var span = bytes.mutableSpan
    for position in 0..<buffer.count { span[offset + position] = buffer.bytes[position] }
  }

  mutating func commit(_ word: UInt64, at offset: Int) {
    guard offset >= 0, offset + 8 <= size else { return }
    var span = bytes.mutableSpan
    for position in 0..<8 {
      span[offset + position] = UInt8(truncatingIfNeeded: word >> UInt64(8 * position))
    }
  }
}
