// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// Everything one decision of the monitor rests on, as one plain value.
public struct MonitorInputs: Sendable {
  /// The newest status of the controller, kept until a newer one comes.
  public var control: ControlStatus? { didSet { isNew = true } }
  /// ``control`` was set since a decision last looked at it.
  var isNew = false
  /// When that status was received.
  public var controlAt: Instant?
  /// Encoder counts, 0 ..< 4096; `nil` without a valid reading.
  public var encoder: Int64?
  /// Line pressure of sensor B; `nil` without a valid reading.
  public var pressure: Pressure?
  /// Voltage is present at the motor.
  public var motorPowered = false
  /// The digital lines could not be read: ``motorPowered`` is meaningless.
  public var linesLost = false
  /// The pump's own files are not proved to be those that were signed.
  public var unproved = false

  public init() {}
}

/// What the monitor does after a decision.
public struct MonitorActions: Hashable, Sendable, BitwiseCopyable {
  /// EN_B: close the gate, so that the motor can have power.
  public var gate = false
  /// Every check of this cycle was made: stroke the gate's watchdog (RC-019).
  public var stroke = false
  /// Sound the backup buzzer.
  public var buzzer = false
  /// The objection that began in this cycle.
  public var tripped: AlarmID?

  public init() {}
}
