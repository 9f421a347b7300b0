// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import SimulatedDisk
import Testing

@testable import AuditLog

@Suite struct LogTests {
  @Test func `begins with its origin and key, and ends in order`() throws {
    var rig = try Rig()
    var log = try rig.open()
    #expect(log.trouble == nil)
    try log.close(now: rig.now)
    let events = try rig.records().map(\.entry.event)
    #expect(events == [.logCreated, .logOpened, .keyChanged, .anchor, .logClosed, .anchor])
    #expect(log.checkpoint?.size == 6)
  }

  @Test func `covers a safety-relevant record at once, and others after N records or T seconds`()
    throws
  {
    var rig = try Rig()
    var policy = AuditPolicy()
    policy.records = 10
    var log = try rig.open(policy)
    rig.seconds += 2
    try log.write([(.routine(1), rig.now)], now: rig.now)
    #expect(log.checkpoint?.size == log.size - 1)
    rig.seconds += 2
    try log.write([(.alarm(1), rig.now)], now: rig.now)
    #expect(log.checkpoint?.size == log.size)
    // Within the spacing the next one waits, and time makes up for it.
    try log.write([(.alarm(2), rig.now)], now: rig.now)
    #expect(log.checkpoint?.size == log.size - 1)
    rig.seconds += 1
    try log.tick(rig.now)
    #expect(log.checkpoint?.size == log.size)
    rig.seconds += 2
    for number in 0..<10 { try log.write([(.routine(number), rig.now)], now: rig.now) }
    #expect(log.checkpoint?.size == log.size)
    try log.write([(.routine(1), rig.now)], now: rig.now)
    rig.seconds += 301
    try log.tick(rig.now)
    #expect(log.checkpoint?.size == log.size)
    let before = log.size
    rig.seconds += 601
    try log.tick(rig.now)
    try log.tick(rig.now)
    #expect(log.size == before + 2)
    #expect(try rig.records().suffix(2).map(\.entry.event) == [.heartbeat, .anchor])
  }

  @Test func `goes on after a start with the same tree and another key`() throws {
    var rig = try Rig()
    var log = try rig.open()
    try log.write((0..<9_000).map { (.routine($0), rig.now) }, now: rig.now)
    let (size, root) = (log.size, log.checkpoint?.root)
    #expect(log.checkpoint.map { $0.size > 4_096 } == true)
    let key = try FileAuditKeys(rig.secrets).current()
    let again = try rig.open()
    #expect(again.size == size + 3)
    #expect(try FileAuditKeys(rig.secrets).current() != key)
    #expect(try FileAuditKeys(rig.secrets).next() == nil)
    let hashes = try TreeHashes(from: rig.folder, size: 8_192)
    #expect(try hashes.tree(size: 8_192).size == 8_192)
    #expect(root != nil && again.checkpoint != nil)
    // Derived files are made again when they are gone.
    for name in try rig.folder.list() where name.hasPrefix("hashes-") {
      try rig.folder.remove(name)
    }
    let third = try rig.open()
    #expect(third.size == again.size + 3)
    #expect(third.trouble == nil && !third.rolledBack)
  }

  @Test(.tags(.`RC-081`)) func `RC-081 a log that was rolled back says so at the next start`()
    throws
  {
    var rig = try Rig()
    var log = try rig.open()
    try log.write([(.alarm(1), rig.now)], now: rig.now)
    let old = rig.disk.copy()
    rig.seconds += 5
    try log.write([(.alarm(2), rig.now)], now: rig.now)
    // Keys and counter stay, as a TPM's would; the log's files are those of before.
    for name in try rig.folder.list() {
      try rig.folder.replace(name, with: old.root.folder("log").contents(of: name, limit: 1 << 20))
    }
    let again = try rig.open()
    #expect(again.rolledBack)
    #expect(try rig.records().contains { $0.entry.event == .rollbackDetected })
  }

  @Test(.tags(.`RC-081`)) func `RC-081 refuses to continue what this device did not sign`() throws {
    var rig = try Rig()
    var log = try rig.open()
    try log.write((0..<20).map { (.routine($0), rig.now) }, now: rig.now)
    try log.close(now: rig.now)
    func open(_ change: (SimulatedFolder) throws -> Void) throws -> AuditError? {
      var other = rig
      other.disk = rig.disk.copy()
      try change(other.folder)
      do {
        _ = try other.open()
        return nil
      } catch let error as AuditError { return error }
    }
    #expect(try open { _ in } == nil)
    let records = Layout.records(from: 0)
    for place in stride(from: 0, to: try rig.folder.open(records).size(), by: 7) {
      let error = try open { folder in
        var bytes = try folder.contents(of: records, limit: 1 << 20)
        bytes[place] ^= 4
        try folder.replace(records, with: bytes)
      }
      guard case .damaged = error else {
        Issue.record("a change at \(place) gave \(error as Any)")
        continue
      }
    }
    for name in [records, Layout.checkpoints] {
      guard case .damaged = try open({ try $0.remove(name) }) else {
        Issue.record("without \(name)")
        continue
      }
    }
    var other = rig
    other.origin = "pump.example/SN2/audit"
    #expect(throws: AuditError.self) { try other.open() }
  }

  @Test(.tags(.`RC-082`)) func `RC-082 a key that was replaced is gone and cannot sign again`()
    throws
  {
    var rig = try Rig()
    var log = try rig.open()
    let first = try rig.secrets.contents(of: "audit-keys", limit: 64)
    rig.seconds += 90_000
    try log.tick(rig.now)
    let second = try rig.secrets.contents(of: "audit-keys", limit: 64)
    #expect(first.count == 32 && second.count == 32 && first != second)
    #expect(try rig.records().filter { $0.entry.event == .keyChanged }.count == 2)
    try log.write([(.alarm(1), rig.now)], now: rig.now)
    let key = try NoteKey(name: rig.origin, publicKey: FileAuditKeys(rig.secrets).current())
    rig.seconds += 2
    try log.write([(.alarm(2), rig.now)], now: rig.now)
    #expect(log.checkpoint?.note.verify(key) == .valid)
  }
}
