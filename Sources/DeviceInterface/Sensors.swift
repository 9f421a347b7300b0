// SPDX-License-Identifier: Apache-2.0

public import Units

/// A gauge of line pressure.
///
/// **Contract.** A reading is against atmosphere and at most 20 ms old. A value outside the
/// sensor's electrical range (open wire, short) is thrown as `badAnswer`, never clamped.
public protocol PressureSensor {
  associatedtype Port
  mutating func prepare(on port: inout Port) throws(BusError)
  mutating func pressure(on port: inout Port) throws(BusError) -> Pressure
}

/// An absolute angle encoder on the screw: the motion truth that the drive cannot fake.
///
/// **Contract.** Counts wrap at `countsPerTurn`; the caller unwraps, and must therefore read at
/// least twice a turn. A missing or too weak magnet is thrown as `badAnswer`.
public protocol AngleEncoder {
  associatedtype Port
  mutating func counts(on port: inout Port) throws(BusError) -> Int64
}

/// What the battery gauge says.
public struct BatteryReading: Hashable, Sendable, BitwiseCopyable {
  public var voltage: Voltage
  public var charge: Fraction
  /// Change of charge per hour, in parts per million; negative while discharging.
  public var chargePerHour: Fraction

  public init(voltage: Voltage, charge: Fraction, chargePerHour: Fraction) {
    self.voltage = voltage
    self.charge = charge
    self.chargePerHour = chargePerHour
  }
}

/// A battery fuel gauge.
public protocol FuelGauge {
  associatedtype Port
  mutating func battery(on port: inout Port) throws(BusError) -> BatteryReading
}
