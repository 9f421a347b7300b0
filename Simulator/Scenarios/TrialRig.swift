// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Plant
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
  /// The present value of a knob.
  func value(of knob: Knob) -> Double
  /// Turns a knob from the next cycle on.
  mutating func turn(_ knob: Knob, _ value: Double) throws(KnobError)
  /// Presses or lets go of a key.
  mutating func key(_ key: HardKey, down: Bool)
  /// Runs one cycle with at most one request, and gives the events of it.
  mutating func step(asking command: Command?) -> RigEvents
}

/// What happened in one cycle.
public struct RigEvents: Sendable {
  public var control: EventBatch
  public var safety: EventBatch
  /// A status was published: ``TrialRig/control`` or ``TrialRig/safety`` may have changed.
  public var published: Bool

  public init(
    control: EventBatch = EventBatch(), safety: EventBatch = EventBatch(), published: Bool = true
  ) {
    self.control = control
    self.safety = safety
    self.published = published
  }
}
