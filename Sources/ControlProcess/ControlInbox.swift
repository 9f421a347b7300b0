// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// What reached the controller since its last cycle.
public struct ControlInbox: Sendable {
  public var command: Command?
  /// The newest status of the monitor, kept until a newer one comes.
  public var safety: SafetyStatus?
  /// When ``safety`` was received: another instant is another status.
  public var safetyAt: Instant?
  public var serviceAlive = false
  public var panelAlive = false
  /// The process has its real-time guarantees (RC-025).
  public var realtime = false
  /// The service's last word: an update was returned from, and nobody has seen it yet.
  public var updateReturned = false
  /// Cycles so far that began later than a whole period.
  public var missed: UInt32 = 0
  /// How late this cycle began.
  public var lateness: Interval = .zero
  /// Frames refused so far, and why the last one was (RC-023).
  public var refused: UInt32 = 0
  public var refusal: UInt8 = 0
  public init() {}
}

/// What leaves the controller after a cycle.
public struct ControlOutbox: Sendable {
  /// ``ControlCycle/published`` is to be sent: every 50 ms, at a change of state, and with a reply.
  public var publish: Bool
  /// Events to send; at most eight a cycle, the rest follow in the next.
  public var events: EventBatch

  public init(publish: Bool = false, events: EventBatch = EventBatch()) {
    self.publish = publish
    self.events = events
  }
}
