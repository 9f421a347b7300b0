// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Units

/// A fuel gauge for one lithium cell (Analog Devices MAX17048, data sheet rev 8).
public struct MAX17048<Bus: I2CBus>: FuelGauge, Sendable {
  public typealias Port = Bus

  public init() {}

  @inlinable
  public mutating func battery(on bus: inout Bus) throws(BusError) -> BatteryReading {
    var level = I2CTransfer(to: 0x36, writing: 0x02, reading: 4)
    try bus.perform(&level)
    var rate = I2CTransfer(to: 0x36, writing: 0x16, reading: 2)
    try bus.perform(&rate)
    return BatteryReading(
      voltage: Self.voltage(of: level.bigEndianWord(at: 0)),
      charge: Self.charge(of: level.bigEndianWord(at: 2)),
      chargePerHour: Self.rate(of: rate.bigEndianWord(at: 0)))
  }

  /// VCELL: 78.125 µV a step.
  @inlinable public static func voltage(of word: UInt16) -> Voltage {
    Voltage(native: Scale.multiplyDivide(Int64(word), 625, 8) ?? 0)
  }

  /// SOC: 1/256 % a step, never shown above 100 %.
  @inlinable public static func charge(of word: UInt16) -> Fraction {
    Swift.min(.percent(100), Fraction(native: Scale.multiplyDivide(Int64(word), 10_000, 256) ?? 0))
  }

  /// CRATE: 0.208 % an hour a step, signed.
  @inlinable public static func rate(of word: UInt16) -> Fraction {
    Fraction(native: Int64(Int16(bitPattern: word)) * 2_080)
  }
}
