// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Drivers
import Testing

/// Counts the transfers to the display and can lose the next one.
private struct Counter: I2CBus {
  var transfers = 0
  var losesAfter: Int?

  mutating func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    if let losesAfter, transfers >= losesAfter { throw .noAcknowledge }
    transfers += 1
  }
}

@Suite struct DisplayTests {
  @Test func `sends a picture once and then only what changed`() throws {
    var bus = Counter()
    var display = SSD1306<Counter>()
    try display.prepare(on: &bus)
    #expect(bus.transfers == 1)
    var picture = FrameBuffer()
    try display.show(picture, on: &bus)
    #expect(bus.transfers == 1 + 8 * 4 * 2)
    try display.show(picture, on: &bus)
    #expect(bus.transfers == 65)
    picture[100, 40] = true
    try display.show(picture, on: &bus)
    #expect(bus.transfers == 67)
  }

  @Test func `sends again what an error kept from the display`() throws {
    var bus = Counter()
    var display = SSD1306<Counter>()
    try display.prepare(on: &bus)
    var picture = FrameBuffer()
    try display.show(picture, on: &bus)
    picture[0, 0] = true
    bus.losesAfter = bus.transfers + 1
    #expect(throws: BusError.noAcknowledge) { try display.show(picture, on: &bus) }
    bus.losesAfter = nil
    let before = bus.transfers
    try display.show(picture, on: &bus)
    #expect(bus.transfers == before + 2)
  }
}
