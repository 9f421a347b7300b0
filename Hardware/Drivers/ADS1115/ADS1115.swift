// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Units

/// A 16-bit converter of four voltages (Texas Instruments ADS1115, data sheet SBAS444).
///
/// Used in continuous mode at 860 samples a second and ± 6.144 V, 187.5 µV a step: a conversion
/// takes 1.2 ms, so a channel chosen in one 10 ms cycle is measured by the next.
public struct ADS1115<Bus: I2CBus>: Sendable {
  public let address: UInt8

  /// The converter at 0x48 to 0x4B.
  public init(address: UInt8) { self.address = address }

  /// Starts converting one input against ground, 0 to 3.
  @inlinable
  public func select(_ channel: UInt8, on bus: inout Bus) throws(BusError) {
    guard channel < 4 else { throw .badRequest }
    var transfer = I2CTransfer(to: address)
    transfer.append(0x01)
    transfer.append(bigEndian: Self.configuration(channel))
    try bus.perform(&transfer)
  }

  /// The newest conversion.
  @inlinable
  public func voltage(on bus: inout Bus) throws(BusError) -> Voltage {
    var transfer = I2CTransfer(to: address, writing: 0x00, reading: 2)
    try bus.perform(&transfer)
    return Self.voltage(of: transfer.bigEndianWord(at: 0))
  }

  /// The configuration word: MUX AINx–GND, ± 6.144 V, continuous, 860 SPS, comparator off.
  @inlinable public static func configuration(_ channel: UInt8) -> UInt16 {
    0x4000 | UInt16(channel) << 12 | 0x00e3
  }

  /// 187.5 µV a step, rounded to the nearest microvolt, ties to even.
  @inlinable public static func voltage(of code: UInt16) -> Voltage {
    let steps = Int64(Int16(bitPattern: code))
    return Voltage(native: Scale.multiplyDivide(steps, 375, 2) ?? 0)
  }
}
