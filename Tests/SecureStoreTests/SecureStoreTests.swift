// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import Foundation
import GRDBSQLite
import KeyStore
import SecureStore
import SimulatedDisk
import Testing

typealias TestKeys = KeyStore<SimulatedRoot<SimulatedFolder>, SimulatedFolder>

func makeKeys() throws -> TestKeys {
  let disk = SimulatedDisk()
  return try KeyStore(
    root: SimulatedRoot(disk.root.folder("root")), folder: disk.root.folder("keys"))
}

/// A folder of the real file system for one test.
struct Scratch: ~Copyable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var store: String { path + "/store" }

  /// Runs a statement in the file, past the store.
  func edit(_ sql: String) throws {
    var connection: OpaquePointer?
    try #require(unsafe sqlite3_open(store, &connection) == SQLITE_OK)
    defer { unsafe sqlite3_close(connection) }
    try #require(unsafe sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK, "\(sql)")
  }

  /// Every byte of every file.
  func bytes() throws -> Data {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted().reduce(into: Data()) {
      $0 += try Data(contentsOf: URL(fileURLWithPath: path + "/" + $1))
    }
  }
}

func text(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct `The store` {
  @Test func `gives back what was put, replaced, removed and appended, also after a restart`()
    throws
  {
    let scratch = try Scratch()
    let keys = try makeKeys()
    do {
      let store = try SecureStore(path: scratch.store, keys: keys)
      try store.put(text("one"), in: .configuration, key: 7)
      try store.put(text("two"), in: .configuration, key: 7)
      try store.put(text("p"), in: .people, key: 1)
      try store.put(text("q"), in: .people, key: 2)
      try store.remove(1, from: .people)
      #expect(try store.append([text("a"), text("b")], to: .history) == 2)
      #expect(try store.append([text("c")], to: .history) == 3)
    }
    let store = try SecureStore(path: scratch.store, keys: keys)
    #expect(try store.get(7, from: .configuration)?.content == text("two"))
    #expect(try store.get(7, from: .configuration)?.version == 2)
    #expect(try store.get(8, from: .configuration) == nil)
    #expect(try store.all(.people).map(\.content) == [text("q")])
    #expect(try store.records(of: .history).map(\.content) == [text("a"), text("b"), text("c")])
    #expect(try store.records(of: .history, from: 2, limit: 1).map(\.content) == [text("b")])
    #expect(try store.check() == [])
    try store.put(text("again"), in: .people, key: 1)
    // A version is never used twice, not even after a removal.
    #expect(try store.get(1, from: .people)?.version == 4)
  }

  @Test func `one process has the file at a time`() throws {
    let scratch = try Scratch()
    let keys = try makeKeys()
    let store = try SecureStore(path: scratch.store, keys: keys)
    try store.put([1], in: .people, key: 1)
    #expect(throws: StoreError.inUse) { _ = try SecureStore(path: scratch.store, keys: keys) }
    #expect(try store.all(.people).count == 1)
  }

  @Test func `the oldest leave when a log is full, and other tables say that they are`() throws {
    let scratch = try Scratch()
    let store = try SecureStore(
      path: scratch.store, keys: makeKeys(), retention: Retention(history: 10, alarms: 3, others: 2)
    )
    for number in 0..<25 as Range<UInt8> { try store.append([[number]], to: .history) }
    #expect(try store.records(of: .history).map(\.content) == (15..<25).map { [$0] })
    #expect(try store.count(of: .history) == 10)
    #expect(try store.check() == [])
    try store.put([1], in: .library, key: 1)
    try store.put([2], in: .library, key: 2)
    #expect(throws: StoreError.tooLarge) { try store.put([3], in: .library, key: 3) }
    try store.put([4], in: .library, key: 2)
    let large = [UInt8](repeating: 0, count: SecureStore.largestRecord + 1)
    #expect(throws: StoreError.tooLarge) { try store.put(large, in: .library, key: 1) }
    #expect(throws: StoreError.tooLarge) { try store.append([large], to: .alarms) }
  }

  @Test(.tags(.`SEC-022`))
  func `SEC-022 a record that was edited, moved, swapped or put back does not open`() throws {
    let edits: [(String, MapTable, Int64)] = [
      ("UPDATE people SET content = zeroblob(60) WHERE key = 1", .people, 1),
      (
        "UPDATE people SET content = (SELECT content FROM people WHERE key = 2) WHERE key = 1",
        .people, 1
      ),
      ("UPDATE people SET version = version + 1 WHERE key = 1", .people, 1),
      ("INSERT INTO library SELECT * FROM people WHERE key = 1", .library, 1),
      (
        "INSERT INTO people SELECT 9, version, key_id, content FROM people WHERE key = 1", .people,
        9
      ),
      ("UPDATE people SET key_id = (SELECT key_id FROM library) WHERE key = 1", .people, 1),
    ]
    for (sql, table, key) in edits {
      let scratch = try Scratch()
      let keys = try makeKeys()
      do {
        let store = try SecureStore(path: scratch.store, keys: keys)
        try store.put(text("alice"), in: .people, key: 1)
        try store.put(text("bob"), in: .people, key: 2)
        try store.put(text("drugs"), in: .library, key: 5)
      }
      try scratch.edit(sql)
      let store = try SecureStore(path: scratch.store, keys: keys)
      #expect(throws: StoreError.notAuthentic(table: table.rawValue, key: key), "\(sql)") {
        try store.get(key, from: table)
      }
      #expect(
        try store.check()
          == [StoreFinding(kind: .notAuthentic, table: table.rawValue, key: key)], "\(sql)")
    }
  }

  @Test(.tags(.`RC-063`))
  func `RC-063 deletion, insertion, reordering and rollback change the state root`() throws {
    let scratch = try Scratch()
    let keys = try makeKeys()
    let url = URL(fileURLWithPath: scratch.store)
    var old: [UInt8] = []
    do {
      let store = try SecureStore(path: scratch.store, keys: keys)
      try store.put(text("limit 5"), in: .library, key: 1)
      try store.append((0..<5).map { [$0] }, to: .history)
      old = try store.stateRoot()
      #expect(try store.stateRoot() == old)
    }
    let oldFile = try Data(contentsOf: url)
    var anchored: [UInt8] = []
    do {
      let store = try SecureStore(path: scratch.store, keys: keys)
      try store.put(text("limit 4"), in: .library, key: 1)
      anchored = try store.stateRoot()
      #expect(anchored != old)
    }
    let newFile = try Data(contentsOf: url)
    func rootAfter(_ sql: String) throws -> [UInt8] {
      try newFile.write(to: url)
      try scratch.edit(sql)
      return try SecureStore(path: scratch.store, keys: keys).stateRoot()
    }
    #expect(try rootAfter("SELECT 1") == anchored)
    for sql in [
      "DELETE FROM library", "UPDATE library SET key = 2",
      "UPDATE head SET next = next + 1 WHERE name = 'people'",
      "UPDATE head SET hash = x'00' WHERE name = 'history'",
      "UPDATE head SET base = x'00' WHERE name = 'alarms'",
    ] {
      #expect(try rootAfter(sql) != anchored, "\(sql)")
    }
    // Within a log the chain shows it.
    for key in [1, 3, 5] {
      try newFile.write(to: url)
      try scratch.edit("DELETE FROM history WHERE key = \(key)")
      let findings = try SecureStore(path: scratch.store, keys: keys).check()
      #expect(findings == [StoreFinding(kind: .chainBroken, table: "history", key: nil)], "\(key)")
    }
    try oldFile.write(to: url)
    #expect(try SecureStore(path: scratch.store, keys: keys).stateRoot() == old)
  }

  @Test(.tags(.`RC-063`))
  func `RC-063 a store that was put back, emptied or changed is not as it was anchored`() throws {
    let scratch = try Scratch()
    let keys = try makeKeys()
    let url = URL(fileURLWithPath: scratch.store)
    func findings(_ state: [UInt8]) throws -> [String] {
      try SecureStore(path: scratch.store, keys: keys).findings(against: state).map(\.description)
    }
    func edited(_ file: Data, _ sql: String) throws {
      try file.write(to: url)
      try scratch.edit(sql)
    }
    var anchored: [UInt8] = []
    do {
      let store = try SecureStore(path: scratch.store, keys: keys)
      try store.put(text("limit 5"), in: .library, key: 1)
      try store.append((0..<3).map { [$0] }, to: .history)
    }
    let older = try Data(contentsOf: url)
    do {
      let store = try SecureStore(path: scratch.store, keys: keys)
      try store.put(text("limit 4"), in: .library, key: 1)
      try store.append((3..<5).map { [$0] }, to: .history)
      anchored = try store.state()
      #expect(anchored.count <= 2_048)
      #expect(try store.findings(against: anchored) == [])
    }
    let atAnchor = try Data(contentsOf: url)
    do {
      // What a power cut may keep beyond the newest anchor is no finding.
      let store = try SecureStore(path: scratch.store, keys: keys)
      try store.put(text("limit 3"), in: .library, key: 2)
      try store.append((5..<9).map { [$0] }, to: .history)
      #expect(try store.findings(against: anchored) == [])
    }
    let newer = try Data(contentsOf: url)
    try older.write(to: url)
    #expect(try findings(anchored) == ["library: rolledBack", "history: rolledBack"])
    // Emptied, with numbers that pretend that nothing is missing.
    try edited(newer, "DELETE FROM history; UPDATE head SET hash = base WHERE name = 'history'")
    #expect(try findings(anchored) == ["history: altered"])
    // As far as it likes, but for the code that only the keys make.
    try edited(atAnchor, "DELETE FROM library; UPDATE head SET next = 9 WHERE name = 'library'")
    #expect(try findings(anchored) == ["library: altered"])
    for key in [1, 3, 5, 7] {
      try edited(newer, "DELETE FROM history WHERE key = \(key)")
      #expect(try findings(anchored) == ["history: chainBroken"], "\(key)")
    }
    for sql in ["DELETE FROM library", "UPDATE library SET key = 9"] {
      try edited(atAnchor, sql)
      #expect(try findings(anchored) == ["library: altered"], "\(sql)")
    }
    try edited(atAnchor, "UPDATE head SET next = 1, hash = x'', base = x''; DELETE FROM history")
    #expect(try findings(anchored) == ["library: rolledBack", "history: rolledBack"])
    try FileManager.default.removeItem(at: url)
    #expect(try findings(anchored) == ["library: rolledBack", "history: rolledBack"])
    // An anchor is read strictly.
    for count in [0, 10, anchored.count - 1] {
      #expect(throws: StoreError.damaged) { try findings(Array(anchored.prefix(count))) }
    }
  }

  @Test(.tags(.`SEC-022`, .`SEC-024`))
  func `SEC-022 SEC-024 no canary is in the files, and a shredded episode cannot be read`() throws {
    let canaries = ["Erika Mustermann", "MORPHINE-CANARY", "Pin 314159"]
    let scratch = try Scratch()
    let keys = try makeKeys()
    let store = try SecureStore(path: scratch.store, keys: keys)
    let (one, other) = try (keys.current(.episode), keys.current(.episode))
    try store.append([text(canaries[0])], to: .history, episode: one)
    try store.append([text(canaries[1])], to: .history, episode: other)
    try store.put(text(canaries[2]), in: .people, key: 1)
    let files = try scratch.bytes()
    for canary in canaries { #expect(files.range(of: Data(canary.utf8)) == nil) }
    // The search finds what is there.
    #expect(files.range(of: Data("SQLite format 3".utf8)) != nil)
    let root = try store.stateRoot()
    try keys.destroy([one])
    #expect(try store.records(of: .history).map(\.content) == [text(canaries[1])])
    #expect(try store.stateRoot() == root)
    #expect(try store.check() == [])
  }

  @Test func `garbage in the place of the file is refused by name and never opened`() throws {
    let keys = try makeKeys()
    for size in [100, 4_096, 20_000] {
      let scratch = try Scratch()
      try Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) })
        .write(to: URL(fileURLWithPath: scratch.store))
      #expect(throws: StoreError.damaged) { _ = try SecureStore(path: scratch.store, keys: keys) }
    }
  }

  @Test func `a file of newer software is left alone`() throws {
    let scratch = try Scratch()
    let keys = try makeKeys()
    _ = try SecureStore(path: scratch.store, keys: keys)
    try scratch.edit("INSERT INTO grdb_migrations VALUES ('999 of the future')")
    #expect(throws: StoreError.tooNew) { _ = try SecureStore(path: scratch.store, keys: keys) }
  }
}
