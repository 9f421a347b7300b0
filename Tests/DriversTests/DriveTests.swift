// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Drivers
import Testing

@Suite struct DriveTests {
  @Test(.tags(.`RC-004`)) func `RC-004 switches the motor off before it writes the settings`()
    throws
  {
    var bus = Playback()
    bus.expect(0x0e, [0x86])
    bus.expect(0x0e, [0x94, 5])
    bus.expect(0x0e, [0x91, 31])
    bus.expect(0x0e, [0xe6, 0x00, 0x75, 0x19, 0x03])
    bus.expect(0x0e, [0xea, 0x80, 0x58, 0x4f, 0x00])
    bus.expect(0x0e, [0xe9, 0, 0, 0, 0])
    var drive = Tic<Playback>()
    try drive.prepare(on: &bus)
    bus.finish()
  }

  @Test func `starts with energise, safe start and velocity, then sends velocity alone`() throws {
    var bus = Playback()
    bus.expect(0x0e, [0x85])
    bus.expect(0x0e, [0x83])
    bus.expect(0x0e, [0xe3, 0x40, 0x42, 0x0f, 0x00])
    bus.expect(0x0e, [0xe3, 0xff, 0xff, 0xff, 0xff])
    bus.expect(0x0e, [0x8c])
    bus.expect(0x0e, [0x86])
    var drive = Tic<Playback>()
    try drive.setSpeed(1_000_000, on: &bus)
    try drive.setSpeed(-1, on: &bus)
    try drive.renew(on: &bus)
    try drive.off(on: &bus)
    bus.finish()
  }

  @Test(arguments: [500_000_001, -500_000_001, Int64.max, .min])
  func `refuses a speed beyond the controller and sends nothing`(speed: Int64) {
    var bus = Playback()
    var drive = Tic<Playback>()
    #expect(throws: BusError.badRequest) { try drive.setSpeed(speed, on: &bus) }
    bus.finish()
  }

  @Test func `counts on across the wrap of the controller's 32 bits`() throws {
    var bus = Playback()
    var drive = Tic<Playback>()
    for count in [[0xff, 0xff, 0xff, 0x7f], [0x01, 0x00, 0x00, 0x80]] as [[UInt8]] {
      bus.expect(0x0e, [0xa1, 0x00], answer: [10, 1, 0, 0])
      bus.expect(0x0e, [0xa1, 0x22], answer: count)
    }
    #expect(try drive.report(on: &bus).position == 2_147_483_647)
    let report = try drive.report(on: &bus)
    #expect(report.position == 2_147_483_649)
    #expect(report.energised)
    #expect(report.faults == [])
    bus.finish()
  }

  @Test func `names each error of the controller`() {
    #expect(Tic<Playback>.faults(of: 0x02) == .bridge)
    #expect(Tic<Playback>.faults(of: 0x04) == .noPower)
    #expect(Tic<Playback>.faults(of: 0x40) == .commandTimeout)
    #expect(Tic<Playback>.faults(of: 0x80) == .notReady)
    #expect(Tic<Playback>.faults(of: 0) == [])
  }
}
