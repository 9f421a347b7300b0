// SPDX-License-Identifier: Apache-2.0
//
// Measures the audit log in an empty folder and prints one line of JSON:
//
//   audit-probe FOLDER SINGLES GROUPS LEAVES

import AuditLog
import Cryptography
import DurableFiles
import Foundation

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let time = ContinuousClock.now - start
  return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
}

func entry(_ number: Int) -> AuditEntry {
  AuditEntry(
    .peerChanged, source: .control, number: UInt32(number), subject: 2, a: 1,
    actor: AuditActor(name: "operator-17", role: 1, session: 12), reference: "channel A of the pump"
  )
}

func measure(_ path: String, singles: Int, groups: Int, leaves: UInt64) throws {
  let folder = try PosixFolder(path: path)
  let log = try folder.folder("log")
  let keys = try folder.folder("keys")
  try folder.sync()
  let now = AuditTime(monotonic: 1_000_000_000, wall: 1_700_000_000_000, quality: .unknown)
  var trail = try AuditTrail(
    log, origin: "probe.invalid/audit", keys: FileAuditKeys(keys), counter: FileCounter(keys),
    boot: RandomBytes.make(16), now: now)
  let size = AuditRecord(
    index: 1_000, boot: [UInt8](repeating: 1, count: 16), time: now, entry: entry(1)
  ).bytes.count
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
  while trail.size < 200_000 { try trail.write((0..<1_024).map { _ in next() }, now: now) }
  try trail.close(now: now)
  let reader = try AuditReader(log)
  var known: NoteKey?
  try reader.each { (bytes, _) in
    if let record = try? AuditRecord(bytes) {
      known = try? NoteKey(name: record.entry.reference, publicKey: record.entry.payload)
    }
    return false
  }
  guard let known else { throw AuditError.damaged("no first record") }
  var good = false
  let verification = try seconds { good = try reader.verify(Expectations(key: known)).isGood }

  // A tree of many leaves, as the writer keeps it in files.
  let many = try folder.folder("many")
  var hashes = TreeHashes<PosixFolder>()
  var tree = Tree()
  for leaf in 0..<leaves {
    let bytes =
      [UInt8](repeating: 0, count: 24) + (0..<8).map { UInt8(truncatingIfNeeded: leaf >> (8 * $0)) }
    guard let hash = Hash(bytes) else { continue }
    tree.append(hash) { hashes.complete(height: $0, $1) }
    if tree.size % (1 << 20) == 0 { try hashes.flush(to: many) }
  }
  let rounds: UInt64 = 1_000
  var right = 0
  var worst = 0.0
  let root = tree.root
  let proving = try seconds {
    for round in 0..<rounds {
      let index = round &* 0x9e37_79b9_7f4a_7c15 % leaves
      var proof: [Hash]?
      worst = max(worst, try seconds { proof = try hashes.inclusionProof(of: index, size: leaves) })
      let leaf = Hash(
        [UInt8](repeating: 0, count: 24)
          + (0..<8).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) })
      if let proof, let leaf,
        verifyInclusion(leaf: leaf, index: index, size: leaves, proof: proof, root: root)
      {
        right += 1
      }
    }
  }
  guard good, right == Int(rounds) else { throw AuditError.damaged("the probe's own log") }
  print(
    """
    {"record_bytes":\(size),"singles_per_second":\(Double(singles) / single),\
    "grouped_per_second":\(Double(groups * 256) / group),\
    "verified_per_second":\(Double(trail.size) / verification),\
    "proof_ms":\(proving / Double(rounds) * 1e3),"worst_proof_ms":\(worst * 1e3)}
    """)
}

let words = CommandLine.arguments
guard words.count == 5, let singles = Int(words[2]), let groups = Int(words[3]),
  let leaves = UInt64(words[4]), singles > 0, groups > 0, leaves > 0
else {
  FileHandle.standardError.write(Data("usage: audit-probe FOLDER SINGLES GROUPS LEAVES\n".utf8))
  exit(2)
}
do { try measure(words[1], singles: singles, groups: groups, leaves: leaves) } catch {
  FileHandle.standardError.write(Data("audit-probe: \(error)\n".utf8))
  exit(1)
}
