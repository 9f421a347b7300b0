// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A contactless angle encoder of 12 bits a turn (ams OSRAM AS5600, data sheet v1-06).
public struct AS5600<Bus: I2CBus>: AngleEncoder, Sendable {
  public typealias Port = Bus

  public init() {}

  /// The raw angle; `badAnswer` when no magnet is seen or it is too weak or too strong.
  @inlinable
  // SRS-064: no angle without a magnet.
  public mutating func counts(on bus: inout Bus) throws(BusError) -> Int64 {
    var transfer = I2CTransfer(to: 0x36, writing: 0x0b, reading: 3)
    try bus.perform(&transfer)
    // STATUS: MD (bit 5) set, ML (4) and MH (3) clear.
    guard transfer.read(0) & 0x38 == 0x20 else { throw .badAnswer }
    return Int64(transfer.bigEndianWord(at: 1) & 0x0fff)
  }
}
