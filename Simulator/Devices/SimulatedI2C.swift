// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A chip on a simulated bus: what it does with the bytes of one transfer.
///
/// An emulator answers at the level of registers, so that the drivers run unchanged. It is told
/// physical values by the board and quantises them as the chip would.
public protocol Chip: AnyObject {
  /// Addresses the chip answers at.
  var addresses: ClosedRange<UInt8> { get }
  /// Performs a transfer; a chip that is not there throws `noAcknowledge`.
  func perform(_ transfer: inout I2CTransfer) throws(BusError)
}

/// Two chips want one address.
public struct AddressTaken: Error, Sendable, CustomStringConvertible {
  public let address: UInt8
  public var description: String {
    "two chips at I2C address 0x\(String(address, radix: 16)) on one bus"
  }
}

/// An I²C bus of simulated chips, shared by everyone who holds it.
public final class SimulatedI2C: I2CBus {
  private var chips: [(any Chip)?] = Array(repeating: nil, count: 128)

  public init() {}

  /// Puts a chip on the bus; refused when its address is taken.
  public func attach(_ chip: some Chip) throws(AddressTaken) {
    for address in chip.addresses where chips[Int(address & 0x7f)] != nil {
      throw AddressTaken(address: address)
    }
    for address in chip.addresses { chips[Int(address & 0x7f)] = chip }
  }

  public func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    guard transfer.address < 128 else { throw .badRequest }
    guard let chip = chips[Int(transfer.address)] else { throw .noAcknowledge }
    try chip.perform(&transfer)
  }
}
