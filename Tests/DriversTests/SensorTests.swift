// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Drivers
import Testing
import Units

@Suite struct SensorTests {
  @Test func `reads the encoder's status and raw angle at once`() throws {
    var bus = Playback()
    bus.expect(0x36, [0x0b], answer: [0x20, 0x0a, 0xbc])
    var encoder = AS5600<Playback>()
    #expect(try encoder.counts(on: &bus) == 0xabc)
    bus.finish()
  }

  @Test(.tags(.`RC-029`, .`SRS-064`), arguments: [UInt8(0x00), 0x10, 0x30, 0x28])
  func `RC-029 SRS-064 gives no angle without a good magnet`(status: UInt8) {
    var bus = Playback()
    bus.expect(0x36, [0x0b], answer: [status, 0x01, 0x02])
    var encoder = AS5600<Playback>()
    #expect(throws: BusError.badAnswer) { try encoder.counts(on: &bus) }
    bus.finish()
  }

  @Test func `reads voltage, charge and rate of the cell`() throws {
    var bus = Playback()
    bus.expect(0x36, [0x02], answer: [0xc3, 0x50, 0x32, 0x80])
    bus.expect(0x36, [0x16], answer: [0xff, 0xff])
    var gauge = MAX17048<Playback>()
    let battery = try gauge.battery(on: &bus)
    #expect(battery.voltage == .microvolts(3_906_250))
    #expect(battery.charge == .partsPerMillion(505_000))
    #expect(battery.chargePerHour == .partsPerMillion(-2_080))
    bus.finish()
  }

  @Test func `never shows more than a full battery`() {
    #expect(MAX17048<Playback>.charge(of: 0xffff) == .percent(100))
  }

  @Test func `passes a bus error on`() {
    var bus = Playback()
    bus.expect(0x36, [0x0b], failure: .noAcknowledge)
    var encoder = AS5600<Playback>()
    #expect(throws: BusError.noAcknowledge) { try encoder.counts(on: &bus) }
    bus.finish()
  }

  @Test func `takes a pin at ground for a key that is down`() throws {
    var bus = Playback()
    bus.expect(0x20, [], answer: [0b0111_1110])
    var keypad = PCF8574<Playback>()
    #expect(try keypad.keys(on: &bus) == [.up, .silence])
    bus.finish()
  }
}
