// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A chip on a simulated bus: what it does with the bytes of one transfer.
///
/// An emulator answers at the level of registers, so that the drivers run unchanged. It is told
/// physical values by the board and quantises them as the chip would. A class to inherit from, because
/// the bus then calls it directly and not by way of a protocol.
open class Chip {
  /// Addresses the chip answers at.
  public final let addresses: ClosedRange<UInt8>

  public init(at addresses: ClosedRange<UInt8>) { self.addresses = addresses }

  /// Performs a transfer; a chip that is not there throws `noAcknowledge`, as this one does.
  open func perform(_ transfer: inout I2CTransfer) throws(BusError) { throw .noAcknowledge }
}

/// Two chips want one address.
public struct AddressTaken: Error, Sendable, CustomStringConvertible {
  public let address: UInt8
  public var description: String {
    "two chips at I2C address 0x\(String(address, radix: 16)) on one bus"
  }
}

/// An I²C bus of simulated chips, shared by everyone who holds it; what is on it never changes.
public final class SimulatedI2C: I2CBus {
  private let wires: Wires

  /// A bus with these chips on it, those that are asked most often first; refused when two want one
  /// address.
  public init(_ chips: [Chip]) throws(AddressTaken) {
    var taken: Set<UInt8> = []
    var rest = Wires()
    for chip in chips.reversed() {
      for address in chip.addresses where !taken.insert(address).inserted {
        throw AddressTaken(address: address)
      }
      rest = Socket(chip, before: rest)
    }
    wires = rest
  }

  public func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    guard transfer.address < 128 else { throw .badRequest }
    try wires.perform(&transfer)
  }
}

/// The end of a bus: nobody answers.
///
/// The bus is a chain of constants, because a constant is used where it lies: a look into an array, or
/// at something optional, counts references up and down, which costs as much as the transfer.
private class Wires {
  func perform(_ transfer: inout I2CTransfer) throws(BusError) { throw .noAcknowledge }
}

/// A chip's place on its bus: it takes the transfer, or passes it on.
private final class Socket: Wires {
  private let addresses: ClosedRange<UInt8>
  private let chip: Chip
  private let rest: Wires

  init(_ chip: Chip, before rest: Wires) {
    addresses = chip.addresses
    self.chip = chip
    self.rest = rest
  }

  override func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    if addresses.contains(transfer.address) {
      try chip.perform(&transfer)
    } else {
      try rest.perform(&transfer)
    }
  }
}
