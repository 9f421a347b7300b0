// SPDX-License-Identifier: Apache-2.0

/// Every condition the pump raises an alarm for.
///
/// The number is the alarm's name on the wire and in records: it is never given to another
/// condition. Priority, text, remedy and latching stand in the alarm table of the module `Alarms`.
public enum AlarmID: UInt8, Sendable, BitwiseCopyable {
  // Raised by pump-controld.
  case occlusionDownstream = 0
  case airInLine = 1
  case endOfInfusion = 2
  case syringeEmpty = 3
  case nearEnd = 4
  case syringeNotSeated = 5
  case plungerNotEngaged = 6
  case doorOpen = 7
  case syringeMismatch = 8
  case batteryLow = 9
  case batteryDepleted = 10
  case mainsLost = 11
  case gaugeFault = 12
  case driveFault = 13
  case pressureSensorFault = 14
  /// No fresh status from pump-safetyd (RC-018).
  case monitorLost = 15
  /// pump-safetyd holds the gate open; its own status says why.
  case monitorRefused = 16
  case journalFault = 17
  /// After a power loss the delivered volume is known only between bounds (RC-006).
  case deliveryUncertain = 18
  case serviceLost = 19
  case panelLost = 20
  case keyStuck = 21
  /// Nobody pressed CONFIRM in time.
  case confirmTimeout = 22
  case pausedTooLong = 23
  case realtimeUnavailable = 24
  case selfTestFailed = 25
  /// The pump's own files are not proved to be those that were signed; the monitor raises it too (RC-140).
  case softwareUnproved = 26
  // Raised by pump-safetyd.
  case controllerLost = 32
  case overInfusion = 33
  case underInfusion = 34
  /// The screw turned while nothing was to be delivered.
  case unexpectedMotion = 35
  case reverseMotion = 36
  /// Power stayed on the motor with the gate let go (RC-028).
  case gateStuck = 37
  case encoderFault = 38
  /// The two pressure sensors disagree, or the monitor's own is above the limit.
  case pressureDisagreement = 39
  /// The controller reports what the device's limits do not allow.
  case limitViolation = 40
  // Shown by the panel on what pump-updated tells; it touches no delivery.
  /// New software failed and the old one runs again (RC-126).
  case updateReturned = 48
}

#if !hasFeature(Embedded)
  extension AlarmID: CaseIterable {}
#endif

/// A set of alarms as one word of bits, so that it is copied whole and compared in one step.
public struct AlarmSet: Hashable, Sendable, BitwiseCopyable, Fielded {
  public let bits: UInt64

  @inlinable public init() { self.init(bits: 0) }

  /// Bits that stand for no alarm are dropped.
  @inlinable public init(bits: UInt64) { self.bits = bits & 0x0001_01ff_07ff_ffff }

  @inlinable public static func of(_ alarm: AlarmID) -> AlarmSet {
    AlarmSet(bits: 1 &<< UInt64(alarm.rawValue))
  }

  @inlinable public var isEmpty: Bool { bits == 0 }
  @inlinable
  public func contains(_ alarm: AlarmID) -> Bool { bits &>> UInt64(alarm.rawValue) & 1 == 1 }
  @inlinable @inline(__always) public mutating func insert(_ alarm: AlarmID) {
    self = union(.of(alarm))
  }
  @inlinable @inline(__always) public mutating func remove(_ alarm: AlarmID) {
    self = subtracting(.of(alarm))
  }
  @inlinable @inline(__always) public mutating func set(_ alarm: AlarmID, _ present: Bool) {
    if present { insert(alarm) } else { remove(alarm) }
  }
  @inlinable
  public func union(_ other: AlarmSet) -> AlarmSet { AlarmSet(bits: bits | other.bits) }
  @inlinable
  public func subtracting(_ other: AlarmSet) -> AlarmSet { AlarmSet(bits: bits & ~other.bits) }
  @inlinable
  public func intersection(_ other: AlarmSet) -> AlarmSet { AlarmSet(bits: bits & other.bits) }

  @inlinable
  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var word = bits
    try visitor.field(&word)
    self = AlarmSet(bits: word)
    guard bits == word else { throw .unknownCase }
  }
}
