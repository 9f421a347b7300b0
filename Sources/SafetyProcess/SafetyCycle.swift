// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Domain
public import SafetyMonitor
public import Units

/// One cycle of pump-safetyd: sense → decide → act → publish, every 10 ms.
///
/// The gate's watchdog is stroked in `act`, after the decision: a cycle that hangs or skips a check
/// lets the gate fall by itself (RC-019).
public struct SafetyCycle<Board: SafetyBoard> {
  public var board: Board

  @usableFromInline var core = MonitorCore()
  @usableFromInline var reporter = SafetyReporter()
  @usableFromInline var prepared = false
  @usableFromInline var tried = Instant.zero

  /// What the monitor sees and holds, as of the last step.
  @inlinable public var status: SafetyStatus { reporter.status }

  public init(board: Board) {
    self.board = board
  }

  /// Brings the board into its safe state: gate open, buzzer off, sensors prepared.
  ///
  /// A board that cannot be prepared is tried again once a second; until then its sensors are absent
  /// and the gate stays open.
  @inlinable
  public mutating func start(at now: Instant) {
    // RC-004: the safe value before anything else.
    board.act(SafetyOutputs(), at: now)
    prepare(at: now)
  }

  @inlinable
  public mutating func step(_ inbox: borrowing SafetyInbox, at now: Instant) -> SafetyOutbox {
    if !prepared && now - tried >= .seconds(1) { prepare(at: now) }

    // Sense.
    let readings = board.sense(at: now)

    // Decide.
    var inputs = MonitorInputs()
    inputs.control = inbox.control
    inputs.controlAt = inbox.controlAt
    inputs.encoder = readings.encoder
    inputs.pressure = readings.pressure
    inputs.motorPowered = readings.motorPowered
    inputs.linesLost = readings.linesLost
    let actions = core.decide(inputs, at: now)

    // Act.
    var outputs = SafetyOutputs()
    outputs.gate = actions.gate
    outputs.stroke = actions.stroke
    outputs.buzzer = actions.buzzer
    board.act(outputs, at: now)

    // Publish.
    return reporter.report(
      core.standing, actions, readings, missed: inbox.missed, lateness: inbox.lateness,
      simulated: board.simulated, at: now)
  }

  @inlinable
  mutating func prepare(at now: Instant) {
    tried = now
    do {
      try board.prepare()
      prepared = true
    } catch {
      prepared = false
    }
  }
}

extension SafetyCycle: Sendable where Board: Sendable {}
