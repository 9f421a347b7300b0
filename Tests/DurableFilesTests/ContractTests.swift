// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import SimulatedDisk
import Testing

/// What both implementations promise alike.
@Suite struct ContractTests {
  @Test func `a folder of the operating system keeps the contract`() throws {
    let path = NSTemporaryDirectory() + "durable-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try check(try PosixFolder(path: path))
  }

  @Test func `a simulated folder keeps the contract`() throws {
    try check(SimulatedDisk().root)
  }

  private func check(_ folder: some DurableFolder) throws {
    #expect(try folder.list() == [])
    #expect(throws: StorageError.notFound) { try folder.open("a") }
    let file = try folder.create("a")
    #expect(throws: StorageError.exists) { try folder.create("a") }
    try file.append([1, 2, 3])
    try file.append([4])
    #expect(try file.read(at: 1, count: 2) == [2, 3])
    #expect(try file.read(at: 3, count: 9) == [4])
    #expect(try file.read(at: 9, count: 9) == [])
    try file.write([7], at: 6)
    #expect(try file.read(at: 0, count: 9) == [1, 2, 3, 4, 0, 0, 7])
    try file.resize(to: 2)
    try file.resize(to: 4)
    #expect(try file.size() == 4)
    #expect(try file.read(at: 0, count: 9) == [1, 2, 0, 0])
    try file.sync()
    #expect(try folder.contents(of: "a", limit: 4) == [1, 2, 0, 0])
    #expect(throws: StorageError.tooLarge) { try folder.contents(of: "a", limit: 3) }

    _ = try folder.create("c")
    try folder.rename("a", to: "c")
    #expect(try folder.list() == ["c"])
    #expect(try folder.open("c").size() == 4)
    #expect(throws: StorageError.notFound) { try folder.rename("a", to: "b") }
    try folder.replace("c", with: [9])
    try folder.replace("c", with: [8, 8])
    #expect(try folder.contents(of: "c", limit: 9) == [8, 8])

    let inner = try folder.folder("inner")
    _ = try inner.create("x")
    #expect(try folder.folder("inner").list() == ["x"])
    #expect(try folder.list() == ["c", "inner"])
    try folder.sync()
    #expect(throws: StorageError.self) { try folder.remove("inner") }
    #expect(throws: StorageError.self) { try folder.folder("c") }
    try folder.remove("c")
    #expect(throws: StorageError.notFound) { try folder.remove("c") }

    for name in [
      "", ".", "..", ".x", "-x", "_x", "a/b", "a\0b", "ä", String(repeating: "n", count: 101),
    ] {
      #expect(throws: StorageError.badName, "\(name)") { try folder.open(name) }
      #expect(throws: StorageError.badName, "\(name)") { try folder.create(name) }
      #expect(throws: StorageError.badName, "\(name)") { try folder.folder(name) }
      #expect(throws: StorageError.badName, "\(name)") { try folder.remove(name) }
      #expect(throws: StorageError.badName, "\(name)") { try folder.rename("x", to: name) }
    }
    let last = try folder.create("d")
    #expect(throws: StorageError.badOffset) { try last.read(at: -1, count: 1) }
    #expect(throws: StorageError.badOffset) { try last.write([1], at: -1) }
    #expect(throws: StorageError.badOffset) { try last.resize(to: -1) }
  }

  @Test func `a folder has one writer, and readers that change nothing`() throws {
    let path = NSTemporaryDirectory() + "durable-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: StorageError.notFound) { try PosixFolder(path: path, access: .reading) }
    var alone: PosixFolder? = try PosixFolder(path: path, access: .writingAlone)
    try alone?.replace("a", with: [1])
    #expect(throws: StorageError.inUse) { try PosixFolder(path: path, access: .writingAlone) }
    let reader = try PosixFolder(path: path, access: .reading)
    #expect(try reader.contents(of: "a", limit: 1) == [1])
    #expect(throws: StorageError.readOnly) { try reader.create("b") }
    #expect(throws: StorageError.readOnly) { try reader.remove("a") }
    #expect(throws: StorageError.self) { try reader.open("a").write([1], at: 0) }
    alone = nil
    _ = try PosixFolder(path: path, access: .writingAlone)
    // A link in the place of a file would write somewhere else.
    try FileManager.default.createSymbolicLink(atPath: path + "/l", withDestinationPath: "a")
    #expect(throws: StorageError.self) { try PosixFolder(path: path).open("l") }
  }
}
