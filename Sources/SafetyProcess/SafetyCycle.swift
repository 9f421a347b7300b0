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
  @usableFromInline var inputs = MonitorInputs()
  @usableFromInline var reporter = SafetyReporter()
  @usableFromInline var prepared = false
  @usableFromInline var tried = Instant.zero

  /// What the monitor sees and holds, as of the last step.
  @inlinable public var status: SafetyStatus { reporter.status }

  /// `unproved`: the pump's own files are not proved to be those that were signed; then the gate stays open.
  public init(board: Board, unproved: Bool = false) {
    self.board = board
    inputs.unproved = unproved
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

  /// One cycle; what goes out takes the place of what went out before.
  ///
  /// The inbox is left as it is, and `inout` so that nobody copies it.
  ///
  /// A status in the inbox is taken up when ``SafetyInbox/controlAt`` says that it is another.
  @inlinable
  public mutating func step(
    _ inbox: inout SafetyInbox, at now: Instant, into outbox: inout SafetyOutbox
  ) {
    if !prepared && now - tried >= .seconds(1) { prepare(at: now) }

    // Sense.
    let readings = board.sense(at: now)

    // Decide.
    if inbox.controlAt != inputs.controlAt {
      inputs.control = inbox.control
      inputs.controlAt = inbox.controlAt
    }
    inputs.encoder = readings.encoder
    inputs.pressure = readings.pressure
    inputs.motorPowered = readings.motorPowered
    inputs.linesLost = readings.linesLost
    let actions = core.decide(&inputs, at: now)

    // Act.
    var outputs = SafetyOutputs()
    outputs.gate = actions.gate
    outputs.stroke = actions.stroke
    outputs.buzzer = actions.buzzer
    board.act(outputs, at: now)

    // Publish.
    reporter.report(
      core.standing, actions, readings, missed: inbox.missed, lateness: inbox.lateness,
      refused: inbox.refused, refusal: inbox.refusal, simulated: board.simulated, at: now,
      into: &outbox)
  }

  /// ``step(_:at:into:)`` with an outbox of its own.
  @inlinable
  public mutating func step(_ inbox: SafetyInbox, at now: Instant) -> SafetyOutbox {
    var inbox = inbox
    var outbox = SafetyOutbox()
    step(&inbox, at: now, into: &outbox)
    return outbox
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
