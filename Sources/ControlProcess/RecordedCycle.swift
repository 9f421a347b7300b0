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
  public var updateReturned = false
  public var missed: UInt32 = 0
  public var lateness = Interval.zero
  public var refused: UInt32 = 0
  public var refusal: UInt8 = 0
  public var hasCommand = false
  public var hasSafety = false
  public var readings = ControlReadings()

  public init() {}

  /// Takes up what a cycle is given; its readings follow when they are made.
  mutating func take(_ inbox: inout ControlInbox, sinceLast: Interval) {
    self.sinceLast = sinceLast
    safetyAt = inbox.safetyAt
    serviceAlive = inbox.serviceAlive
    panelAlive = inbox.panelAlive
    realtime = inbox.realtime
    updateReturned = inbox.updateReturned
    missed = inbox.missed
    lateness = inbox.lateness
    refused = inbox.refused
    refusal = inbox.refusal
    hasCommand = inbox.command != nil
    hasSafety = inbox.safety != nil
  }

  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    let before = flags
    var bits = before
    try visitor.field(&bits)
    if bits != before {
      guard bits & ~Self.knownFlags == 0 else { throw .outOfRange }
      flags = bits
    }
    try visitor.field(&sinceLast)
    try visitor.field(&missed)
    try visitor.field(&lateness)
    try visitor.field(&refused)
    try visitor.field(&refusal)
    try Self.field(&safetyAt, &visitor)
    try Self.field(&readings.pressure, &visitor)
    try Self.field(&readings.clamp, &visitor)
    var position = readings.drive?.position ?? 0
    try visitor.field(&position)
    readings.drive?.position = position
    try battery(&visitor)
  }

  /// A quantity whose presence is a flag; zero without it.
  private static func field<Q: Quantity, V: FieldVisitor>(
    _ value: inout Q?, _ visitor: inout V
  ) throws(FieldRefusal) {
    var number = value ?? .zero
    try visitor.field(&number)
    if value != nil { value = number }
  }

  private mutating func battery<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var battery = readings.battery ?? Self.noBattery
    try visitor.field(&battery.voltage)
    try visitor.field(&battery.charge)
    try visitor.field(&battery.chargePerHour)
    if readings.battery != nil { readings.battery = battery }
  }

  private static var noBattery: BatteryReading {
    BatteryReading(voltage: .zero, charge: .zero, chargePerHour: .zero)
  }

  /// Everything that has few values as one number: few fields, quickly compared.
  ///
  /// Bits 0 to 11 and 17 are truths, 12 to 16 say what is present, 18 that the motor is energised; the
  /// drive's faults begin at bit 32.
  private var flags: UInt64 {
    get {
      var bits: UInt64 = serviceAlive ? 1 : 0
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
      if safetyAt != nil { bits |= 1 << 12 }
      if readings.pressure != nil { bits |= 1 << 13 }
      if readings.clamp != nil { bits |= 1 << 14 }
      if let drive = readings.drive {
        bits |= 1 << 15 | UInt64(drive.faults.rawValue) << 32
        if drive.energised { bits |= 1 << 18 }
      }
      if readings.battery != nil { bits |= 1 << 16 }
      if updateReturned { bits |= 1 << 17 }
      return bits
    }
    set {
      func on(_ bit: UInt64) -> Bool { newValue & bit != 0 }
      serviceAlive = on(1)
      panelAlive = on(2)
      realtime = on(4)
      hasCommand = on(8)
      hasSafety = on(16)
      readings.stopKey = on(32)
      readings.confirmKey = on(64)
      readings.doorClosed = on(128)
      readings.plungerEngaged = on(256)
      readings.airDetected = on(512)
      readings.mains = on(1_024)
      readings.linesLost = on(2_048)
      safetyAt = on(1 << 12) ? .zero : nil
      readings.pressure = on(1 << 13) ? .zero : nil
      readings.clamp = on(1 << 14) ? .zero : nil
      let faults = DriveFaults(rawValue: UInt16(truncatingIfNeeded: newValue >> 32))
      readings.drive = on(1 << 15) ? DriveReport(faults: faults, energised: on(1 << 18)) : nil
      readings.battery = on(1 << 16) ? Self.noBattery : nil
      updateReturned = on(1 << 17)
    }
  }

  private static var knownFlags: UInt64 { 0xffff_0007_ffff }
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
