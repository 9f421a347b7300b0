// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Domain
public import Units

/// What one cycle was given: the inbox, the time and the readings, without command and status, which
/// follow only when they are new.
public struct RecordedInput: Fielded, Sendable, Hashable {
  public var sinceLast = Interval.zero
  public var safetyAt: Instant?
  public var serviceAlive = false
  public var panelAlive = false
  public var realtime = false
  public var missed: UInt32 = 0
  public var lateness = Interval.zero
  public var hasCommand = false
  public var hasSafety = false
  public var readings = ControlReadings()

  public init() {}

  public init(_ inbox: borrowing ControlInbox, sinceLast: Interval) {
    self.sinceLast = sinceLast
    safetyAt = inbox.safetyAt
    serviceAlive = inbox.serviceAlive
    panelAlive = inbox.panelAlive
    realtime = inbox.realtime
    missed = inbox.missed
    lateness = inbox.lateness
    hasCommand = inbox.command != nil
    hasSafety = inbox.safety != nil
  }

  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&sinceLast)
    try visitor.field(&safetyAt)
    try visitor.field(&missed)
    try visitor.field(&lateness)
    try flags(&visitor)
    try visitor.field(&readings.pressure)
    try visitor.field(&readings.clamp)
    try drive(&visitor)
    try battery(&visitor)
  }

  /// The two-valued ones as one number: few fields, quickly compared.
  private mutating func flags<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var bits: UInt16 = 0
    if serviceAlive { bits |= 1 }
    if panelAlive { bits |= 2 }
    if realtime { bits |= 4 }
    if hasCommand { bits |= 8 }
    if hasSafety { bits |= 16 }
    if readings.stopKey { bits |= 32 }
    if readings.confirmKey { bits |= 64 }
    if readings.doorClosed { bits |= 128 }
    if readings.plungerEngaged { bits |= 256 }
    if readings.airDetected { bits |= 512 }
    if readings.mains { bits |= 1_024 }
    if readings.linesLost { bits |= 2_048 }
    try visitor.field(&bits)
    guard bits < 4_096 else { throw .outOfRange }
    serviceAlive = bits & 1 != 0
    panelAlive = bits & 2 != 0
    realtime = bits & 4 != 0
    hasCommand = bits & 8 != 0
    hasSafety = bits & 16 != 0
    readings.stopKey = bits & 32 != 0
    readings.confirmKey = bits & 64 != 0
    readings.doorClosed = bits & 128 != 0
    readings.plungerEngaged = bits & 256 != 0
    readings.airDetected = bits & 512 != 0
    readings.mains = bits & 1_024 != 0
    readings.linesLost = bits & 2_048 != 0
  }

  private mutating func drive<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var present = readings.drive != nil
    var report = readings.drive ?? DriveReport()
    var faults = report.faults.rawValue
    try visitor.field(&present)
    try visitor.field(&report.position)
    try visitor.field(&faults)
    try visitor.field(&report.energised)
    report.faults = DriveFaults(rawValue: faults)
    readings.drive = present ? report : nil
  }

  private mutating func battery<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var present = readings.battery != nil
    var battery =
      readings.battery ?? BatteryReading(voltage: .zero, charge: .zero, chargePerHour: .zero)
    try visitor.field(&present)
    try visitor.field(&battery.voltage)
    try visitor.field(&battery.charge)
    try visitor.field(&battery.chargePerHour)
    readings.battery = present ? battery : nil
  }
}

/// The running sum of everything a cycle gives out, over all cycles so far, and what its memory said.
public struct RecordedOutput: Sendable, Hashable {
  public private(set) var sum = RecordSum()
  /// Outcomes of the writes of this cycle, in their order, as codes of ``BusError``; 0 for success.
  public private(set) var writes = InlineArray<4, UInt8>(repeating: 0)
  public private(set) var writeCount = 0

  public init() {}

  public mutating func beginCycle() { writeCount = 0 }

  public mutating func acted(_ order: DriveOrder, _ outputs: ControlOutputs) {
    switch order {
    case .off: sum.add(0)
    case .speed(let speed):
      sum.add(1)
      sum.add(UInt64(bitPattern: speed))
    }
    var bits: UInt64 = outputs.buzzer ? 1 : 0
    if outputs.lampRed { bits |= 2 }
    if outputs.lampYellow { bits |= 4 }
    if outputs.lampGreen { bits |= 8 }
    if outputs.motorEnable { bits |= 16 }
    sum.add(bits)
  }

  /// A write to the journal's memory; the fifth of a cycle, which no cycle makes, is only summed.
  public mutating func wrote(_ block: MemoryBlock, at address: Int, _ error: BusError?) {
    sum.add(UInt64(truncatingIfNeeded: address))
    for position in 0..<block.count { sum.add(UInt64(block[position])) }
    let code = error?.rawValue ?? 0
    sum.add(UInt64(code))
    if writeCount < 4 {
      writes[writeCount] = code
      writeCount += 1
    }
  }

  public mutating func said(_ status: inout ControlStatus) {
    // No field of ours refuses to be summed.
    do throws(FieldRefusal) { try status.fields(&sum) } catch { sum.add(.max) }
  }

  public mutating func said(_ events: borrowing EventBatch) {
    var position = 0
    while position < events.count {
      var event = events[position]
      do throws(FieldRefusal) { try event.fields(&sum) } catch { sum.add(.max) }
      position += 1
    }
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.sum == right.sum && left.writeCount == right.writeCount
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(sum) }
}
