// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import SimulatedDisk
import Testing

@testable import AuditLog

@Suite struct VerifierTests {
  @Test func `finds nothing in a log that nobody touched, in either layout`() throws {
    var rig = try Rig()
    var log = try rig.open()
    for number in 1...700 {
      rig.seconds += 1
      try log.write([number % 9 == 0 ? .alarm(number / 9) : .routine(number)], rig.now)
    }
    try log.close(now: rig.now)
    log = try rig.open()
    var known = Expectations(key: try rig.firstKey())
    known.counter = try FileCounter(rig.secrets).read()
    known.remembered = [try #require(log.checkpoint)]
    let verdict = try AuditReader(rig.folder).verify(known)
    #expect(verdict.findings == [])
    #expect(verdict.size == log.size && verdict.starts == 2 && verdict.epochs == 3)
    #expect(verdict.uncovered == 0)

    let target = SimulatedDisk().root
    #expect(try AuditReader(rig.folder).exportTiles(to: target) == log.size)
    let again = try AuditReader(target).verify(known)
    #expect(again.findings == [] && again.size == log.size)
    #expect(try target.contents(of: "checkpoint", limit: 1_000) == log.checkpoint?.note.bytes)
  }

  @Test func `names tiles as the specification does`() {
    #expect(TilePath.elements(1_234_067, count: 256) == ["x001", "x234", "067"])
    #expect(TilePath.elements(0, count: 256) == ["000"])
    #expect(TilePath.elements(273, count: 112) == ["273.p", "112"])
  }

  @Test func `a proof in a file holds for its record and for nothing else`() throws {
    var rig = try Rig()
    var log = try rig.open()
    for number in 1...40 { try log.write([.routine(number)], rig.now) }
    try log.close(now: rig.now)
    let reader = try AuditReader(rig.folder)
    let key = try rig.firstKey()
    // The first key vouched for the next one; that one signed the newest checkpoint.
    let signer = try NoteKey(name: rig.origin, publicKey: FileAuditKeys(rig.secrets).current())
    for index in 0..<log.size {
      let proof = try #require(try reader.proof(of: index))
      #expect(try ProofFile(proof.bytes) == proof)
      #expect(proof.isValid(key: signer) && !proof.isValid(key: key))
      var bytes = proof.bytes
      for place in stride(from: 0, to: bytes.count, by: 11) {
        bytes[place] ^= 1
        if let other = try? ProofFile(bytes) {
          #expect(!other.isValid(key: signer) || other == proof)
        }
        bytes[place] ^= 1
      }
    }
    #expect(try reader.proof(of: log.size) == nil)
  }

  @Test func `reads the example of the note specification`() throws {
    let key = try NoteKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    let text = """
      This is an example message.

      — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

      """
    let note = try Note(Array(text.utf8))
    #expect(note.verify(key) == .valid)
    #expect(note.bytes == Array(text.utf8))
    #expect(
      try Note(Array(text.replacing("example message", with: "exbmple message").utf8)).verify(key)
        == .invalid)
    #expect(note.verify(try NoteKey(name: "example.com/bar", publicKey: key.publicKey)) == .absent)
    for wrong in [
      "", "a", "a+b", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ] {
      #expect(throws: FormatError.self, "\(wrong)") { try NoteKey(wrong) }
    }
  }

  @Test func `decoders of notes, checkpoints and proofs take garbage without harm`() throws {
    var rig = try Rig()
    let log = try rig.open()
    let checkpoint = try #require(log.checkpoint)
    let key = try rig.firstKey()
    let bytes = checkpoint.note.bytes
    // A note that ends behind its first signature is a note.
    let short = Note(text: checkpoint.note.text, signatures: [checkpoint.note.signatures[0]])
    for count in bytes.indices where count != short.bytes.count {
      #expect(throws: FormatError.self) { try Checkpoint(Array(bytes[..<count])) }
    }
    for place in bytes.indices {
      for change in [UInt8(1), 0x80] {
        var other = bytes
        other[place] ^= change
        guard let read = try? Checkpoint(other), read.note.verify(key) == .valid else { continue }
        // What is signed is what was read; only the other signature can have changed.
        #expect(read.note.text == checkpoint.note.text)
      }
    }
    var chance = Chance(seed: 9)
    for _ in 0..<100_000 {
      let bytes = (0..<Int.random(in: 0...80, using: &chance)).map { _ in
        Array("\n\n\n— +abc019=e ".utf8).randomElement(using: &chance) ?? 0
      }
      _ = try? Checkpoint(bytes)
      _ = try? ProofFile(bytes)
    }
  }

  @Test func `a witness's signature is accepted, kept and asked for`() throws {
    var rig = try Rig()
    var log = try rig.open()
    let checkpoint = try #require(log.checkpoint)
    let witness = try Ed25519.PrivateKey()
    let key = try NoteKey(
      name: "ward.example/w1", kind: .cosignature, publicKey: witness.publicKey.bytes)
    func cosign(_ time: UInt64) throws -> Note.Signature {
      let stamp = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) }
      let signature = try witness.sign(NoteKey.cosigned(checkpoint.note.text, time: time))
      return Note.Signature(name: key.name, id: key.id, bytes: stamp + signature)
    }
    var known = Expectations(key: try rig.firstKey())
    known.witness = key
    let before = try AuditReader(rig.folder).verify(known)
    #expect(before.findings.map(\.kind) == [.unwitnessed])
    var wrong = try cosign(5)
    wrong = Note.Signature(name: wrong.name, id: wrong.id, bytes: wrong.bytes.map { $0 ^ 1 })
    #expect(throws: AuditError.self) { try log.add(wrong, of: key) }
    try log.add(try cosign(1_700_000_000), of: key)
    let after = try AuditReader(rig.folder).verify(known)
    #expect(after.findings == [] && after.cosigned == 1_700_000_000)
    #expect(try rig.open().trouble == nil)
  }
}

extension AuditTrail {
  /// Writes entries that happen now.
  mutating func write(_ entries: [AuditEntry], _ now: AuditTime) throws {
    try write(entries.map { ($0, now) }, now: now)
  }
}
