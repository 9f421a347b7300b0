// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import EveryCase
import SimulatedDisk
import SoftwareUpdate
import Testing

/// A library or a configuration that a person agreed to is switched to at once.
struct ActivationTests {
  private static let old: [UInt8] = Array("the library of before".utf8)
  private static let new: [UInt8] = Array(repeating: 0x7a, count: 9_000)

  private static func record(_ version: String, _ content: [UInt8], security: Int64) -> ImageRecord
  {
    ImageRecord(
      name: "drug-library", version: version, releaseCounter: 1, securityVersion: security,
      length: Int64(content.count), sha256: SHA256.hash(content), notes: "")
  }

  private static func slots(_ disk: SimulatedDisk) throws -> Slots {
    try Slots(disk.root, floor: FileFloor(disk.root))
  }

  private static func take(_ disk: SimulatedDisk, _ record: ImageRecord, _ content: [UInt8]) throws
  {
    var slots = try slots(disk)
    var writing = try slots.begin(record)
    try writing.append(content)
    try slots.finish(writing)
  }

  /// Slots with the old content active and the new one waiting.
  private static func device() throws -> SimulatedDisk {
    let disk = SimulatedDisk()
    try Slots.provision(disk.root, .nothing, content: [])
    try take(disk, record("1.0", old, security: 1), old)
    var slots = try slots(disk)
    try slots.activate()
    try take(disk, record("2.0", new, security: 2), new)
    return disk
  }

  @Test(.tags(.`SEC-382`))
  func `SEC-382 what was agreed to is active at once and raises its floor`()
    throws
  {
    let disk = try Self.device()
    var slots = try Self.slots(disk)
    #expect(try slots.content(limit: 10_000) == Self.old)
    #expect(try slots.securityFloor == 1)
    try slots.activate()
    #expect(try slots.content(limit: 10_000) == Self.new)
    #expect(slots.journal.phase == .idle && slots.journal.running.version == "2.0")
    #expect(try slots.securityFloor == 2)
    #expect(slots.journal.news?.sha256 == SHA256.hash(Self.new))
    // Without anything that waits nothing happens.
    try slots.activate()
    #expect(slots.journal.running.version == "2.0")
  }

  @Test(.tags(.`SEC-382`))
  func `SEC-382 a cut at every operation leaves old or new, and it goes on`()
    throws
  {
    let start = try Self.device()
    let whole = start.copy()
    var slots = try Self.slots(whole)
    try slots.activate()
    let operations = start.operations + 1...whole.operations
    #expect(operations.count > 8)
    var news = 0
    try everyCase(of: pairs(operations, 0..<8)) { operation, seed in
      let disk = start.copy()
      disk.cutPower(at: operation, seed: UInt64(seed))
      #expect(throws: (any Error).self) {
        var slots = try Self.slots(disk)
        try slots.activate()
      }
      disk.powerOn()
      let place = "cut at \(operation), seed \(seed)"
      var slots = try Self.slots(disk)
      let content = try slots.content(limit: 10_000)
      #expect(content == Self.old || content == Self.new, "\(place)")
      news += content == Self.new ? 1 : 0
      try slots.activate()
      #expect(try slots.content(limit: 10_000) == Self.new, "\(place)")
      #expect(slots.journal.phase == .idle, "\(place)")
      #expect(try slots.securityFloor == 2, "\(place)")
    }
    #expect(news > 0)
  }

  @Test(.tags(.`SEC-382`, .`SEC-402`))
  func `SEC-382 SEC-402 content that was damaged where it lies is not activated and not believed`()
    throws
  {
    for phase in [SlotPhase.staged, .trying] {
      let disk = try Self.device()
      var slots = try Self.slots(disk)
      if phase == .trying {
        try slots.arm()
        _ = try slots.start()
      }
      let name = slots.journal.active.other.rawValue
      try disk.root.folder(name).replace("image", with: Array(Self.new.dropLast()) + [0])
      try slots.activate()
      #expect(slots.journal.phase == .idle && slots.journal.running.version == "1.0")
      #expect(try slots.content(limit: 10_000) == Self.old)
      try disk.root.folder(slots.journal.active.rawValue).replace("image", with: [1])
      #expect(throws: SlotError.self) { try slots.content(limit: 10_000) }
    }
  }
}
