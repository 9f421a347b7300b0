// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A drive with a port of its own, where a board hands out its bus: the bus is left alone.
public struct OwnPort<Drive: MotorDrive, Bus: I2CBus>: MotorDrive {
  public typealias Port = Bus
  @usableFromInline var drive: Drive
  @usableFromInline var port: Drive.Port

  @inlinable
  public init(_ drive: Drive, on port: Drive.Port) {
    self.drive = drive
    self.port = port
  }

  @inlinable
  public mutating func prepare(on bus: inout Bus) throws(BusError) { try drive.prepare(on: &port) }
  @inlinable
  public mutating func setSpeed(_ speed: Int64, on bus: inout Bus) throws(BusError) {
    try drive.setSpeed(speed, on: &port)
  }
  @inlinable
  public mutating func renew(on bus: inout Bus) throws(BusError) { try drive.renew(on: &port) }
  @inlinable
  public mutating func off(on bus: inout Bus) throws(BusError) { try drive.off(on: &port) }
  @inlinable
  public mutating func report(on bus: inout Bus) throws(BusError) -> DriveReport {
    try drive.report(on: &port)
  }
}
