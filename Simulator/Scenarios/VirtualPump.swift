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
    ControlCycle<RecordingBoard<ReferenceControlBoard<SimulatedI2C, SimulatedLines>>>
  private typealias Safety = SafetyCycle<ReferenceSafetyBoard<SimulatedI2C, SimulatedLines>>

  private let pump: SimulatedPump
  private var controlCycle: Control
  private var safetyCycle: Safety
  private var controlInbox = ControlInbox()
  private var safetyInbox = SafetyInbox()
  public private(set) var control = ControlStatus()
  public private(set) var safety = SafetyStatus()

  /// A pump just switched on.
  ///
  /// - Parameter recorder: What keeps the controller's inputs; without one nothing is recorded.
  public init(knobs: KnobSettings, seed: UInt64, recorder: Recorder? = nil) {
    pump = SimulatedPump(knobs: knobs, seed: seed)
    controlCycle = ControlCycle(board: RecordingBoard(pump.controlBoard(), recorder: recorder))
    safetyCycle = SafetyCycle(board: pump.safetyBoard())
    controlInbox.serviceAlive = true
    controlInbox.panelAlive = true
    // Virtual time keeps every deadline; what the guarantee of a device is, its daemon says.
    controlInbox.realtime = true
    controlCycle.board.recorder?.start(at: pump.now)
    controlCycle.start(at: pump.now)
    safetyCycle.start(at: pump.now)
  }

  public var now: Instant { pump.now }
  public var truth: PlantTruth { pump.plant.truth }
  /// Zero femtolitres, always.
  public var conservationError_fL: Int64 { pump.plant.conservationError_fL }
  /// What was recorded so far; `nil` without a recorder.
  public var recorder: Recorder? { controlCycle.board.recorder }

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

  public mutating func step(asking command: Command?) -> RigEvents {
    pump.advance()
    let now = pump.now
    let events = stepControl(command, at: now)
    let outbox = safetyCycle.step(safetyInbox, at: now)
    if outbox.publish {
      safety = outbox.status
      controlInbox.safety = outbox.status
      controlInbox.safetyAt = now
    }
    return RigEvents(control: events, safety: outbox.events)
  }

  private mutating func stepControl(_ command: Command?, at now: Instant) -> EventBatch {
    controlInbox.command = command
    if controlCycle.board.recorder != nil {
      controlCycle.board.recorder?.begin(RecordedInput(controlInbox, at: now))
    }
    let outbox = controlCycle.step(controlInbox, at: now)
    if outbox.publish {
      control = outbox.status
      safetyInbox.control = outbox.status
      safetyInbox.controlAt = now
    }
    if controlCycle.board.recorder != nil {
      controlCycle.board.recorder?.end(outbox.publish ? outbox.status : nil, outbox.events)
    }
    return outbox.events
  }
}

extension VirtualPump {
  /// Runs a scenario from switching on to its end.
  ///
  /// - Parameters:
  ///   - seed: Instead of the scenario's own.
  ///   - recording: Whether the controller's inputs are kept.
  ///   - progress: Told the virtual time now and then.
  public static func run(
    _ scenario: Scenario, seed: UInt64? = nil, recording: Bool = false,
    progress: (Interval) -> Void = { _ in }
  ) throws(KnobError) -> (result: TrialResult, recorder: Recorder?) {
    var knobs = KnobSettings()
    for turn in scenario.knobs { try knobs.set(turn.knob, turn.value) }
    let seed = seed ?? scenario.seed
    let pump = VirtualPump(knobs: knobs, seed: seed, recorder: recording ? Recorder() : nil)
    var trial = Trial(scenario, on: pump, seed: seed)
    while !trial.isOver {
      trial.run(cycles: 20_000)
      progress(trial.elapsed)
    }
    let result = trial.finish()
    return (result, trial.rig.recorder)
  }
}

extension RecordedInput {
  init(_ inbox: ControlInbox, at now: Instant) {
    self.init(at: now)
    command = inbox.command
    safety = inbox.safety
    safetyAt = inbox.safetyAt
    serviceAlive = inbox.serviceAlive
    panelAlive = inbox.panelAlive
    realtime = inbox.realtime
    missed = inbox.missed
    lateness = inbox.lateness
  }

  var inbox: ControlInbox {
    var inbox = ControlInbox()
    inbox.command = command
    inbox.safety = safety
    inbox.safetyAt = safetyAt
    inbox.serviceAlive = serviceAlive
    inbox.panelAlive = panelAlive
    inbox.realtime = realtime
    inbox.missed = missed
    inbox.lateness = lateness
    return inbox
  }
}
