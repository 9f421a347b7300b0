// SPDX-License-Identifier: Apache-2.0

import CI2C
import DeviceInterface
import Devices
import Drivers
import Glibc
import LinuxHardware
import Testing
import Units

@Suite struct I2CTests {
  @Test func `carries the drivers' transfers to the chips`() throws {
    let device = ScriptedDevice("seam-i2c-drivers")
    defer { device.remove() }
    let converter = SimADS1115(address: 0x48)
    let chips = try SimulatedI2C([converter, SimMB85RC04()])
    serve(chips, at: device)
    var bus = try LinuxI2C(path: device.path)
    #expect(bus.carriesPlainI2C)
    converter.set(.millivolts(1_500), at: 1)
    let driver = ADS1115<LinuxI2C>(address: 0x48)
    try driver.select(1, on: &bus)
    #expect(try driver.voltage(on: &bus) == .millivolts(1_500))
    var memory = MB85RC04<LinuxI2C>()
    var block = MemoryBlock()
    for byte in 0..<32 { block.append(UInt8(200 - byte)) }
    try memory.write(block, at: 288, on: &bus)
    let back = try memory.read(32, at: 288, on: &bus)
    for position in 0..<32 { #expect(back[position] == block[position]) }
    #expect(bus.health == BusHealth())
  }

  @Test func `speaks SMBus on an adapter that has nothing else`() throws {
    let device = ScriptedDevice("seam-i2c-smbus")
    defer { device.remove() }
    let stub = Stub([0x48, 0x36, 0x50])
    device.plain = false
    device.answer = { stub.answer(&$0) }
    var bus = try LinuxI2C(path: device.path)
    #expect(!bus.carriesPlainI2C)
    // A word on the wire is two bytes in order; the stub keeps it low byte first.
    stub.words[0x48]?[0] = 0x6a0a
    let converter = ADS1115<LinuxI2C>(address: 0x48)
    try converter.select(0, on: &bus)
    #expect(stub.words[0x48]?[1] == 0xe340)
    #expect(try converter.voltage(on: &bus) == .microvolts(499_875))
    stub.words[0x36]?[0x0b] = 0x20
    stub.words[0x36]?[0x0c] = 0x0a
    stub.words[0x36]?[0x0d] = 0xbc
    var encoder = AS5600<LinuxI2C>()
    #expect(try encoder.counts(on: &bus) == 0xabc)
    var memory = MB85RC04<LinuxI2C>()
    var block = MemoryBlock()
    for byte in 0..<32 { block.append(UInt8(byte * 7)) }
    try memory.write(block, at: 16, on: &bus)
    let back = try memory.read(32, at: 16, on: &bus)
    for position in 0..<32 { #expect(back[position] == block[position]) }
    #expect(stub.sizes == [3, 3, 8, 8, 8])
  }

  /// Bytes out, bytes in, and the kernel's size of the SMBus call; `nil`: there is none.
  @Test(arguments: [
    (0, 0, Int32(0)), (1, 0, 1), (0, 1, 1), (2, 0, 2), (1, 1, 2), (3, 0, 3), (1, 2, 3), (4, 0, 8),
    (33, 0, 8), (1, 3, 8), (1, 32, 8), (2, 1, nil), (2, 4, nil), (0, 2, nil),
  ])
  func `maps a transfer to its SMBus call or refuses it`(out: Int, into: Int, size: Int32?) throws {
    let device = ScriptedDevice("seam-i2c-map-\(out)-\(into)")
    defer { device.remove() }
    let stub = Stub([0x10])
    device.plain = false
    device.answer = { stub.answer(&$0) }
    let bus = try LinuxI2C(path: device.path)
    var transfer = I2CTransfer(to: 0x10, reading: into)
    for byte in 0..<out { transfer.append(UInt8(byte)) }
    if let size {
      try bus.perform(&transfer)
      #expect(stub.sizes == [size])
    } else {
      #expect(throws: BusError.badRequest) { try bus.perform(&transfer) }
      #expect(stub.sizes.isEmpty)
    }
  }

  @Test(
    .tags(.`RC-029`),
    arguments: [
      (ENXIO, BusError.noAcknowledge), (EREMOTEIO, .noAcknowledge), (ENODEV, .noAcknowledge),
      (EIO, .noAcknowledge), (ETIMEDOUT, .timeout), (EAGAIN, .bus), (EBUSY, .bus),
      (EBADMSG, .badAnswer), (EPROTO, .badAnswer), (EOPNOTSUPP, .badRequest), (EACCES, .permission),
      (EPERM, .permission),
    ])
  func `RC-029 tells the kernel's fault codes apart`(code: Int32, error: BusError) throws {
    let device = ScriptedDevice("seam-i2c-code-\(code)")
    defer { device.remove() }
    let bus = try LinuxI2C(path: device.path)
    device.answer = { _ in -code }
    var transfer = I2CTransfer(to: 0x10, reading: 1)
    #expect(throws: error) { try bus.perform(&transfer) }
    #expect(bus.health.failed == 1)
  }

  @Test(.tags(.`SRS-128`)) func `SRS-128 makes a failed transfer once more, and counts it`() throws
  {
    let device = ScriptedDevice("seam-i2c-repeat")
    defer { device.remove() }
    let bus = try LinuxI2C(path: device.path)
    device.failures = [-ENXIO]
    var transfer = I2CTransfer(to: 0x10)
    transfer.append(1)
    try bus.perform(&transfer)
    #expect(device.count(of: ci_op_transfer) == 2)
    #expect(bus.health.repeated == 1)
    #expect(bus.health.failed == 0)
  }

  @Test(.tags(.`SRS-128`)) func `SRS-128 does not repeat what took long or cannot be`() throws {
    let device = ScriptedDevice("seam-i2c-late")
    defer { device.remove() }
    let bus = try LinuxI2C(path: device.path)
    device.answer = { _ in
      usleep(3_000)
      return -ETIMEDOUT
    }
    var transfer = I2CTransfer(to: 0x10)
    #expect(throws: BusError.timeout) { try bus.perform(&transfer) }
    #expect(device.count(of: ci_op_transfer) == 1)
    device.answer = { _ in -EOPNOTSUPP }
    #expect(throws: BusError.badRequest) { try bus.perform(&transfer) }
    #expect(device.count(of: ci_op_transfer) == 2)
    var beyond = I2CTransfer(to: 0x80)
    #expect(throws: BusError.badRequest) { try bus.perform(&beyond) }
    #expect(device.count(of: ci_op_transfer) == 2)
  }

  @Test(.tags(.`RC-029`)) func `RC-029 knows a locked-up bus from a chip that does not answer`()
    throws
  {
    let device = ScriptedDevice("seam-i2c-stuck")
    defer { device.remove() }
    let bus = try LinuxI2C(path: device.path)
    var transfer = I2CTransfer(to: 0x10)
    device.answer = { _ in -ENXIO }
    for _ in 0..<20 { #expect(throws: BusError.noAcknowledge) { try bus.perform(&transfer) } }
    #expect(!bus.health.lockedUp)
    device.answer = { _ in -EBUSY }
    for _ in 0..<7 { #expect(throws: BusError.bus) { try bus.perform(&transfer) } }
    #expect(!bus.health.lockedUp)
    #expect(throws: BusError.bus) { try bus.perform(&transfer) }
    #expect(bus.health.lockedUp)
    device.answer = { _ in 0 }
    try bus.perform(&transfer)
    #expect(!bus.health.lockedUp)
  }

  @Test(
    .tags(.`RC-041`, .`SRS-127`),
    arguments: [
      (ENOENT, DeviceError.Reason.missing), (ENXIO, .missing), (EACCES, .permission),
      (EPERM, .permission), (EBUSY, .busy(holder: "")), (ENOTTY, .wrongKind),
      (EMFILE, .other(EMFILE)),
    ])
  func `RC-041 SRS-127 names the bus that cannot be opened, and why`(
    code: Int32, reason: DeviceError.Reason
  ) throws {
    let device = ScriptedDevice("seam-i2c-open-\(code)")
    defer { device.remove() }
    device.failures = [-code]
    #expect(throws: DeviceError(.bus(device.path), reason)) { try LinuxI2C(path: device.path) }
    #expect("\(DeviceError(.bus(device.path), reason))".contains(device.path))
  }

  @Test(.tags(.`RC-041`)) func `RC-041 takes no other file for a bus`() {
    #expect(throws: DeviceError(.bus("/dev/null"), .wrongKind)) { try LinuxI2C(path: "/dev/null") }
    #expect(throws: DeviceError(.bus("/dev/pump/none"), .missing)) {
      try LinuxI2C(path: "/dev/pump/none")
    }
  }

  @Test func `closes the adapter with its owner, once`() throws {
    let device = ScriptedDevice("seam-i2c-close")
    defer { device.remove() }
    var bus: LinuxI2C? = try LinuxI2C(path: device.path)
    #expect(bus != nil && device.count(of: ci_op_close) == 0)
    bus = nil
    #expect(device.count(of: ci_op_close) == 1)
  }
}
