// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import SimulatedDisk
import Testing

@testable import AuditLog

/// A power cut at every operation of the storage; then the log is opened as after any start.
@Suite struct PowerCutTests {
  /// A short life of a log: a start, records one by one and in groups, a full segment, a change of keys,
  /// an end, a second start.
  ///
  /// Tells after each step how many records were acknowledged.
  func live(_ rig: inout Rig, acknowledged: (UInt64) -> Void) throws {
    var policy = AuditPolicy()
    policy.records = 8
    policy.epoch = 20_000_000_000
    var log = try rig.open(policy)
    acknowledged(log.size)
    func write(_ entries: [AuditEntry]) throws {
      rig.seconds += 3
      try log.write(entries.map { ($0, rig.now) }, now: rig.now)
      acknowledged(log.size)
    }
    try write([.alarm(1)])
    try write([.routine(1), .routine(2)])
    try write([.alarm(2), .routine(3), .alarm(3)])
    try write([.routine(4)])
    // Over the end of the segment that ``base(_:)`` left almost full.
    try write((0..<40).map { .routine($0) })
    rig.seconds += 30
    try log.tick(rig.now)
    acknowledged(log.size)
    try write([.alarm(4)])
    try log.close(now: rig.now)
    acknowledged(log.size)
    log = try rig.open(policy)
    acknowledged(log.size)
  }

  /// A log with 230 records, so that the life above crosses into the next segment.
  func base(_ count: Int) throws -> Rig {
    var rig = try Rig()
    rig.segment = 256
    var log = try rig.open()
    try log.write((0..<count).map { (.routine($0), rig.now) }, now: rig.now)
    try log.close(now: rig.now)
    return rig
  }

  /// Fates of each cut: about 1,200 cuts in all, 12,000 when `PUMP_SLOW` is set.
  private var seeds: Int { ProcessInfo.processInfo.environment["PUMP_SLOW"] == nil ? 6 : 60 }

  @Test(.tags(.`RC-080`), arguments: [0, 230])
  func `RC-080 keeps all it acknowledged through a power cut at every operation`(_ filled: Int)
    throws
  {
    let rig = try base(filled)
    var whole = rig
    whole.disk = rig.disk.copy()
    let before = whole.disk.operations
    try live(&whole) { _ in }
    let operations = before + 1...whole.disk.operations
    var cuts = 0
    var recovered = 0
    for operation in operations {
      for seed in 0..<seeds {
        var cut = rig
        cut.disk = rig.disk.copy()
        var durable = UInt64(0)
        // 0 loses and 1 keeps all that is not synced; the others draw.
        let fate = seed < 2 ? seed : operation * 1_000 + seed
        cut.disk.cutPower(at: operation, seed: UInt64(fate))
        do { try live(&cut) { durable = $0 } } catch {}
        cut.disk.powerOn()
        cuts += 1
        do {
          // Opens by itself, and has every record that was acknowledged.
          cut.seconds += 100
          let log = try cut.open()
          let records = try cut.records()
          let first = records.first?.index ?? 0
          let ok =
            log.size >= durable && !log.rolledBack && log.trouble == nil
            && log.checkpoint?.size == log.size
            && records.enumerated().allSatisfy { $0.element.index == first + UInt64($0.offset) }
          if ok {
            recovered += 1
          } else {
            Issue.record(
              "cut at \(operation), seed \(seed): \(log.size) of \(durable), \(log.trouble as Any)")
          }
        } catch { Issue.record("cut at \(operation), seed \(seed): \(error)") }
      }
    }
    #expect(recovered == cuts)
    print("power cuts: \(cuts) over \(operations.count) operations")
  }

  @Test(.tags(.`RC-080`), arguments: [StorageError.io, .noSpace])
  func `RC-080 a failing operation costs nothing that was acknowledged`(_ error: StorageError)
    throws
  {
    let rig = try base(230)
    var whole = rig
    whole.disk = rig.disk.copy()
    let before = whole.disk.operations
    try live(&whole) { _ in }
    for operation in before + 1...whole.disk.operations {
      for length in [0, 3] {
        var hurt = rig
        hurt.disk = rig.disk.copy()
        hurt.disk.fail(operation...operation + length, with: error)
        var durable = UInt64(0)
        do { try live(&hurt) { durable = $0 } } catch {}
        hurt.disk.heal()
        hurt.disk.cutPower(seed: UInt64(operation))
        hurt.disk.powerOn()
        do {
          let log = try hurt.open()
          #expect(log.size >= durable && !log.rolledBack, "at \(operation)")
        } catch { Issue.record("failed at \(operation), \(length): \(error)") }
      }
    }
  }

  @Test(.tags(.`RC-080`)) func `RC-080 records that a failure turned away can be given again`()
    throws
  {
    for operation in 1...2 {
      for error in [StorageError.io, .noSpace] {
        var rig = try Rig()
        var log = try rig.open()
        let size = log.size
        let next = rig.disk.operations + operation
        rig.disk.fail(next...next, with: error)
        #expect(throws: AuditError.storage(error)) {
          try log.write([(.routine(1), rig.now)], now: rig.now)
        }
        try log.write([(.routine(1), rig.now)], now: rig.now)
        #expect(log.size == size + 1)
        rig.disk.cutPower(seed: 0)
        rig.disk.powerOn()
        #expect(try rig.open().size >= size + 1)
        #expect(try rig.records().filter { $0.entry.event == .requestReceived }.count == 1)
      }
    }
  }
}
