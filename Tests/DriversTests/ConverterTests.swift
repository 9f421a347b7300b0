// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Drivers
import Testing
import Units

@Suite struct ConverterTests {
  @Test(arguments: [
    (0x0000, 0), (0x0001, 188), (0x0002, 375), (0x0003, 562), (0x7fff, 6_143_812),
    (0x8000, -6_144_000), (0xffff, -188),
  ])
  func `converts a code at 187.5 µV a step, ties to even`(code: Int, microvolts: Int64) {
    #expect(
      ADS1115<Playback>.voltage(of: UInt16(code)) == .microvolts(microvolts))
  }

  @Test(arguments: [(0, 0x40), (1, 0x50), (2, 0x60), (3, 0x70)])
  func `selects a channel in continuous mode`(channel: Int, high: Int) throws {
    var bus = Playback()
    bus.expect(0x48, [0x01, UInt8(high), 0xe3])
    try ADS1115<Playback>(address: 0x48).select(UInt8(channel), on: &bus)
    bus.finish()
  }

  @Test func `refuses a channel that the chip has not, and sends nothing`() {
    var bus = Playback()
    #expect(throws: BusError.badRequest) {
      try ADS1115<Playback>(address: 0x48).select(4, on: &bus)
    }
    bus.finish()
  }

  @Test func `reads the conversion register`() throws {
    var bus = Playback()
    bus.expect(0x49, [0x00], answer: [0x0a, 0x6a])
    let voltage = try ADS1115<Playback>(address: 0x49).voltage(on: &bus)
    #expect(voltage == .microvolts(499_875))
    bus.finish()
  }
}
