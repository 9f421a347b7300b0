// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// Eight keys on an I/O expander, each to ground (NXP PCF8574, data sheet rev 5).
public struct PCF8574<Bus: I2CBus>: Keypad, Sendable {
  public typealias Port = Bus

  public init() {}

  /// The keys that are down; a pin at ground reads 0.
  @inlinable
  public mutating func keys(on bus: inout Bus) throws(BusError) -> PanelKeys {
    var transfer = I2CTransfer(to: 0x20, reading: 1)
    try bus.perform(&transfer)
    return PanelKeys(rawValue: ~transfer.read(0))
  }
}
