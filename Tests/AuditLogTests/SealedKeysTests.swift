// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import KeyStore
import SimulatedDisk
import Testing

@testable import AuditLog

/// The log with its keys in the device's store of keys and its counter in the root of trust.
@Suite struct SealedKeysTests {
  private typealias Root = SimulatedRoot<SimulatedFolder>
  private typealias Trail = AuditTrail<
    SimulatedFolder, SealedAuditKeys<Root, SimulatedFolder>, RootAuditCounter<Root>
  >

  private let disk: SimulatedDisk
  private let origin = "pump.example/SN1/audit"

  init() { disk = SimulatedDisk() }
  private init(_ disk: SimulatedDisk) { self.disk = disk }

  private func open(boot: UInt8) throws -> (trail: Trail, keys: KeyStore<Root, SimulatedFolder>) {
    let root = try Root(disk.root.folder("root"))
    let keys = try KeyStore(root: root, folder: disk.root.folder("keys"))
    let trail = try Trail(
      disk.root.folder("log"), origin: origin, keys: SealedAuditKeys(keys),
      counter: RootAuditCounter(root), boot: [UInt8](repeating: boot, count: 16), now: now(boot))
    return (trail, keys)
  }

  private func now(_ boot: UInt8) -> AuditTime {
    AuditTime(monotonic: UInt64(boot) * 1_000_000_000, wall: 0, quality: .unknown)
  }

  private func firstKey() throws -> NoteKey {
    var key: [UInt8] = []
    try AuditReader(disk.root.folder("log")).each { (bytes, _) in
      key = (try? AuditRecord(bytes))?.entry.payload ?? []
      return false
    }
    return try NoteKey(name: origin, publicKey: key)
  }

  @Test(.tags(.`RC-081`, .`RC-082`))
  func `RC-081 RC-082 each start signs with a new key, and the one before is gone`() throws {
    var older: [[UInt8]] = []
    for boot in 1...4 as ClosedRange<UInt8> {
      var (trail, keys) = try open(boot: boot)
      #expect(trail.trouble == nil && !trail.rolledBack)
      try trail.write([(.alarm(Int(boot)), now(boot))], now: now(boot))
      try trail.close(now: now(boot))
      // One key signs; every older one is out of the table.
      #expect(keys.ids(of: .audit).count == 1)
      let current = try SealedAuditKeys(keys).current()
      #expect(!older.contains(current))
      older.append(current)
    }
    var known = Expectations(key: try firstKey())
    known.counter = try Root(disk.root.folder("root")).value(of: .audit)
    let verdict = try AuditReader(disk.root.folder("log")).verify(known)
    #expect(verdict.findings == [])
    #expect(verdict.starts == 4 && verdict.epochs == 5)
  }

  @Test(.tags(.`RC-081`))
  func `RC-081 a log put back behind the root's counter is found by the device and by others`()
    throws
  {
    var (trail, _) = try open(boot: 1)
    try trail.close(now: now(1))
    let old = try disk.root.folder("log").contents(of: "records-000000000000", limit: 1 << 20)
    let notes = try disk.root.folder("log").contents(of: "checkpoints", limit: 1 << 20)
    (trail, _) = try open(boot: 2)
    try trail.close(now: now(2))
    var known = Expectations(key: try firstKey())
    known.counter = try Root(disk.root.folder("root")).value(of: .audit)
    try disk.root.folder("log").replace("records-000000000000", with: old)
    try disk.root.folder("log").replace("checkpoints", with: notes)
    let findings = try AuditReader(disk.root.folder("log")).verify(known).findings
    #expect(findings.map(\.kind) == [.rolledBack])
    // Its last checkpoint is signed by a key that this device has no more: it is not continued.
    #expect(throws: AuditError.self) { try open(boot: 3) }
  }

  @Test(.tags(.`RC-082`))
  func `RC-082 a failing medium at any step of a change of keys leaves one key that signs`() throws
  {
    var (trail, _) = try open(boot: 1)
    try trail.close(now: now(1))
    let prepared = disk.copy()
    let whole = SealedKeysTests(prepared.copy())
    let before = whole.disk.operations
    _ = try whole.open(boot: 2)
    let operations = whole.disk.operations - before
    #expect(operations > 30)
    for operation in 1...operations {
      let hurt = SealedKeysTests(prepared.copy())
      let at = hurt.disk.operations + operation
      hurt.disk.fail(at...at, with: .io)
      // In the same run what failed is made up for, or the next start does it.
      if var (trail, _) = try? hurt.open(boot: 2) {
        hurt.disk.heal()
        for second in 100...104 as ClosedRange<UInt8> {
          try trail.write([(.alarm(Int(second)), now(second))], now: now(second))
        }
        #expect(trail.trouble == nil, "at \(operation)")
      }
      hurt.disk.heal()
      var (last, keys) = try hurt.open(boot: 150)
      #expect(last.trouble == nil && !last.rolledBack, "at \(operation)")
      try last.close(now: now(150))
      #expect(keys.ids(of: .audit).count == 1, "at \(operation)")
      var known = Expectations(key: try hurt.firstKey())
      known.counter = try Root(hurt.disk.root.folder("root")).value(of: .audit)
      let findings = try AuditReader(hurt.disk.root.folder("log")).verify(known).findings
      #expect(findings == [], "at \(operation)")
    }
  }
}
