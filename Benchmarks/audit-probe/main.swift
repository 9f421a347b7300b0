// SPDX-License-Identifier: Apache-2.0
//
// Measures the audit log in an empty folder and prints one line of JSON; progress goes to the error output:
//
//   audit-probe FOLDER SINGLES GROUPS RECORDS

import AuditLog
import Cryptography
import DurableFiles
import Foundation

/// Longer than this is no measurement; then the probe fails.
let patience = 1_800.0

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let time = ContinuousClock.now - start
  return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
}

func tell(_ text: String) {
  FileHandle.standardError.write(Data("audit-probe: \(text)\n".utf8))
}

func entry(_ number: Int) -> AuditEntry {
  AuditEntry(
    .peerChanged, source: .control, number: UInt32(number), subject: 2, a: 1,
    actor: AuditActor(name: "operator-17", role: 1, session: 12), reference: "channel A of the pump"
  )
}

func measure(_ path: String, singles: Int, groups: Int, records: UInt64) throws {
  let began = ContinuousClock.now
  let folder = try PosixFolder(path: path)
  let log = try folder.folder("log")
  let keys = try folder.folder("keys")
  try folder.sync()
  let now = AuditTime(monotonic: 1_000_000_000, wall: 1_700_000_000_000, quality: .unknown)
  var trail = try AuditTrail(
    log, origin: "probe.invalid/audit", keys: FileAuditKeys(keys), counter: FileCounter(keys),
    boot: RandomBytes.make(16), now: now)
  let sample = AuditRecord(
    index: 1_000, boot: [UInt8](repeating: 1, count: 16), time: now, entry: entry(1)
  ).bytes
  var number = 0
  func next() -> (AuditEntry, AuditTime) {
    number += 1
    return (entry(number), now)
  }
  let single = try seconds {
    for _ in 0..<singles { try trail.write([next()], now: now) }
  }
  let group = try seconds {
    for _ in 0..<groups { try trail.write((0..<256).map { _ in next() }, now: now) }
  }
  // A log of many records, as the pump would have written it.
  var told: UInt64 = 0
  let start = trail.size
  let growing = try seconds {
    while trail.size < records {
      try trail.write((0..<4_096).map { _ in next() }, now: now)
      if trail.size >= told + 1_000_000 {
        told = trail.size
        tell("\(told) of \(records) records")
      }
      let spent = ContinuousClock.now - began
      guard spent < .seconds(patience) else { throw AuditError.damaged("too slow to measure") }
    }
    try trail.close(now: now)
  }
  let written = Double(trail.size - start) / growing

  let reader = try AuditReader(log)
  var known: NoteKey?
  try reader.each { (bytes, _) in
    if let record = try? AuditRecord(bytes) {
      known = try? NoteKey(name: record.entry.reference, publicKey: record.entry.payload)
    }
    return false
  }
  guard let known else { throw AuditError.damaged("no first record") }
  // The limit in the same minute: a leaf and a node for each record, and nothing else.
  let rounds = 1_000_000
  var tree = Tree()
  let hashing = seconds { for _ in 0..<rounds { tree.append(Hash.leaf(sample.span)) } }
  tell("verifying")
  var good = false
  let verification = try seconds { good = try reader.verify(Expectations(key: known)).isGood }
  guard good else { throw AuditError.damaged("the probe's own log") }

  // Proofs from the writer's files of hashes, over the whole segments.
  tell("proving")
  let size = trail.size / AuditPolicy().segment * AuditPolicy().segment
  let hashes = try TreeHashes(from: log, size: size)
  let root = try hashes.root(size: size)
  let proofs: UInt64 = 1_000
  var worst = 0.0
  var proving = 0.0
  for round in 0..<proofs {
    let index = round &* 0x9e37_79b9_7f4a_7c15 % size
    var proof: [Hash]?
    let spent = try seconds { proof = try hashes.inclusionProof(of: index, size: size) }
    proving += spent
    worst = max(worst, spent)
    let leaf = try hashes.subtree(height: 0, index: index)
    guard let proof,
      verifyInclusion(leaf: leaf, index: index, size: size, proof: proof, root: root)
    else { throw AuditError.damaged("the probe's own proof") }
  }
  // As a file of its own, out of a folder that nobody has open.
  let files: UInt64 = 50
  let asking = try seconds {
    for round in 0..<files {
      guard try reader.proof(of: round &* 0x9e37_79b9_7f4a_7c15 % size) != nil else {
        throw AuditError.damaged("no proof")
      }
    }
  }
  print(
    """
    {"record_bytes":\(sample.count),"records":\(trail.size),\
    "singles_per_second":\(Double(singles) / single),\
    "grouped_per_second":\(Double(groups * 256) / group),"written_per_second":\(written),\
    "verified_per_second":\(Double(trail.size) / verification),\
    "hashed_per_second":\(Double(rounds) / hashing),\
    "proof_ms":\(proving / Double(proofs) * 1e3),"worst_proof_ms":\(worst * 1e3),\
    "proof_file_ms":\(asking / Double(files) * 1e3)}
    """)
}

let words = CommandLine.arguments
guard words.count == 5, let singles = Int(words[2]), let groups = Int(words[3]),
  let records = UInt64(words[4]), singles > 0, groups > 0, records > 4_096
else {
  FileHandle.standardError.write(Data("usage: audit-probe FOLDER SINGLES GROUPS RECORDS\n".utf8))
  exit(2)
}
do { try measure(words[1], singles: singles, groups: groups, records: records) } catch {
  tell("\(error)")
  exit(1)
}
