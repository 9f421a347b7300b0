// SPDX-License-Identifier: Apache-2.0

import Board
import ControlProcess
import DeviceInterface
import Devices
public import Domain
public import Plant
import SafetyProcess
import SimulatedBoard
public import Units

/// The whole pump in one thread and virtual time: plant, chips, drivers and both lower processes.
///
/// One cycle is a step of the board, then of the controller, then of the monitor, 10 ms apart on the
/// one clock. A status reaches the other side when its sender publishes it, as over a socket; the
/// service and the panel are there.
public struct VirtualPump: TrialRig {
  private typealias Control =
    ControlCycle<
      RecordingBoard<ReferenceControlBoard<SimulatedI2C, SimulatedLines>, RecordArray>
    >
  private typealias Safety = SafetyCycle<ReferenceSafetyBoard<SimulatedI2C, SimulatedLines>>

  private let pump: SimulatedPump
  private var controlCycle: Control
  private var safetyCycle: Safety
  private var controlInbox = ControlInbox()
  private var safetyInbox = SafetyInbox()
  /// A command lies in the inbox for the next cycle.
  private var asked = false
  public var control: ControlStatus { controlCycle.published }
  public var safety: SafetyStatus { safetyCycle.status }

  /// A pump just switched on.
  ///
  /// - Parameter recording: Bytes of the ring that keeps the controller's inputs; 0 for none.
  public init(knobs: KnobSettings, seed: UInt64, recording: Int = 0) {
    pump = SimulatedPump(knobs: knobs, seed: seed)
    controlCycle = ControlCycle(
      board: RecordingBoard(
        pump.controlBoard(), recorder: Recorder(RecordArray(capacity: recording))))
    safetyCycle = SafetyCycle(board: pump.safetyBoard())
    controlInbox.serviceAlive = true
    controlInbox.panelAlive = true
    // Virtual time keeps every deadline; what the guarantee of a device is, its daemon says.
    controlInbox.realtime = true
    controlCycle.start(at: pump.now)
    safetyCycle.start(at: pump.now)
  }

  public var now: Instant { pump.now }
  public var truth: PlantTruth { pump.truth }
  public mutating func linePressure() -> Pressure { pump.linePressure }
  /// Zero femtolitres, always.
  public var conservationError_fL: Int64 { pump.plant.conservationError_fL }
  /// What was recorded so far, as a file; empty without a recorder.
  public var recording: [UInt8] { controlCycle.board.recorder.store.bytes }

  public func value(of knob: Knob) -> Double { pump.plant.value(of: knob) }

  public mutating func turn(_ knob: Knob, _ value: Double) throws(KnobError) {
    try pump.plant.set(knob, value)
  }

  public mutating func key(_ key: HardKey, down: Bool) {
    switch key {
    case .confirm: pump.setKey(.confirm, down: down)
    case .stop: pump.setKey(.stop, down: down)
    }
  }

  public mutating func ask(_ command: Command) {
    controlInbox.command = command
    asked = true
  }

  public mutating func step(_ events: inout RigEvents) {
    pump.advance()
    let now = pump.now
    controlCycle.step(recording: &controlInbox, at: now, into: &events.control)
    if asked {
      asked = false
      controlInbox.command = nil
    }
    if events.control.publish {
      safetyInbox.control = controlCycle.published
      safetyInbox.controlAt = now
    }
    safetyCycle.step(&safetyInbox, at: now, into: &events.safety)
    if events.safety.publish {
      controlInbox.safety = safetyCycle.status
      controlInbox.safetyAt = now
    }
  }
}

extension VirtualPump {
  /// Runs a scenario from switching on to its end.
  ///
  /// - Parameters:
  ///   - seed: Instead of the scenario's own.
  ///   - recording: Bytes of the ring that keeps the controller's inputs; 0 for none.
  ///   - progress: Told the virtual time now and then.
  public static func run(
    _ scenario: Scenario, seed: UInt64? = nil, recording: Int = 0,
    progress: (Interval) -> Void = { _ in }
  ) throws(KnobError) -> (result: TrialResult, recording: [UInt8]) {
    var knobs = KnobSettings()
    for turn in scenario.knobs { try knobs.set(turn.knob, turn.value) }
    let seed = seed ?? scenario.seed
    let pump = VirtualPump(knobs: knobs, seed: seed, recording: recording)
    var trial = Trial(scenario, on: pump, seed: seed)
    while !trial.isOver {
      trial.run(cycles: 20_000)
      progress(trial.elapsed)
    }
    let result = trial.finish()
    return (result, trial.rig.recording)
  }
}
