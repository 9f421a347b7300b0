// SPDX-License-Identifier: Apache-2.0

public import Units

/// Everything the controller holds and does, in one full-state value (RC-005).
///
/// Published every 50 ms and at every change of state. A reader that misses one is healed by the
/// next. `Instant`s are the sender's monotonic clock, which all processes of one pump share.
public struct ControlStatus: Hashable, Sendable, Fielded {
  public var state: TherapyState = .standby
  /// The board behind the drivers is a simulation (RC-030).
  public var simulated: Bool = false
  /// What is held: what every screen shows and what the motor follows.
  public var held: PrescriptionDraft?
  /// The name of what is held; ``ContentHash/none`` when nothing is.
  public var heldHash: ContentHash = .none
  /// A change of a running infusion that waits for CONFIRM.
  public var pending: PrescriptionDraft?
  /// How many times CONFIRM has been accepted since start: the monitor sees a change of
  /// prescription without a confirmation.
  public var confirmations: UInt32 = 0
  /// When the present read-back lapses; `nil` when none is shown.
  public var confirmDeadline: Instant?
  /// The rate delivery runs at now; zero while the motor is off.
  public var commandedRate: FlowRate = .zero
  /// The speed last sent to the drive, in microsteps per 10 000 s.
  public var commandedSpeed: DriveSpeed = .zero
  /// The drive's counted position in microsteps since power-up.
  public var position: Int64 = 0
  /// Delivered of this infusion, from counted motion.
  public var delivered: Volume = .zero
  /// How far ``delivered`` may be too low after a power loss; zero when certain (RC-006).
  public var uncertainty: Volume = .zero
  /// Delivered at KVO after the VTBI, not part of ``delivered``.
  public var deliveredKVO: Volume = .zero
  /// To the end of the VTBI at the present rate; zero when nothing runs or is held.
  public var timeRemaining: Interval = .zero
  /// The line pressure of sensor A; `nil` when it has no valid reading.
  public var pressure: Pressure?
  /// Alarms of the controller that signal now, latched ones included.
  public var alarms: AlarmSet = AlarmSet()
  /// Those whose condition is present now.
  public var conditions: AlarmSet = AlarmSet()
  /// Until when the audio is paused; `nil` when it is not.
  public var audioPausedUntil: Instant?
  /// The syringe the clamp sees; `nil` when none or none known.
  public var seated: Syringe?
  public var doorClosed: Bool = false
  public var plungerEngaged: Bool = false
  public var mains: Bool = false
  /// The battery's charge; `nil` when the gauge does not answer.
  public var battery: Fraction?
  /// The time left on battery at the present load; `nil` when unknown.
  public var batteryTime: Interval?
  /// Cycles since start: a counter that stands still is a hung controller (RC-017).
  public var cycle: UInt64 = 0
  /// Cycles that began later than a whole period.
  public var missed: UInt32 = 0
  /// The latest wake-up lateness seen since start.
  public var worstLateness: Interval = .zero
  /// The answer to the last command.
  public var reply: Reply?
  /// The number of the newest event; a reader sees whether it missed one.
  public var lastEvent: UInt32 = 0

  public init() {}

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&state)
    try visitor.field(&simulated)
    try visitor.field(&held, absent: .absent)
    try heldHash.fields(&visitor)
    try visitor.field(&pending, absent: .absent)
    try visitor.field(&confirmations)
    try visitor.field(&confirmDeadline)
    try visitor.field(&commandedRate)
    try visitor.field(&commandedSpeed)
    try visitor.field(&position)
    try visitor.field(&delivered)
    try visitor.field(&uncertainty)
    try visitor.field(&deliveredKVO)
    try visitor.field(&timeRemaining)
    try visitor.field(&pressure)
    try alarms.fields(&visitor)
    try conditions.fields(&visitor)
    try visitor.field(&audioPausedUntil)
    try fields(ofSyringe: &visitor)
    try visitor.field(&doorClosed)
    try visitor.field(&plungerEngaged)
    try visitor.field(&mains)
    try visitor.field(&battery)
    try visitor.field(&batteryTime)
    try visitor.field(&cycle)
    try visitor.field(&missed)
    try visitor.field(&worstLateness)
    try visitor.field(&reply, absent: Reply(to: Command(.heartbeat, from: .service, number: 0)))
    try visitor.field(&lastEvent)
  }

  @inlinable
  mutating func fields<V: FieldVisitor>(ofSyringe visitor: inout V) throws(FieldRefusal) {
    var present = seated != nil
    var syringe = seated ?? .mL50
    try visitor.field(&present)
    try visitor.field(&syringe)
    seated = present ? syringe : nil
  }
}
