// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Units

/// The registers of a MAX17048: cell voltage, state of charge, rate, version.
public final class SimMAX17048: Chip {
  private var pointer: UInt8 = 0
  public var voltage = Voltage.zero
  public var charge = Fraction.zero
  /// Per hour; negative while discharging.
  public var chargePerHour = Fraction.zero

  public init() { super.init(at: 0x36...0x36) }

  public override func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    if transfer.writeCount > 0 { pointer = transfer.written(0) }
    for position in 0..<transfer.readCount {
      let number = Int(pointer) + position
      let word = register(number & 0xfe)
      transfer.store(UInt8(truncatingIfNeeded: number % 2 == 0 ? word >> 8 : word), at: position)
    }
  }

  private func register(_ number: Int) -> UInt16 {
    switch number {
    case 0x02: UInt16(clamping: Scale.multiplyDivide(voltage.native, 8, 625) ?? 0)
    case 0x04: UInt16(clamping: Scale.multiplyDivide(charge.native, 256, 10_000) ?? 0)
    case 0x08: 0x0012
    case 0x16:
      UInt16(bitPattern: Int16(clamping: Scale.multiplyDivide(chargePerHour.native, 1, 2_080) ?? 0))
    default: 0
    }
  }
}
