// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import EveryCase
import Foundation
import KeyStore
import SimulatedDisk
import SoftwareUpdate
import Testing
import UpdateMetadata

/// The floors that hang from a root's counter, with the root on a medium of its own.
struct RootFloorTests {
  private typealias Floor = RootFloor<SimulatedFolder, SimulatedRoot<SimulatedFolder>>

  /// The pump's medium and the place of its root; a cut goes through both at once.
  private struct Rig {
    let disk: SimulatedDisk

    init() throws {
      disk = SimulatedDisk()
      try Floor.provision(folder(), root())
      try disk.root.sync()
    }

    private init(_ disk: SimulatedDisk) { self.disk = disk }

    func copy() -> Rig { Rig(disk.copy()) }

    func folder() throws -> SimulatedFolder { try disk.root.folder("slots") }

    func root() throws -> SimulatedRoot<SimulatedFolder> {
      try SimulatedRoot(try disk.root.folder("root"))
    }

    func floor(_ kind: ImageTerms.Kind = .firmware) throws -> Floor {
      try Floor(folder(), root(), kind)
    }

    var record: [UInt8] {
      get throws { try folder().contents(of: "floors", limit: 2_000) }
    }

    func put(_ record: [UInt8]) throws { try folder().replace("floors", with: record) }
  }

  @Test(.tags(.`SEC-385`)) func `SEC-385 each kind has a floor of its own that only rises`() throws
  {
    let rig = try Rig()
    everyCase(of: ImageTerms.Kind.allCases) { kind in
      #expect((try? rig.floor(kind).value()) == 0)
    }
    try rig.floor(.firmware).raise(to: 3)
    try rig.floor(.drugLibrary).raise(to: 7)
    try rig.floor(.firmware).raise(to: 2)
    #expect(try rig.floor(.firmware).value() == 3)
    #expect(try rig.floor(.drugLibrary).value() == 7)
    #expect(try rig.floor(.configuration).value() == 0)
  }

  @Test(.tags(.`SEC-385`))
  func `SEC-385 a record that was put back, removed or changed is no floor`()
    throws
  {
    let rig = try Rig()
    try rig.floor().raise(to: 3)
    let old = try rig.record
    try rig.floor().raise(to: 5)
    let good = try rig.record
    try rig.put(old)
    #expect(throws: SlotError.floor(.notGenuine)) { try rig.floor().value() }
    #expect(throws: SlotError.floor(.notGenuine)) { try rig.floor().raise(to: 9) }
    try rig.folder().remove("floors")
    #expect(throws: SlotError.floor(.notGenuine)) { try rig.floor().value() }
    var refused = 0
    for place in good.indices {
      for bit in [UInt8(1), 2, 16] {
        var changed = good
        changed[place] ^= bit
        try rig.put(changed)
        // The case of a hexadecimal digit may change; the floor may not.
        if let value = try? rig.floor().value() { #expect(value == 5) } else { refused += 1 }
      }
    }
    #expect(refused > good.count * 2)
    try rig.put(good)
    #expect(try rig.floor().value() == 5)
    // Another device's record, genuine there and with the same counter.
    let other = try Rig()
    try other.floor().raise(to: 1)
    try other.floor().raise(to: 2)
    try rig.put(try other.record)
    #expect(throws: SlotError.floor(.notGenuine)) { try rig.floor().value() }
  }

  @Test(.tags(.`SEC-385`))
  func `SEC-385 a cut at every operation leaves the old floor or the new one`()
    throws
  {
    let start = try Rig()
    try start.floor().raise(to: 3)
    let whole = start.copy()
    try whole.floor().raise(to: 5)
    try everyCase(of: pairs(start.disk.operations + 1...whole.disk.operations, 0..<6)) {
      operation, seed in
      let rig = start.copy()
      rig.disk.cutPower(at: operation, seed: UInt64(seed))
      #expect(throws: (any Error).self) { try rig.floor().raise(to: 5) }
      rig.disk.powerOn()
      let value = try rig.floor().value()
      #expect(value == 3 || value == 5, "cut at \(operation), seed \(seed)")
      try rig.floor().raise(to: 5)
      #expect(try rig.floor().value() == 5)
    }
  }

  /// A root that has gone silent.
  private struct Silent: SecurityFloor {
    func value() throws(SlotError) -> Int64 { throw .floor(.rootFailed) }
    func raise(to value: Int64) throws(SlotError) { throw .floor(.rootFailed) }
  }

  @Test(.tags(.`SEC-386`)) func `SEC-386 without the root the pump starts and takes nothing in`()
    throws
  {
    let publisher = try Publisher()
    let device = try Device(publisher)
    try device.take(try publisher.bundle(2, Device.new, release: 2, security: 5))
    var slots = try device.slots()
    try slots.arm()
    _ = try slots.start()
    var silent = try DirectorySlots(device.disk.root, floor: Silent())
    try silent.confirm()
    #expect(silent.journal.phase == .confirming)
    silent = try DirectorySlots(device.disk.root, floor: Silent())
    let choice = try silent.start()
    #expect(choice.record.version == "2.0" && !choice.onTrial)
    let next = try publisher.bundle(3, Device.old, release: 3, security: 5)
    #expect(throws: SlotError.floor(.rootFailed)) {
      try Intake(device.disk.root, hardware: Publisher.hardware)
        .take(MemoryStream(next), into: &silent, clock: Publisher.now)
    }
    // When the root is back the floor is raised after all.
    slots = try device.slots()
    #expect(slots.journal.phase == .idle)
    #expect(try slots.securityFloor == 5)
  }
}
