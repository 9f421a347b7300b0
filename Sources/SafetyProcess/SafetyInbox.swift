// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// What came in for the monitor since its last cycle.
public struct SafetyInbox: Sendable {
  /// The newest status of the controller, kept until a newer one comes.
  public var control: ControlStatus?
  /// When that status was received: another instant is another status.
  public var controlAt: Instant?
  /// Cycles that began later than a whole period.
  public var missed: UInt32 = 0
  /// How late this cycle woke up.
  public var lateness: Interval = .zero
  /// Frames refused so far, and why the last one was (RC-023).
  public var refused: UInt32 = 0
  public var refusal: UInt8 = 0

  public init() {}
}

/// What the monitor has to say after a cycle.
public struct SafetyOutbox: Sendable {
  /// ``SafetyCycle/status`` is due: 50 ms have passed, or something in it has changed that others wait for.
  public var publish: Bool
  public var events: EventBatch

  public init(publish: Bool = false, events: EventBatch = EventBatch()) {
    self.publish = publish
    self.events = events
  }
}
