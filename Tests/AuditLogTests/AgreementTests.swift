// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Testing

@testable import AuditLog

/// An implementation of others, golang.org/x/mod/sumdb, judges trees, proofs and notes.
@Suite struct AgreementTests {
  private var root: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  @Test(.tags(.`SEC-202`))
  func `SEC-202 agrees with an independent implementation on every proof of every size up to 300`()
    throws
  {
    let path = NSTemporaryDirectory() + "agree-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let leaves = Leaves(300)
    // Size 0 is left out: x/mod gives it 32 zero bytes, RFC 6962 SHA-256 of nothing. It is never signed.
    var lines = (0..<300).map { "leaf entry \($0)" }
    for size in UInt64(1)...300 {
      lines.append("root \(size) \(leaves.root(size: size))")
      for index in 0..<size {
        let proof = try #require(leaves.inclusionProof(of: index, size: size))
        lines.append(
          (["leafproof \(size) \(index)"] + proof.map(\.description)).joined(separator: " "))
      }
      for old in 1...size {
        let proof = try #require(leaves.consistencyProof(from: old, to: size))
        lines.append(
          (["treeproof \(size) \(old)"] + proof.map(\.description)).joined(separator: " "))
      }
    }
    try lines.joined(separator: "\n").write(
      toFile: path + "/proofs", atomically: true, encoding: .utf8)
    let key = try Ed25519.PrivateKey()
    let name = try NoteKey(name: "pump.example/SN1/audit/1", publicKey: key.publicKey.bytes)
    var checkpoint = Checkpoint(origin: name.name, size: 300, root: leaves.root(size: 300))
    checkpoint.note.signatures = [
      Note.Signature(
        name: name.name, id: name.id, bytes: try key.sign(Array(checkpoint.note.text.utf8)))
    ]
    try Data(checkpoint.note.bytes).write(to: URL(fileURLWithPath: path + "/note"))

    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/go")
    process.arguments = [
      "run", root.path + "/Tests/AuditTests/agree.go", path + "/proofs", path + "/note", name.text,
      path + "/other",
    ]
    process.environment = [
      "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": root.path + "/.build/go",
      "PATH": "/usr/bin:/bin", "HOME": path,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(said == "agree: 300 45150 45150\n")

    // The other way round: its note, read and verified here.
    let other = try Data(contentsOf: URL(fileURLWithPath: path + "/other"))
    let end = try #require(other.firstIndex(of: 0x0a))
    let otherKey = try NoteKey(String(decoding: other[..<end], as: UTF8.self))
    let theirs = try Checkpoint(Array(other[(end + 1)...]))
    #expect(theirs.note.verify(otherKey) == .valid)
    #expect(theirs.root == checkpoint.root && theirs.size == 300)
  }
}
