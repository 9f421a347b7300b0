// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Drivers
public import Units

/// The monitor's side of the reference board: gate, watchdog, encoder, pressure B, buzzer B.
public struct ReferenceSafetyBoard<Bus: I2CBus, Lines: DigitalLines>: SafetyBoard {
  public let simulated: Bool
  @usableFromInline var bus: Bus
  @usableFromInline var lines: Lines
  @usableFromInline var encoder = AS5600<Bus>()
  @usableFromInline var converter = ADS1115<Bus>(address: 0x49)
  @usableFromInline var selected = false
  @usableFromInline var strokeHigh = false
  @usableFromInline var strokedAt = Instant.min

  public init(bus: Bus, lines: Lines, simulated: Bool) {
    self.bus = bus
    self.lines = lines
    self.simulated = simulated
  }

  @inlinable
  public mutating func prepare() throws(BusError) {
    // RC-004: the safe value before anything else.
    try lines.write(0, mask: SafetyLine.outputs)
    try converter.select(0, on: &bus)
    selected = true
  }

  @inlinable
  public mutating func sense(at now: Instant) -> SafetyReadings {
    var readings = SafetyReadings()
    do {
      readings.motorPowered = try lines.sample().level(SafetyLine.motorPowered.rawValue)
    } catch {
      readings.linesLost = true
    }
    do { readings.encoder = try encoder.counts(on: &bus) } catch { readings.encoder = nil }
    do {
      if !selected {
        try converter.select(0, on: &bus)
        selected = true
      }
      readings.pressure = BoardScale.pressure(of: try converter.voltage(on: &bus))
    } catch {
      selected = false
    }
    return readings
  }

  @inlinable
  public mutating func act(_ outputs: SafetyOutputs, at now: Instant) {
    var levels: UInt32 = 0
    if outputs.gate { levels |= SafetyLine.gate.bit }
    if outputs.buzzer { levels |= SafetyLine.buzzer.bit }
    // RC-019: a cycle that follows a late one too closely keeps its stroke to itself: two strokes
    // within the watchdog's window would let the gate fall.
    if outputs.stroke && now - strokedAt >= .milliseconds(4) {
      strokeHigh.toggle()
      strokedAt = now
    }
    if strokeHigh { levels |= SafetyLine.stroke.bit }
    // A failed write leaves the stroke out, and the watchdog opens the gate.
    do { try lines.write(levels, mask: SafetyLine.outputs) } catch {}
  }
}

extension ReferenceSafetyBoard: Sendable where Bus: Sendable, Lines: Sendable {}
