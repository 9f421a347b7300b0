// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// The registers of an AS5600: status, raw angle and angle.
public final class SimAS5600: Chip {
  private var pointer: UInt8 = 0
  private var angle: UInt16 = 0
  private var magnetDetected = true
  private var connected = true

  public init() { super.init(at: 0x36...0x36) }

  /// For the board: an angle of 0 to 4095, whether a magnet is seen, whether the chip is there.
  public func show(angle: UInt16, magnetDetected: Bool, connected: Bool) {
    self.angle = angle
    self.magnetDetected = magnetDetected
    self.connected = connected
  }

  public override func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    guard connected else { throw .noAcknowledge }
    if transfer.writeCount > 0 { pointer = transfer.written(0) }
    for position in 0..<transfer.readCount {
      transfer.store(register(pointer &+ UInt8(truncatingIfNeeded: position)), at: position)
    }
  }

  private func register(_ number: UInt8) -> UInt8 {
    switch number {
    case 0x0b: magnetDetected ? 0x20 : 0x10
    case 0x0c, 0x0e: UInt8(truncatingIfNeeded: angle >> 8 & 0x0f)
    case 0x0d, 0x0f: UInt8(truncatingIfNeeded: angle)
    default: 0
    }
  }
}
