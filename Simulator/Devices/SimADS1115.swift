// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Units

/// The registers of an ADS1115: conversion, configuration, two thresholds.
///
/// Converts the selected input instantly; in continuous mode the real chip is at most 1.2 ms behind.
public final class SimADS1115: Chip {
  private var inputs: InlineArray<4, Int64> = [0, 0, 0, 0]
  private var pointer: UInt8 = 0
  private var configuration: UInt16 = 0x8583
  private var thresholds: (low: UInt16, high: UInt16) = (0x8000, 0x7fff)

  public init(address: UInt8) { super.init(at: address...address) }

  /// For the board: the voltage at an input, 0 to 3.
  public func set(_ voltage: Voltage, at input: Int) {
    if input >= 0 && input < 4 { inputs[input] = voltage.native }
  }

  public override func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    if transfer.writeCount > 0 { pointer = transfer.written(0) & 3 }
    if transfer.writeCount == 3 {
      let word = UInt16(transfer.written(1)) << 8 | UInt16(transfer.written(2))
      switch pointer {
      case 1: configuration = word
      case 2: thresholds.low = word
      case 3: thresholds.high = word
      default: break
      }
    }
    guard transfer.readCount > 0 else { return }
    let word = register
    var position = 0
    while position < transfer.readCount {
      transfer.store(UInt8(truncatingIfNeeded: word >> 8), at: position)
      transfer.store(UInt8(truncatingIfNeeded: word), at: position + 1)
      position += 2
    }
  }

  private var register: UInt16 {
    switch pointer {
    case 0: conversion
    case 1: configuration | 0x8000
    case 2: thresholds.low
    default: thresholds.high
    }
  }

  /// The code of a voltage at the full scale of a PGA code, 0 to 7.
  private static func code(_ voltage: Int64, gain: UInt16) -> Int64? {
    switch gain {
    case 0: Scale.multiplyDivide(voltage, 32_768, 6_144_000)
    case 1: Scale.multiplyDivide(voltage, 32_768, 4_096_000)
    case 2: Scale.multiplyDivide(voltage, 32_768, 2_048_000)
    case 3: Scale.multiplyDivide(voltage, 32_768, 1_024_000)
    case 4: Scale.multiplyDivide(voltage, 32_768, 512_000)
    default: Scale.multiplyDivide(voltage, 32_768, 256_000)
    }
  }

  private var conversion: UInt16 {
    let mux = Int(configuration >> 12 & 7)
    let voltage: Int64
    switch mux {
    case 4...7: voltage = inputs[mux - 4]
    case 0: voltage = inputs[0] - inputs[1]
    case 1: voltage = inputs[0] - inputs[3]
    case 2: voltage = inputs[1] - inputs[3]
    default: voltage = inputs[2] - inputs[3]
    }
    let code = Self.code(voltage, gain: configuration >> 9 & 7)
    return UInt16(bitPattern: Int16(clamping: code ?? 0))
  }
}
