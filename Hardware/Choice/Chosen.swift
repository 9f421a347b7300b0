// SPDX-License-Identifier: Apache-2.0

public import BoardLink
public import DeviceInterface
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
