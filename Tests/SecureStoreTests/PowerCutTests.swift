// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import KeyStore
import SecureStore
import SimulatedDisk
import Testing

@Suite struct `The store at a power cut` {
  /// What was acknowledged, and what was asked for last.
  private struct Acknowledged {
    var people: [Int64: [UInt8]] = [:]
    var history: [[UInt8]] = []
    var asked: (key: Int64, content: [UInt8]?)?
    var appending: [[UInt8]] = []
  }

  private static let retention = Retention(history: 12, alarms: 4, others: 8)

  private func open(_ disk: SimulatedDisk, _ keys: TestKeys) throws -> SecureStore {
    try SecureStore(path: SimulatedVFS.path(on: disk), keys: keys, retention: Self.retention)
  }

  private func work(_ disk: SimulatedDisk, _ keys: TestKeys, _ done: inout Acknowledged) throws {
    let store = try open(disk, keys)
    for round in 0..<3 as Range<UInt8> {
      done.asked = (Int64(round), [round])
      try store.put([round], in: .people, key: Int64(round))
      done.people[Int64(round)] = [round]
      done.asked = nil
      let batch = (0..<5 as Range<UInt8>).map { [round, $0] + [UInt8](repeating: $0, count: 500) }
      done.appending = batch
      try store.append(batch, to: .history)
      done.history += batch
      done.appending = []
    }
    done.asked = (1, nil)
    try store.remove(1, from: .people)
    done.people[1] = nil
    done.asked = nil
  }

  private func check(
    _ disk: SimulatedDisk, _ keys: TestKeys, _ done: Acknowledged, _ place: String
  ) throws {
    let store = try open(disk, keys)
    var people: [Int64: [UInt8]] = [:]
    for record in try store.all(.people) { people[record.key] = record.content }
    var possible = [done.people]
    if let asked = done.asked {
      var next = done.people
      next[asked.key] = asked.content
      possible.append(next)
    }
    #expect(possible.contains(people), "\(place)")
    let history = try store.records(of: .history).map(\.content)
    let kept = Array(done.history.suffix(12))
    let ahead = Array((done.history + done.appending).suffix(12))
    #expect(history == kept || history == ahead, "\(place)")
    #expect(try store.check() == [], "\(place)")
    try store.put([99], in: .configuration, key: 1)
  }

  private func keys() throws -> TestKeys {
    let keys = try makeKeys()
    for keyClass in [KeyClass.people, .history, .configuration] { _ = try keys.current(keyClass) }
    return keys
  }

  @Test(.tags(.`RC-064`), arguments: ["first start", "running"])
  func `RC-064 wherever the power is cut, all that was acknowledged is there and nothing is half`(
    _ life: String
  ) throws {
    let keys = try keys()
    let prepared = SimulatedDisk()
    var before = Acknowledged()
    if life == "running" { try work(prepared, keys, &before) }
    let first = prepared.operations
    let whole = prepared.copy()
    var all = before
    try work(whole, keys, &all)
    let last = whole.operations
    try check(whole, keys, all, "uncut")
    #expect(last - first > 60)
    let isSlow = ProcessInfo.processInfo.environment["PUMP_SLOW"] != nil
    var cuts = 0
    for operation in first + 1...last {
      for seed in 0..<(isSlow ? 40 : 3) as Range<UInt64> {
        let disk = prepared.copy()
        disk.cutPower(at: operation, seed: seed)
        var done = before
        do {
          try work(disk, keys, &done)
        } catch is StoreError {
        }
        disk.powerOn()
        try check(disk, keys, done, "\(life), cut \(operation), seed \(seed)")
        cuts += 1
      }
    }
    print("store, \(life): \(cuts) power cuts")
  }

  @Test(.tags(.`RC-064`), arguments: [StorageError.noSpace, .io])
  func `RC-064 a full or failing medium gives an error and loses nothing acknowledged`(
    _ error: StorageError
  ) throws {
    let keys = try keys()
    let whole = SimulatedDisk()
    var all = Acknowledged()
    try work(whole, keys, &all)
    for operation in 1...whole.operations {
      let disk = SimulatedDisk()
      var done = Acknowledged()
      disk.fail(operation...operation, with: error)
      do {
        try work(disk, keys, &done)
      } catch is StoreError {
      }
      disk.heal()
      try check(disk, keys, done, "\(error) at \(operation)")
    }
  }
}
