// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import SimulatedDisk
import SoftwareUpdate
import Testing

/// What is asked of RAUC, and what its answers are taken for.
struct RaucSlotsTests {
  private typealias Slots = RaucSlots<SimulatedFolder, Board>

  private struct Board: RaucCommand {
    var status: [UInt8]

    func run(_ arguments: [String]) throws(RaucError) -> [UInt8] {
      arguments.first == "install" ? [] : status
    }
  }

  private static func slots(_ disk: SimulatedDisk, _ booted: String) -> Slots {
    Slots(disk.root, Board(status: Array(#"{"booted":"\#(booted)"}"#.utf8)))
  }

  @Test(.tags(.`SRS-196`))
  func `SRS-196 another slot than the one of the beginning is the new one`()
    throws
  {
    let disk = SimulatedDisk()
    #expect(try !Self.slots(disk, "A").runsNew())
    try Self.slots(disk, "A").begin()
    #expect(try !Self.slots(disk, "A").runsNew())
    #expect(try Self.slots(disk, "B").runsNew())
    // The next switch begins where the pump is now.
    try Self.slots(disk, "B").begin()
    #expect(try !Self.slots(disk, "B").runsNew())
  }

  @Test(
    .tags(.`SRS-196`),
    arguments: [
      "", "{", "[]", "{}", #"{"booted":7}"#, #"{"booted":""}"#, #"{"booted":"A B"}"#,
      #"{"booted":"\u0000"}"#, #"{"booted":"A","booted":"B"}"#, "A",
    ])
  func `SRS-196 a status that is none names no slot`(text: String) {
    #expect(throws: RaucError.notUnderstood) { try Slots.booted(in: Array(text.utf8)) }
  }

  @Test(.tags(.`SRS-196`)) func `SRS-196 a status cut or changed anywhere never traps`() throws {
    let good = Array(
      #"{"compatible":"x","booted":"system0","slots":[{"rootfs.0":{"state":"booted"}}]}"#.utf8)
    #expect(try Slots.booted(in: good) == "system0")
    for length in 0..<good.count {
      #expect(throws: RaucError.notUnderstood) { try Slots.booted(in: Array(good.prefix(length))) }
    }
    for place in good.indices {
      for byte in [0, 0x22, 0x5c, 0x7b, 0xff] as [UInt8] {
        var bad = good
        bad[place] = byte
        if let name = try? Slots.booted(in: bad) { #expect(!name.isEmpty) }
      }
    }
  }
}
