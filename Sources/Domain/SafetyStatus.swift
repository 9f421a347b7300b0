// SPDX-License-Identifier: Apache-2.0

public import Units

/// Where the monitor stands on the motor's power.
public enum GateState: UInt8, Sendable, BitwiseCopyable {
  /// Not yet proved: the self-test after start is running. The gate is open.
  case untested = 0
  /// Open: the motor has no power. The resting state.
  case open = 1
  /// Proving before an infusion that the gate opens and closes (RC-028).
  case proving = 2
  /// Closed: the motor has power.
  case closed = 3
  /// Open because the monitor objects; it says why in its alarms and closes again only after the
  /// controller has left the moving states and the objection has been cleared by a person.
  case tripped = 4
}

#if !hasFeature(Embedded)
  extension GateState: CaseIterable {}
#endif

/// Everything the monitor sees and holds, in one full-state value.
///
/// Published every 50 ms and at every change of ``gate``.
public struct SafetyStatus: Hashable, Sendable, Fielded {
  public var gate: GateState = .untested
  public var simulated: Bool = false
  /// The prescription the monitor agrees to see delivered; ``ContentHash/none`` when none.
  public var agreed: ContentHash = .none
  /// What opened the gate, or signals now.
  public var alarms: AlarmSet = AlarmSet()
  /// The true travel of the pusher since power-up, from the screw's encoder; `nil` without one.
  public var travel: Length?
  /// The volume that travel displaced in this infusion, by the monitor's own count.
  public var measured: Volume = .zero
  /// The volume the prescription asks for by now, by the monitor's own clock.
  public var expected: Volume = .zero
  /// The line pressure of sensor B; `nil` when it has no valid reading.
  public var pressure: Pressure?
  /// Voltage is present at the motor, as the monitor's sense line sees it.
  public var motorPowered: Bool = false
  /// The backup buzzer sounds.
  public var buzzer: Bool = false
  /// The controller's cycle counter as last received: the controller sees that it is heard.
  public var heard: UInt64 = 0
  public var cycle: UInt64 = 0
  public var missed: UInt32 = 0
  public var worstLateness: Interval = .zero
  public var lastEvent: UInt32 = 0

  public init() {}

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&gate)
    try visitor.field(&simulated)
    try agreed.fields(&visitor)
    try alarms.fields(&visitor)
    try visitor.field(&travel)
    try visitor.field(&measured)
    try visitor.field(&expected)
    try visitor.field(&pressure)
    try visitor.field(&motorPowered)
    try visitor.field(&buzzer)
    try visitor.field(&heard)
    try visitor.field(&cycle)
    try visitor.field(&missed)
    try visitor.field(&worstLateness)
    try visitor.field(&lastEvent)
  }
}
