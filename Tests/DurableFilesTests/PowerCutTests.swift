// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import SimulatedDisk
import Testing

/// The simulated disk is worth something only if it loses everything that a real one may lose.
@Suite struct PowerCutTests {
  @Test func `keeps what was synced and nothing else at the worst cut`() throws {
    let disk = SimulatedDisk()
    let file = try disk.root.create("a")
    try file.write([1, 2], at: 0)
    try file.sync()
    try disk.root.sync()
    try file.write([3], at: 2)
    _ = try disk.root.create("b")
    disk.cutPower(seed: 0)
    #expect(throws: StorageError.gone) { try file.size() }
    disk.powerOn()
    #expect(throws: StorageError.gone) { try file.size() }
    #expect(try disk.root.list() == ["a"])
    #expect(try disk.root.contents(of: "a", limit: 9) == [1, 2])
  }

  @Test func `a synced file whose folder was not synced has no name`() throws {
    let disk = SimulatedDisk()
    let file = try disk.root.create("a")
    try file.write([1], at: 0)
    try file.sync()
    disk.cutPower(seed: 0)
    disk.powerOn()
    #expect(try disk.root.list() == [])
  }

  @Test func `a write that was not synced comes out lost, whole, cut short, zeroed and torn`()
    throws
  {
    let bytes = [UInt8](repeating: 0xaa, count: 1_500)
    var lost = 0, whole = 0, short = 0, zeroed = 0, torn = 0
    for seed in 0..<400 {
      let disk = SimulatedDisk()
      let file = try disk.root.create("a")
      try disk.root.sync()
      try file.write(bytes, at: 0)
      disk.cutPower(seed: UInt64(seed))
      disk.powerOn()
      let left = try disk.root.contents(of: "a", limit: 2_000)
      if left.isEmpty {
        lost += 1
      } else if left == bytes {
        whole += 1
      } else if left.allSatisfy({ $0 == 0xaa }) {
        short += 1
      } else if left.last == 0 {
        zeroed += 1
      } else {
        torn += 1
      }
    }
    for count in [lost, whole, short, zeroed, torn] { #expect(count > 10) }
  }

  @Test func `a replacement cut at any operation leaves the old content or the new`() throws {
    func work(_ folder: SimulatedFolder) throws { try folder.replace("a", with: [2, 2, 2]) }
    func fresh() throws -> SimulatedDisk {
      let disk = SimulatedDisk()
      try disk.root.replace("a", with: [1])
      return disk
    }
    let whole = try fresh()
    let before = whole.operations
    try work(whole.root)
    var seen: Set<[UInt8]> = []
    for operation in before + 1...whole.operations {
      for seed in 0..<100 {
        let disk = try fresh()
        disk.cutPower(at: operation, seed: UInt64(seed))
        #expect(throws: StorageError.gone) { try work(disk.root) }
        disk.powerOn()
        seen.insert(try disk.root.contents(of: "a", limit: 9))
        try work(disk.root)
        #expect(try disk.root.contents(of: "a", limit: 9) == [2, 2, 2])
      }
    }
    #expect(seen == [[1], [2, 2, 2]])
  }

  @Test func `a replacement that forgot a sync is caught`() throws {
    func careless(_ folder: SimulatedFolder) throws {
      let file = try folder.create("n")
      try file.write([2, 2, 2], at: 0)
      try folder.rename("n", to: "a")
      try folder.sync()
    }
    var halves = 0
    for seed in 0..<100 {
      let disk = SimulatedDisk()
      try disk.root.replace("a", with: [1])
      try careless(disk.root)
      disk.cutPower(seed: UInt64(seed))
      disk.powerOn()
      let left = try disk.root.contents(of: "a", limit: 9)
      if left != [1], left != [2, 2, 2] { halves += 1 }
    }
    #expect(halves > 10)
  }

  @Test func `a failed sync loses what a later sync does not bring back`() throws {
    let disk = SimulatedDisk()
    try disk.root.replace("a", with: [1])
    let file = try disk.root.open("a")
    try file.write([2], at: 0)
    disk.fail(disk.operations + 1...disk.operations + 1, with: .io)
    #expect(throws: StorageError.io) { try file.sync() }
    try file.sync()
    #expect(try file.read(at: 0, count: 1) == [2])
    let other = disk.copy()
    disk.cutPower(seed: 1)
    disk.powerOn()
    #expect(try disk.root.contents(of: "a", limit: 1) == [1])
    // Written again, it is kept.
    let again = try other.root.open("a")
    try again.write([2], at: 0)
    try again.sync()
    other.cutPower(seed: 0)
    other.powerOn()
    #expect(try other.root.contents(of: "a", limit: 1) == [2])
  }

  @Test func `a full disk takes a part and says so, and room made is room`() throws {
    let disk = SimulatedDisk()
    disk.capacity = 10
    let file = try disk.root.create("a")
    try file.write([UInt8](repeating: 1, count: 8), at: 0)
    #expect(throws: StorageError.noSpace) { try file.append([2, 2, 2]) }
    #expect(try file.read(at: 8, count: 9) == [2, 2])
    try file.write([3], at: 0)
    #expect(throws: StorageError.noSpace) { try file.resize(to: 11) }
    let other = try disk.root.create("b")
    #expect(throws: StorageError.noSpace) { try other.append([1]) }
    try disk.root.remove("a")
    try other.append([1])
  }

  @Test func `draws the same fate from the same seed`() throws {
    func left(_ seed: UInt64) throws -> [UInt8] {
      let disk = SimulatedDisk()
      let file = try disk.root.create("a")
      try disk.root.sync()
      for byte in UInt8(0)..<9 { try file.append([UInt8](repeating: byte, count: 700)) }
      disk.cutPower(seed: seed)
      disk.powerOn()
      return try disk.root.contents(of: "a", limit: 9_000)
    }
    for seed in UInt64(2)..<40 { #expect(try left(seed) == left(seed)) }
  }
}
