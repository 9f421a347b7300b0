// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import SimulatedDisk
import Testing

@testable import AuditLog

/// Every attack with many seeds, judged by our verifier and by the second one.
@Suite struct AttackTests {
  enum Attack: String, CaseIterable {
    case edit, reorder, insert, delete, truncate, truncateAndSign, rollback, clone, fork, suppress
    /// No attack: nothing may be found.
    case none
  }

  /// A forged log, what an inspector knows, and where the forgery begins.
  struct Case {
    var forger: Forger
    var known: Expectations
    var index: UInt64
    /// The place is known to the record, not only to the checkpoints around it.
    var exact = true
  }

  struct History: Sendable {
    var rig: Rig
    var checkpoint: Checkpoint
  }

  /// A log of two starts with routine, numbered events and alarms.
  private static func history(
    _ chance: inout Chance, origin: String = "pump.example/SN1/audit", silence: Int? = nil,
    skip: Int? = nil
  ) throws -> History {
    var rig = try Rig()
    rig.origin = origin
    var policy = AuditPolicy()
    policy.records = 16
    var log = try rig.open(policy)
    var number = 0
    for step in 0..<Int.random(in: 60...90, using: &chance) {
      rig.seconds += .random(in: 1...40, using: &chance)
      if step == silence { rig.seconds += 5_000 }
      number += step == skip ? 3 : 1
      let event: AuditEvent =
        Int.random(in: 0..<6, using: &chance) == 0 ? .alarmRaised : .peerChanged
      let entry = AuditEntry(
        event, source: .control, number: UInt32(number), subject: 2,
        actor: AuditActor(name: "n\(step % 3)", role: 1))
      try log.write([entry], rig.now)
      if step == 30 {
        try log.close(now: rig.now)
        log = try rig.open(policy)
      }
    }
    rig.seconds += 2
    try log.write([.alarm(number + 1)], rig.now)
    return History(rig: rig, checkpoint: try #require(log.checkpoint))
  }

  /// Built once; the places of the attacks are drawn for each seed.
  private static let histories = (UInt64(0)..<10).map { seed in
    Result {
      var chance = Chance(seed: seed)
      return try Self.history(&chance)
    }
  }

  static func make(_ attack: Attack, seed: UInt64) throws -> Case {
    var chance = Chance(seed: seed &* 31 &+ UInt64(attack.rawValue.count))
    if attack == .suppress { return try suppressed(&chance) }
    let history = try histories[Int(seed) % histories.count].get()
    var rig = history.rig
    rig.disk = rig.disk.copy()
    var forger = try Forger(rig.folder)
    var known = Expectations(key: try rig.firstKey())
    known.counter = try FileCounter(rig.secrets).read()
    let covered = forger.covered
    // Behind the second start, where the stolen key is in force.
    let place = Int.random(in: 45..<covered - 8, using: &chance)
    let anywhere = Int.random(in: 1..<covered - 1, using: &chance)
    switch attack {
    case .none: return Case(forger: forger, known: known, index: 0)
    case .edit:
      var record = try forger.decoded(anywhere)
      record.entry.b += 1
      forger.records[anywhere] = record.bytes
      return Case(forger: forger, known: known, index: UInt64(anywhere), exact: false)
    case .reorder:
      forger.records.swapAt(anywhere, anywhere + 1)
      return Case(forger: forger, known: known, index: UInt64(anywhere))
    case .insert:
      var record = try forger.decoded(anywhere)
      record.entry.reference = "never happened"
      forger.records.insert(record.bytes, at: anywhere)
      let renumbered = Bool.random(using: &chance)
      if renumbered { try forger.renumber(from: anywhere) }
      return Case(
        forger: forger, known: known, index: UInt64(anywhere + (renumbered ? 0 : 1)),
        exact: !renumbered)
    case .delete:
      forger.records.remove(at: anywhere)
      let renumbered = Bool.random(using: &chance)
      if renumbered { try forger.renumber(from: anywhere) }
      return Case(forger: forger, known: known, index: UInt64(anywhere), exact: !renumbered)
    case .truncate:
      forger.records.removeLast(forger.records.count - place)
      return Case(forger: forger, known: known, index: UInt64(place))
    case .truncateAndSign:
      forger.records.removeLast(forger.records.count - place)
      try forger.sign(place, try FileAuditKeys(rig.secrets), origin: rig.origin)
      return Case(forger: forger, known: known, index: UInt64(place))
    case .rollback:
      // The files of before, with a counter that has gone on.
      known.counter = known.counter.map { $0 + .random(in: 1...20, using: &chance) }
      return Case(forger: forger, known: known, index: UInt64(forger.records.count))
    case .clone:
      // Another device's log, whole and well signed, with another key.
      let other = try histories[Int(seed + 1) % histories.count].get()
      return Case(forger: try Forger(other.rig.folder), known: known, index: 0)
    case .fork:
      // The device's own history goes on and is seen; the forger shows another one, well signed.
      let seen = history.checkpoint
      forger.checkpoints.removeAll { $0.size > place }
      forger.records.removeLast(forger.records.count - place)
      for index in place..<covered + 5 {
        var record = try forger.decoded(place - 1)
        record.index = UInt64(index)
        record.entry = .routine(index)
        forger.records.append(record.bytes)
      }
      try forger.sign(covered + 5, try FileAuditKeys(rig.secrets), origin: rig.origin)
      known.remembered = [seen]
      known.counter = nil
      return Case(forger: forger, known: known, index: UInt64(place), exact: false)
    case .suppress: return try suppressed(&chance)
    }
  }

  /// The log itself is whole; what happened never reached it.
  private static func suppressed(_ chance: inout Chance) throws -> Case {
    let silent = Bool.random(using: &chance)
    let step = Int.random(in: 32..<58, using: &chance)
    let history = try Self.history(
      &chance, silence: silent ? step : nil, skip: silent ? nil : step)
    let forger = try Forger(history.rig.folder)
    let known = Expectations(key: try history.rig.firstKey())
    let index = try forger.records.indices.first {
      try forger.decoded($0).entry.number == UInt32(step + (silent ? 1 : 3))
    }
    return Case(forger: forger, known: known, index: UInt64(try #require(index)))
  }

  @Test(.tags(.`RC-081`, .`RC-082`, .`SEC-020`, .`SEC-201`))
  func `RC-081 RC-082 SEC-020 SEC-201 both verifiers find every attack and its place`()
    throws
  {
    let path = NSTemporaryDirectory() + "attacks-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = try PosixFolder(path: path)
    var verdicts: [Verdict] = []
    var manifest = ""
    var found: [Attack: Int] = [:]
    for attack in Attack.allCases {
      for seed in UInt64(0)..<50 {
        let item = try Self.make(attack, seed: seed)
        let name = "case-\(verdicts.count)"
        let place = try folder.folder(name)
        try item.forger.write(to: place)
        let verdict = try AuditReader(place).verify(item.known)
        verdicts.append(verdict)
        for (number, checkpoint) in item.known.remembered.enumerated() {
          try place.replace("seen-\(number)", with: checkpoint.note.bytes)
        }
        manifest += "\(name)\t\(item.known.key.text)\t\(item.known.counter.map { "\($0)" } ?? "-")"
        manifest += "\t\(item.known.remembered.count)\n"
        if attack == .none {
          #expect(verdict.findings == [])
          continue
        }
        let hit = verdict.findings.contains {
          item.exact ? $0.first == item.index : $0.first <= item.index && item.index <= $0.last
        }
        if hit {
          found[attack, default: 0] += 1
        } else {
          Issue.record("\(attack) \(seed) at \(item.index): \(verdict.findings)")
        }
      }
    }
    for attack in Attack.allCases where attack != .none {
      #expect(found[attack] == 50, "\(attack)")
    }

    try folder.replace("manifest", with: Array(manifest.utf8))
    let lines = try secondVerifier(path)
    #expect(lines.count == verdicts.count)
    for (verdict, line) in zip(verdicts, lines) {
      let ours = verdict.findings.map { "\($0.kind.rawValue):\($0.first):\($0.last)" }
      #expect(ours.joined(separator: " ") == line)
    }
  }
}
