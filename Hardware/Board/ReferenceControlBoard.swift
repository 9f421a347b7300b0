// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Drivers
public import Units

/// The controller's side of the reference board with the motion controller on its bus.
public typealias ReferenceControlBoard<Bus: I2CBus, Lines: DigitalLines> =
  DrivenControlBoard<Bus, Lines, Tic<Bus>>

/// The controller's side of the reference board: drive, pressure A, clamp, battery, journal memory,
/// keys, lamps, buzzer A.
public struct DrivenControlBoard<Bus: I2CBus, Lines: DigitalLines, Drive: MotorDrive>: ControlBoard
where Drive.Port == Bus {
  public let simulated: Bool
  @usableFromInline var bus: Bus
  @usableFromInline var lines: Lines
  @usableFromInline var drive: Drive
  @usableFromInline var converter = ADS1115<Bus>(address: 0x48)
  @usableFromInline var gauge = MAX17048<Bus>()
  @usableFromInline var memory = MB85RC04<Bus>()

  @usableFromInline var readings = ControlReadings()
  @usableFromInline var cycle: UInt32 = 0
  @usableFromInline var order = DriveOrder.off
  @usableFromInline var ordered = false
  /// The last write of the output lines failed; shows in the next readings.
  @usableFromInline var outputsLost = false

  public init(bus: Bus, lines: Lines, drive: Drive, simulated: Bool) {
    self.bus = bus
    self.lines = lines
    self.drive = drive
    self.simulated = simulated
  }

  @inlinable
  public mutating func prepare() throws(BusError) {
    // RC-004 SRS-031: the safe value before anything else.
    try lines.write(0, mask: ControlLine.outputs)
    try drive.prepare(on: &bus)
    try converter.select(0, on: &bus)
    ordered = false
  }

  @inlinable
  public mutating func sense(at now: Instant) -> ControlReadings {
    senseLines()
    senseAnalogue()
    do { readings.drive = try drive.report(on: &bus) } catch { readings.drive = nil }
    if cycle % 100 == 0 {
      do { readings.battery = try gauge.battery(on: &bus) } catch { readings.battery = nil }
    }
    cycle &+= 1
    return readings
  }

  @inlinable
  mutating func senseLines() {
    do {
      let sample = try lines.sample()
      // A press shorter than a cycle is seen by its edge.
      let seen = sample.levels | sample.risen
      readings.stopKey = seen & ControlLine.stopKey.bit != 0
      readings.confirmKey = seen & ControlLine.confirmKey.bit != 0
      readings.doorClosed = sample.levels & ControlLine.doorClosed.bit != 0
      readings.plungerEngaged = sample.levels & ControlLine.plungerEngaged.bit != 0
      readings.airDetected = seen & ControlLine.airDetected.bit != 0
      readings.mains = sample.levels & ControlLine.mains.bit != 0
      readings.linesLost = outputsLost
    } catch {
      readings.linesLost = true
    }
  }

  /// Channel 0 every cycle but one in twenty, in which the clamp is measured instead.
  @inlinable
  mutating func senseAnalogue() {
    let phase = cycle % 20
    do {
      let voltage = try converter.voltage(on: &bus)
      if phase == 0 && cycle > 0 {
        readings.clamp = BoardScale.clamp(of: voltage)
        try converter.select(0, on: &bus)
      } else {
        readings.pressure = BoardScale.pressure(of: voltage)
        if phase == 19 { try converter.select(1, on: &bus) }
      }
    } catch {
      // RC-029: what was read before the converter went is not what is there now.
      readings.pressure = nil
      readings.clamp = nil
      // A converter that was away has lost its channel.
      do { try converter.select(phase == 19 ? 1 : 0, on: &bus) } catch {}
    }
  }

  @inlinable
  public mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant) {
    var levels: UInt32 = 0
    if outputs.motorEnable { levels |= ControlLine.motorEnable.bit }
    if outputs.buzzer { levels |= ControlLine.buzzer.bit }
    if outputs.lampRed { levels |= ControlLine.lampRed.bit }
    if outputs.lampYellow { levels |= ControlLine.lampYellow.bit }
    if outputs.lampGreen { levels |= ControlLine.lampGreen.bit }
    do {
      try lines.write(levels, mask: ControlLine.outputs)
      outputsLost = false
    } catch { outputsLost = true }
    do {
      switch order {
      case .off:
        // Said again every 100 ms: a message lost on the bus must not leave the motor running.
        if self.order != .off || !ordered || cycle % 10 == 0 { try drive.off(on: &bus) }
      case .speed(let speed):
        if self.order != order || !ordered || readings.drive?.energised != true {
          try drive.setSpeed(speed, on: &bus)
        } else if cycle % 5 == 0 {
          try drive.renew(on: &bus)
        }
      }
      self.order = order
      ordered = true
    } catch {
      ordered = false
    }
  }

  public var memorySize: Int { memory.size }

  @inlinable
  public mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError) {
    try memory.write(block, at: address, on: &bus)
  }

  @inlinable
  public mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    try memory.read(count, at: address, on: &bus)
  }
}

extension DrivenControlBoard where Drive == Tic<Bus> {
  public init(bus: Bus, lines: Lines, simulated: Bool) {
    self.init(bus: bus, lines: lines, drive: Tic(), simulated: simulated)
  }
}

extension DrivenControlBoard: Sendable where Bus: Sendable, Lines: Sendable, Drive: Sendable {}
