// SPDX-License-Identifier: Apache-2.0

import AuditLog
import DurableFiles
import Foundation
import KeyStore
import SecureStore
import SimulatedDisk
import Testing

/// Keys, store and audit log on one disk, as the service has them.
@Suite struct `Keys, store and audit log at a power cut` {
  private typealias Keys = KeyStore<SimulatedRoot<SimulatedFolder>, SimulatedFolder>
  private typealias Trail = AuditTrail<
    SimulatedFolder, SealedAuditKeys<SimulatedRoot<SimulatedFolder>, SimulatedFolder>,
    RootAuditCounter<SimulatedRoot<SimulatedFolder>>
  >

  /// What was acknowledged.
  private struct Acknowledged {
    var records: UInt64 = 0
    var history = 0
    var destroyed: [KeyID] = []
  }

  private struct Parts {
    let keys: Keys
    var trail: Trail
    let store: SecureStore
  }

  private static let retention = Retention(history: 1_000, alarms: 100, others: 8)

  private func now(_ seconds: UInt64) -> AuditTime {
    AuditTime(monotonic: seconds * 1_000_000_000, wall: seconds, quality: .unknown)
  }

  private func open(_ disk: SimulatedDisk, boot: UInt8) throws -> Parts {
    let root = try SimulatedRoot(disk.root.folder("root"))
    let (table, log) = try (disk.root.folder("keys"), disk.root.folder("log"))
    // As the service does: a folder whose name the power cut may take is no place for the first key.
    try disk.root.sync()
    let keys = try Keys(root: root, folder: table)
    var policy = AuditPolicy()
    policy.records = 4
    policy.epoch = 20_000_000_000
    policy.segment = 256
    let trail = try Trail(
      log, origin: "pump.example/SN1/audit", keys: SealedAuditKeys(keys),
      counter: RootAuditCounter(root), policy: policy, boot: [UInt8](repeating: boot, count: 16),
      now: now(1_000))
    let store = try SecureStore(
      path: SimulatedVFS.path(on: disk), keys: keys, retention: Self.retention)
    return Parts(keys: keys, trail: trail, store: store)
  }

  /// Infusions under keys of their own, anchored round by round; then one is shredded.
  private func work(_ disk: SimulatedDisk, boot: UInt8, _ done: inout Acknowledged) throws {
    var parts = try open(disk, boot: boot)
    done.records = parts.trail.size
    var second: UInt64 = 1_000
    func record(_ event: AuditEvent) throws {
      second += 9
      parts.trail.stateRoot = try parts.store.state()
      try parts.trail.write(
        [(AuditEntry(event, source: .service), now(second))], now: now(second))
      done.records = parts.trail.size
    }
    var episodes: [KeyID] = []
    for round in 0..<3 as Range<UInt8> {
      let episode = try parts.keys.current(.episode)
      episodes.append(episode)
      let contents = [[round], [round] + [UInt8](repeating: 7, count: 300)]
      try parts.store.append(contents, to: .history, episode: episode)
      done.history += contents.count
      try parts.store.put([round], in: .configuration, key: 1)
      try record(round == 1 ? .alarmRaised : .dataChanged)
      try parts.trail.tick(now(second))
    }
    try parts.keys.destroy([episodes[0]])
    done.destroyed.append(episodes[0])
    try record(.patientShredded)
    try parts.trail.close(now: now(second + 1))
    done.records = parts.trail.size
  }

  private func check(_ disk: SimulatedDisk, _ done: Acknowledged, _ place: String) throws {
    let parts = try open(disk, boot: 99)
    #expect(!parts.trail.rolledBack && parts.trail.trouble == nil, "\(place)")
    #expect(parts.trail.size >= done.records, "\(place)")
    // RC-063: no honest end is taken for a store that was put back.
    let anchored = parts.trail.stateRoot
    if !anchored.isEmpty {
      #expect(try parts.store.findings(against: anchored) == [], "\(place)")
    }
    #expect(try parts.store.count(of: .history) >= done.history, "\(place)")
    #expect(try parts.store.check() == [], "\(place)")
    let ids = Set(parts.keys.ids(of: .episode))
    #expect(ids.isDisjoint(with: done.destroyed), "\(place)")
    let reader = try AuditReader(disk.root.folder("log"))
    var first: NoteKey?
    try reader.each { (bytes, _) in
      if let entry = (try? AuditRecord(bytes))?.entry {
        first = try? NoteKey(name: entry.reference, publicKey: entry.payload)
      }
      return false
    }
    var known = Expectations(key: try #require(first))
    known.counter = try SimulatedRoot(disk.root.folder("root")).value(of: .audit)
    #expect(try reader.verify(known).findings == [], "\(place)")
  }

  @Test(
    .tags(.`RC-063`, .`RC-064`, .`RC-080`, .`RC-082`), arguments: ["first start", "running"])
  func `RC-063 RC-064 RC-080 RC-082 open by themselves and agree, wherever the power is cut`(
    _ life: String
  ) throws {
    let prepared = SimulatedDisk()
    var before = Acknowledged()
    if life == "running" { try work(prepared, boot: 1, &before) }
    let first = prepared.operations
    let whole = prepared.copy()
    var all = before
    try work(whole, boot: 2, &all)
    let last = whole.operations
    try check(whole, all, "uncut")
    #expect(last - first > 200)
    // Over 10,000 cuts of both lives together when `PUMP_SLOW` is set.
    let isSlow = ProcessInfo.processInfo.environment["PUMP_SLOW"] != nil
    var cuts = 0
    for operation in first + 1...last {
      for seed in 0..<(isSlow ? 20 : 2) as Range<UInt64> {
        let disk = prepared.copy()
        disk.cutPower(at: operation, seed: seed)
        var done = before
        // A checkpoint that fails is trouble and no error.
        do { try work(disk, boot: 2, &done) } catch {}
        disk.powerOn()
        try check(disk, done, "\(life), cut \(operation), seed \(seed)")
        cuts += 1
        if cuts.isMultiple(of: 1_000) { print("keys, store and log, \(life): \(cuts) cuts so far") }
      }
    }
    print("keys, store and log, \(life): \(cuts) power cuts")
  }

  @Test(.tags(.`RC-063`, .`RC-064`, .`RC-080`), arguments: [StorageError.io, .noSpace])
  func `RC-063 RC-064 RC-080 agree after one operation, or four, of a full or failing medium`(
    _ error: StorageError
  ) throws {
    let prepared = SimulatedDisk()
    var before = Acknowledged()
    try work(prepared, boot: 1, &before)
    let first = prepared.operations
    let whole = prepared.copy()
    var all = before
    try work(whole, boot: 2, &all)
    var failures = 0
    for operation in first + 1...whole.operations {
      for length in [0, 3] {
        let disk = prepared.copy()
        disk.fail(operation...operation + length, with: error)
        var done = before
        // A checkpoint that fails is trouble and no error.
        do { try work(disk, boot: 2, &done) } catch {}
        disk.heal()
        try check(disk, done, "\(error) at \(operation), \(length + 1) times")
        failures += 1
      }
    }
    #expect(failures > 400)
    print("keys, store and log: \(failures) failures, \(error)")
  }
}
