// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// The port of a PCF8574 with a key to ground at each pin.
public final class SimPCF8574: Chip {
  private var latch: UInt8 = 0xff
  /// For the board: the keys that are down.
  public var keys = PanelKeys()

  public init() { super.init(at: 0x20...0x20) }

  public override func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    if transfer.writeCount > 0 { latch = transfer.written(transfer.writeCount - 1) }
    for position in 0..<transfer.readCount {
      transfer.store(latch & ~keys.rawValue, at: position)
    }
  }
}
