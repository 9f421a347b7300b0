// SPDX-License-Identifier: Apache-2.0

import Board
import DeviceInterface
import Devices
import SimulatedBoard
import Testing

@Suite struct BusTests {
  @Test(.tags(.`SRS-120`)) func `SRS-120 refuses a second chip at an address`() throws {
    let refusal = #expect(throws: AddressTaken.self) {
      try SimulatedI2C([SimAS5600(), SimMAX17048()])
    }
    #expect(refusal?.address == 0x36)
  }

  @Test(arguments: [UInt8(0x00), 0x47, 0x7f])
  func `answers nothing where no chip sits`(address: UInt8) throws {
    let rig = try Rig()
    var transfer = I2CTransfer(to: address, reading: 1)
    #expect(throws: BusError.noAcknowledge) { try rig.pump.busA.perform(&transfer) }
  }

  @Test func `refuses an address beyond seven bits`() throws {
    let rig = try Rig()
    var transfer = I2CTransfer(to: 0x80)
    #expect(throws: BusError.badRequest) { try rig.pump.busA.perform(&transfer) }
  }

  @Test(.tags(.`SRS-120`)) func `SRS-120 has every chip of the board at its address`() throws {
    let rig = try Rig()
    for address in [0x48, 0x0e, 0x36, 0x50, 0x51] as [UInt8] {
      var transfer = I2CTransfer(to: address, reading: 1)
      try rig.pump.busA.perform(&transfer)
    }
    for address in [0x36, 0x49] as [UInt8] {
      var transfer = I2CTransfer(to: address, reading: 1)
      try rig.pump.busB.perform(&transfer)
    }
    for address in [0x3c, 0x20] as [UInt8] {
      var transfer = I2CTransfer(to: address, reading: 1)
      try rig.pump.busC.perform(&transfer)
    }
  }

  @Test(.tags(.`RC-006`), arguments: 0...32)
  func `RC-006 leaves the bytes outside a torn write alone`(cut: Int) throws {
    let rig = try Rig()
    var old = MemoryBlock()
    var new = MemoryBlock()
    for index in 0..<32 {
      old.append(UInt8(index))
      new.append(UInt8(100 + index))
    }
    try rig.write(old, at: 64)
    rig.pump.memory.cutAfter = cut
    if cut < 32 {
      #expect(throws: BusError.noAcknowledge) { try rig.write(new, at: 64) }
    } else {
      try rig.write(new, at: 64)
    }
    let block = try rig.read(32, at: 64)
    for index in 0..<32 { #expect(block[index] == (index < cut ? new[index] : old[index])) }
    #expect(try rig.read(1, at: 63)[0] == 0xff)
    #expect(try rig.read(1, at: 96)[0] == 0xff)
  }

  @Test func `shows the picture that was drawn, and each key`() throws {
    let rig = try Rig()
    var panel = rig.pump.panelBoard()
    try panel.prepare()
    var picture = FrameBuffer()
    for x in 0..<128 { picture[x, x / 2] = true }
    try panel.show(picture)
    let shown = rig.pump.picture
    for page in 0..<8 {
      for column in 0..<128 {
        #expect(shown.byte(page: page, column: column) == picture.byte(page: page, column: column))
      }
    }
    for key in PumpKey.allCases {
      rig.pump.setKey(key, down: true)
      #expect(try panel.keys() == key.panel ?? [])
      rig.pump.setKey(key, down: false)
    }
  }
}
