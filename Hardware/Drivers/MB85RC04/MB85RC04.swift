// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A ferroelectric memory of 512 bytes (Fujitsu MB85RC04, data sheet DS501-00016).
///
/// No write delay and 10¹² writes a byte: a journal may be written every second for the life of the
/// pump. Bit 8 of the address is the lowest bit of the device address.
public struct MB85RC04<Bus: I2CBus>: NonVolatileMemory, Sendable {
  public typealias Port = Bus

  public init() {}

  public var size: Int { 512 }

  @inlinable
  public mutating func write(_ block: MemoryBlock, at address: Int, on bus: inout Bus)
    throws(BusError)
  {
    guard fits(block.count, at: address) else { throw .badRequest }
    var transfer = I2CTransfer(to: Self.device(address))
    transfer.append(UInt8(truncatingIfNeeded: address))
    for position in 0..<block.count { transfer.append(block[position]) }
    try bus.perform(&transfer)
  }

  @inlinable
  public mutating func read(_ count: Int, at address: Int, on bus: inout Bus) throws(BusError)
    -> MemoryBlock
  {
    guard count <= MemoryBlock.capacity, fits(count, at: address) else { throw .badRequest }
    var transfer = I2CTransfer(
      to: Self.device(address), writing: UInt8(truncatingIfNeeded: address), reading: count)
    try bus.perform(&transfer)
    var block = MemoryBlock()
    for position in 0..<count { block.append(transfer.read(position)) }
    return block
  }

  /// A block may not cross the two halves: the chip would go on in the wrong one.
  @inlinable func fits(_ count: Int, at address: Int) -> Bool {
    count > 0 && count <= size && address >= 0 && address <= size - count
      && address / 256 == (address + count - 1) / 256
  }

  @inlinable public static func device(_ address: Int) -> UInt8 { address >= 256 ? 0x51 : 0x50 }
}
