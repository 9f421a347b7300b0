// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Drivers
import Testing

@Suite struct MemoryTests {
  private func block(_ bytes: [UInt8]) -> MemoryBlock {
    var block = MemoryBlock()
    for byte in bytes { block.append(byte) }
    return block
  }

  @Test(arguments: [(0, 0x50, 0x00), (255, 0x50, 0xff), (256, 0x51, 0x00), (511, 0x51, 0xff)])
  func `puts the ninth address bit into the device address`(
    address: Int, device: Int, low: Int
  ) throws {
    var bus = Playback()
    bus.expect(UInt8(device), [UInt8(low), 7])
    bus.expect(UInt8(device), [UInt8(low)], answer: [7])
    var memory = MB85RC04<Playback>()
    try memory.write(block([7]), at: address, on: &bus)
    #expect(try memory.read(1, at: address, on: &bus)[0] == 7)
    bus.finish()
  }

  @Test(arguments: [(-1, 1), (512, 1), (511, 2), (255, 2), (.max, 1), (.min, 1)])
  func `refuses a range outside and sends nothing`(address: Int, count: Int) {
    var bus = Playback()
    var memory = MB85RC04<Playback>()
    #expect(throws: BusError.badRequest) {
      try memory.write(block([UInt8](repeating: 0, count: count)), at: address, on: &bus)
    }
    #expect(throws: BusError.badRequest) { try memory.read(count, at: address, on: &bus) }
    bus.finish()
  }

  @Test(arguments: [-1, 0, 33, Int.max])
  func `refuses a count that no block holds`(count: Int) {
    var bus = Playback()
    var memory = MB85RC04<Playback>()
    #expect(throws: BusError.badRequest) { try memory.read(count, at: 0, on: &bus) }
    bus.finish()
  }
}
