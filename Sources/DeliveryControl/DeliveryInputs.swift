// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// What the controller's own sensors say in one cycle.
///
/// A sensor without a valid reading is `nil`.
public struct Sensed: Hashable, Sendable, BitwiseCopyable {
  public var stopKey = false
  public var confirmKey = false
  public var doorClosed = false
  public var plungerEngaged = false
  public var airDetected = false
  public var mains = false
  /// The lines above could not be read.
  public var linesLost = false
  public var pressure: Pressure?
  /// The opening of the barrel clamp.
  public var clamp: Length?
  /// The drive's counted microsteps since power-up; `nil` when it does not answer.
  public var position: Int64?
  /// The drive has no motor supply.
  public var unpowered = false
  /// The drive reports a fault of its bridge.
  public var bridgeFault = false
  /// The drive stopped by itself or asks for a start sequence.
  public var driveNotReady = false
  public var batteryVoltage: Voltage?
  public var batteryCharge: Fraction?
  /// Change of charge per hour; negative while discharging.
  public var batteryRate: Fraction?
  public init() {}
}

/// All that a decision depends on, besides what earlier decisions left behind: one plain value, so
/// that a recorder can keep it and a replay can give it again (RC-022).
// RC-010 SRS-113: the pump's own sensors, keys and clock, and nothing of the patient.
public struct DeliveryInputs: Sendable {
  public var now: Instant
  public var sensed = Sensed()
  public var command: Command?
  /// What the newest status of the monitor says, and when it was received.
  public var safety: MonitorWord?
  public var safetyAt: Instant?
  public var serviceAlive = false
  public var panelAlive = false
  public var realtime = false
  /// An update was returned from, and nobody has seen it yet.
  public var updateReturned = false
  /// The journal's stored intent covers the motion of the next cycle.
  public var journalCovers = false
  /// A part of the board could not be prepared.
  public var selfTestFailed = false
  /// Alarms that signal, latched ones included, as the last cycle left them.
  public var signalling = AlarmSet()
  /// Alarms that `clear` would end.
  public var clearable = AlarmSet()

  public init(now: Instant) { self.now = now }
}

/// What the controller takes from a status of the monitor, and nothing else.
public struct MonitorWord: Hashable, Sendable, BitwiseCopyable {
  public let gate: GateState
  public let agreed: ContentHash
  /// A counter that stands still is a hung monitor (RC-018).
  public let cycle: UInt64

  public init(_ status: borrowing SafetyStatus) {
    gate = status.gate
    agreed = status.agreed
    cycle = status.cycle
  }
}

/// What the motor is told.
///
/// Off is its own case, distinct from zero.
public enum MotorOrder: Hashable, Sendable, BitwiseCopyable {
  case off
  case speed(DriveSpeed)
}

/// What a decision asks its caller to do.
public struct DeliveryActions: Sendable {
  public var motor: MotorOrder = .off
  /// EN_A: the controller's half of the motor's power (RC-003).
  public var motorEnable = false
  /// The alarm conditions present now.
  public var conditions = AlarmSet()
  /// Somebody asked to pause the audio.
  public var pauseAudio = false
  /// Somebody asked to clear latched alarms.
  public var clearAlarms = false
  public var reply: Reply?
  public var events = EventBatch()
  public var stateChanged = false
  public init() {}

  /// Asks for nothing: where a decision begins.
  mutating func reset() {
    motor = .off
    motorEnable = false
    conditions = AlarmSet()
    pauseAudio = false
    clearAlarms = false
    reply = nil
    events.removeAll()
    stateChanged = false
  }
}
