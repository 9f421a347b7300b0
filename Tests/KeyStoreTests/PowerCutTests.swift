// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import Foundation
import KeyStore
import SimulatedDisk
import Testing

/// What a run of the store was told to be done.
private struct Acknowledged {
  var answers: [KeyID: [UInt8]] = [:]
  var destroyed: Set<KeyID> = []
  /// Those whose destruction was asked for and not acknowledged may be there or not.
  var pending: Set<KeyID> = []
  var counted: UInt64 = 0
  var isDecommissioned = false
}

@Suite struct `The key store at a power cut` {
  private func work(_ disk: SimulatedDisk, _ done: inout Acknowledged) throws {
    let store = try openStore(disk)
    func make(_ keyClass: KeyClass) throws -> KeyID {
      let id = try store.current(keyClass)
      done.answers[id] = try store.answer(id)
      return id
    }
    _ = try make(.people)
    let (one, two) = try (make(.episode), make(.episode))
    _ = try make(.audit)
    done.pending = [one]
    try store.destroy([one])
    done.destroyed.insert(one)
    done.pending = []
    try store.rotateRoot()
    _ = try make(.episode)
    done.counted = try SimulatedRoot(disk.root.folder("root")).advance(.audit)
    done.pending = [two]
    try store.destroy([two])
    done.destroyed.insert(two)
    done.pending = []
    _ = try store.add(.people)
  }

  private func check(_ disk: SimulatedDisk, _ done: Acknowledged, _ place: String) throws {
    let store = try openStore(disk)
    for (id, answer) in done.answers {
      if done.destroyed.contains(id) {
        #expect(throws: KeyStoreError.noSuchKey, "\(place)") { try store.answer(id) }
      } else if !done.pending.contains(id) {
        #expect(try store.answer(id) == answer, "\(place)")
      }
    }
    let root = try SimulatedRoot(disk.root.folder("root"))
    #expect(try root.value(of: .audit) >= done.counted, "\(place)")
    // Exactly one root key is left, and the next start is quiet.
    var filled = 0
    for slot in RootSlot.allCases where try root.read(slot) != nil { filled += 1 }
    #expect(filled == 1, "\(place)")
    _ = try store.current(.tls)
    _ = try openStore(disk)
  }

  @Test(.tags(.`RC-061`, .`RC-062`))
  func `RC-061 RC-062 opens by itself with all that was acknowledged, wherever the power is cut`()
    throws
  {
    let whole = SimulatedDisk()
    var all = Acknowledged()
    try work(whole, &all)
    let operations = whole.operations
    #expect(operations > 100)
    let isSlow = ProcessInfo.processInfo.environment["PUMP_SLOW"] != nil
    var cuts = 0
    for operation in 1...operations {
      for seed in 0..<(isSlow ? 30 : 6) as Range<UInt64> {
        let disk = SimulatedDisk()
        var done = Acknowledged()
        disk.cutPower(at: operation, seed: seed)
        #expect(throws: (any Error).self) { try work(disk, &done) }
        disk.powerOn()
        try check(disk, done, "cut \(operation), seed \(seed)")
        cuts += 1
      }
    }
    #expect(cuts > 500)
    print("key store: \(cuts) power cuts")
  }

  @Test(.tags(.`SEC-024`))
  func `SEC-024 a decommissioning that the power cut ended is ended at the next start`() throws {
    let prepared = SimulatedDisk()
    let id = try openStore(prepared).current(.people)
    let answer = try openStore(prepared).answer(id)
    let first = prepared.operations
    let whole = prepared.copy()
    try openStore(whole).decommission()
    for operation in first + 1...whole.operations {
      for seed in 0..<10 as Range<UInt64> {
        let disk = prepared.copy()
        disk.cutPower(at: operation, seed: seed)
        #expect(throws: (any Error).self) { try openStore(disk).decommission() }
        disk.powerOn()
        let store = try openStore(disk)
        if let left = store.ids(of: .people).first {
          // Nothing was destroyed yet: the mark never came to the medium.
          #expect(try store.answer(left) == answer)
        }
        try store.decommission()
        #expect(try disk.root.folder("keys").list() == [])
      }
    }
  }

  @Test func `a full or failing disk gives an error, keeps what was there, and heals`() throws {
    for error in [StorageError.noSpace, .io] {
      let whole = SimulatedDisk()
      var all = Acknowledged()
      try work(whole, &all)
      for operation in 1...whole.operations {
        let disk = SimulatedDisk()
        var done = Acknowledged()
        disk.fail(operation...operation, with: error)
        do {
          try work(disk, &done)
        } catch {
        }
        disk.heal()
        try check(disk, done, "\(error) at \(operation)")
      }
    }
  }
}
