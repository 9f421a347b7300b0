// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import SimulatedDisk
import SoftwareUpdate
import Testing
import UpdateMetadata

typealias Slots = DirectorySlots<SimulatedFolder, FileFloor<SimulatedFolder>>

/// A device that runs version 1 and may be offered version 2, on a simulated disk.
struct Device {
  static let old: [UInt8] = Array(repeating: 0x11, count: 1_500)
  static let new: [UInt8] = Array(repeating: 0x22, count: 66_000)
  static let oldSecurity: Int64 = 3
  static let newSecurity: Int64 = 5

  let disk: SimulatedDisk

  init(_ publisher: Publisher) throws {
    disk = SimulatedDisk()
    let root = disk.root
    try Slots.provision(
      root,
      ImageRecord(
        name: "image", version: "1.0", releaseCounter: 1, securityVersion: Self.oldSecurity,
        length: Int64(Self.old.count), sha256: SHA256.hash(Self.old), notes: ""),
      content: Self.old)
    try FileFloor(root).raise(to: Self.oldSecurity)
    try Intake(root, hardware: Publisher.hardware).provision(root: publisher.root)
  }

  private init(_ disk: SimulatedDisk) { self.disk = disk }

  func copy() -> Device { Device(disk.copy()) }

  func slots() throws -> Slots { try Slots(disk.root, floor: FileFloor(disk.root)) }

  func take(_ bundle: [UInt8]) throws {
    var slots = try slots()
    _ = try Intake(disk.root, hardware: Publisher.hardware)
      .take(MemoryStream(bundle), into: &slots, clock: Publisher.now)
  }

  /// What the device would run now, read back from the disk.
  func content() throws -> [UInt8] {
    var slots = try slots()
    let choice = try slots.start()
    return try disk.root.folder(choice.slot.rawValue).contents(of: "image", limit: 1 << 20)
  }

  /// Every file's name on the disk.
  func names() throws -> Set<String> {
    var names: Set<String> = []
    for name in try disk.root.list() {
      if ["a", "b", "trust"].contains(name) {
        for inner in try disk.root.folder(name).list() { names.insert("\(name)/\(inner)") }
      } else {
        names.insert(name)
      }
    }
    return names
  }

  /// All that may ever stand there, so that nothing can be left over and grow.
  static let allowed: Set<String> = {
    let files = [
      "journal", "floor", "time", "a/image", "b/image", "trust/root.json", "trust/timestamp.json",
      "trust/snapshot.json", "trust/targets.json",
    ]
    return Set(files + files.map { "\($0).new" })
  }()

  /// What has to hold after any interruption: exactly old or exactly new, bootable, the floor kept.
  func check(mayBeNew: Bool = true, _ place: String) throws {
    #expect(try names().isSubset(of: Self.allowed), "\(place)")
    let floor = try FileFloor(disk.root).value()
    let content = try copy().content()
    #expect(content == Self.old || (mayBeNew && content == Self.new), "\(place)")
    #expect(floor == Self.oldSecurity || floor == Self.newSecurity, "\(place)")
    if floor == Self.newSecurity { #expect(content == Self.new, "\(place)") }
  }
}
