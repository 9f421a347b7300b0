// SPDX-License-Identifier: Apache-2.0

public import BoardLink
public import DeviceInterface
public import Drivers
public import LinuxHardware

/// An I²C bus of whichever board was chosen at start.
public enum ChosenI2C: I2CBus {
  case link(LinkI2C)
  case linux(LinuxI2C)

  @inlinable
  public mutating func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    switch self {
    case .link(var bus):
      defer { self = .link(bus) }
      try bus.perform(&transfer)
    case .linux(let bus): try bus.perform(&transfer)
    }
  }
}

/// The digital lines of whichever board was chosen at start.
public enum ChosenLines: DigitalLines {
  case link(LinkLines)
  case linux(LinuxLines)

  @inlinable
  public mutating func sample() throws(BusError) -> LineSample {
    switch self {
    case .link(var lines):
      defer { self = .link(lines) }
      return try lines.sample()
    case .linux(let lines): return try lines.sample()
    }
  }

  @inlinable
  public mutating func write(_ levels: UInt32, mask: UInt32) throws(BusError) {
    switch self {
    case .link(var lines):
      defer { self = .link(lines) }
      try lines.write(levels, mask: mask)
    case .linux(let lines): try lines.write(levels, mask: mask)
    }
  }
}

/// The drive of whichever board was chosen at start: the motion controller on the board's bus, or a
/// step/direction driver on lines of its own.
public enum ChosenDrive: MotorDrive {
  public typealias Port = ChosenI2C
  case tic(Tic<ChosenI2C>)
  case steps(DRV8825<LinuxStepper>, LinuxStepper)

  @inlinable
  public mutating func prepare(on bus: inout ChosenI2C) throws(BusError) {
    switch self {
    case .tic(var drive):
      defer { self = .tic(drive) }
      try drive.prepare(on: &bus)
    case .steps(var drive, var port): try drive.prepare(on: &port)
    }
  }

  @inlinable
  public mutating func setSpeed(_ microstepsPer10000Seconds: Int64, on bus: inout ChosenI2C)
    throws(BusError)
  {
    switch self {
    case .tic(var drive):
      defer { self = .tic(drive) }
      try drive.setSpeed(microstepsPer10000Seconds, on: &bus)
    case .steps(var drive, var port): try drive.setSpeed(microstepsPer10000Seconds, on: &port)
    }
  }

  @inlinable
  public mutating func renew(on bus: inout ChosenI2C) throws(BusError) {
    switch self {
    case .tic(var drive):
      defer { self = .tic(drive) }
      try drive.renew(on: &bus)
    case .steps(var drive, var port): try drive.renew(on: &port)
    }
  }

  @inlinable
  public mutating func off(on bus: inout ChosenI2C) throws(BusError) {
    switch self {
    case .tic(var drive):
      defer { self = .tic(drive) }
      try drive.off(on: &bus)
    case .steps(var drive, var port): try drive.off(on: &port)
    }
  }

  @inlinable
  public mutating func report(on bus: inout ChosenI2C) throws(BusError) -> DriveReport {
    switch self {
    case .tic(var drive):
      defer { self = .tic(drive) }
      return try drive.report(on: &bus)
    case .steps(var drive, var port): return try drive.report(on: &port)
    }
  }
}
