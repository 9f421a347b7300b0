// SPDX-License-Identifier: Apache-2.0

public import ControlProcess
public import Domain
public import Plant
public import SafetyProcess
public import Units

/// A pump that a trial can be run on, one cycle of 10 ms at a time.
///
/// ``Trial`` knows the pump only through this: what it can be asked and what it shows.
public protocol TrialRig {
  /// The pump's monotonic clock.
  var now: Instant { get }
  /// What the controller shows (RC-005).
  var control: ControlStatus { get }
  /// What the monitor shows.
  var safety: SafetyStatus { get }
  /// What really happened; no firmware sees it.
  var truth: PlantTruth { get }
  /// The true pressure in the line, of which the truth is asked most often; mutating, so that the rig is
  /// looked into where it lies and not copied.
  mutating func linePressure() -> Pressure
  /// The present value of a knob.
  func value(of knob: Knob) -> Double
  /// Turns a knob from the next cycle on.
  mutating func turn(_ knob: Knob, _ value: Double) throws(KnobError)
  /// Presses or lets go of a key.
  mutating func key(_ key: HardKey, down: Bool)
  /// Hands a request to the next cycle.
  mutating func ask(_ command: Command)
  /// Runs one cycle; what happened in it takes the place of what happened before.
  mutating func step(_ events: inout RigEvents)
}

/// What happened in one cycle.
public struct RigEvents: Sendable {
  public var control = ControlOutbox()
  public var safety = SafetyOutbox()
  /// A status was published: ``TrialRig/control`` or ``TrialRig/safety`` may have changed.
  var published: Bool { control.publish || safety.publish }

  public init() {}
}
