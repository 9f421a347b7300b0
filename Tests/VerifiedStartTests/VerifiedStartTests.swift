// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Domain
import DurableFiles
import EveryCase
import Foundation
import LocalTransport
import SimulatedDisk
import Testing
import VerifiedStart

@Suite struct VerifiedStartTests {
  private static let content = [
    "usr/bin/pump-controld": [UInt8](repeating: 7, count: 3_000),
    "usr/share/pump/table": Array("table".utf8), "usr/share/pump/void": [],
  ]

  private static func key(_ byte: UInt8 = 1) throws -> Ed25519.PrivateKey {
    var seed = [UInt8](repeating: byte, count: 32)
    return try Ed25519.PrivateKey(seed: SecretBytes(wiping: &seed))
  }

  private static func text() -> String {
    content.keys.sorted().reduce("pump-manifest 1\nversion 0.1.0\n") { text, path in
      let bytes = content[path] ?? []
      return text + "file \(bytes.count) \(Hex.encode(SHA256.hash(bytes))) \(path)\n"
    }
  }

  private static func signed(_ text: String, by byte: UInt8 = 1) throws -> [UInt8] {
    let signature = try key(byte).sign(Array(text.utf8))
    return Array((text + "signature \(Hex.encode(signature))\n").utf8)
  }

  private static func read(_ text: String) throws -> StartManifest {
    try StartManifest(signed(text), signedBy: key().publicKey)
  }

  private static func device() throws -> SimulatedFolder {
    let root = SimulatedDisk().root
    for (path, bytes) in content {
      var folder = root
      var parts = path.split(separator: "/").map(String.init)
      let name = parts.removeLast()
      for part in parts { folder = try folder.folder(part) }
      try folder.replace(name, with: bytes)
    }
    return root
  }

  private static func folder(_ root: SimulatedFolder, of path: String) throws -> (
    SimulatedFolder, String
  ) {
    var parts = path.split(separator: "/").map(String.init)
    let name = parts.removeLast()
    var folder = root
    for part in parts { folder = try folder.folder(part) }
    return (folder, name)
  }

  @Test(.tags(.`SEC-034`, .`RC-140`)) func `SEC-034 RC-140 a device as it was signed is found so`()
    throws
  {
    let manifest = try Self.read(Self.text())
    #expect(manifest.version == "0.1.0")
    #expect(manifest.files.map(\.path) == Self.content.keys.sorted())
    #expect(manifest.changed(in: try Self.device()).isEmpty)
    #expect(manifest.file("/usr/bin/pump-controld")?.size == 3_000)
    #expect(manifest.file("usr/bin/pump-controld") == manifest.file("/usr/bin/pump-controld"))
    #expect(manifest.file("/usr/bin/pump") == nil)
  }

  @Test(.tags(.`SEC-034`, .`RC-140`))
  func `SEC-034 RC-140 any byte of any file that is another one is found, and its file named`()
    throws
  {
    let manifest = try Self.read(Self.text())
    for (path, bytes) in Self.content {
      for position in bytes.indices {
        let root = try Self.device()
        let (folder, name) = try Self.folder(root, of: path)
        var other = bytes
        other[position] ^= 1 << UInt8(position % 8)
        try folder.replace(name, with: other)
        #expect(manifest.changed(in: root) == ["/" + path], "byte \(position) of \(path)")
      }
    }
  }

  @Test(.tags(.`SEC-034`, .`RC-140`))
  func `SEC-034 RC-140 a file that is gone, shorter or longer is found`() throws {
    let manifest = try Self.read(Self.text())
    for (path, bytes) in Self.content {
      for change in ["gone", "shorter", "longer"] where change != "shorter" || !bytes.isEmpty {
        let root = try Self.device()
        let (folder, name) = try Self.folder(root, of: path)
        switch change {
        case "gone": try folder.remove(name)
        case "shorter": try folder.replace(name, with: Array(bytes.dropLast()))
        default: try folder.replace(name, with: bytes + [0])
        }
        #expect(manifest.changed(in: root) == ["/" + path], "\(change): \(path)")
      }
    }
  }

  @Test(.tags(.`SEC-034`)) func `SEC-034 a link in the place of a file or folder is not the file`()
    throws
  {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: base) }
    let files = FileManager.default
    for folder in ["usr/bin", "usr/share/pump", "other/pump"] {
      try files.createDirectory(atPath: "\(base)/\(folder)", withIntermediateDirectories: true)
    }
    for (path, bytes) in Self.content {
      #expect(files.createFile(atPath: "\(base)/\(path)", contents: Data(bytes)))
    }
    let manifest = try Self.read(Self.text())
    let root = try PosixFolder(path: base, access: .reading)
    #expect(manifest.changed(in: root).isEmpty)
    try files.moveItem(atPath: "\(base)/usr/bin/pump-controld", toPath: "\(base)/other/real")
    try files.createSymbolicLink(
      atPath: "\(base)/usr/bin/pump-controld", withDestinationPath: "\(base)/other/real")
    #expect(manifest.changed(in: root) == ["/usr/bin/pump-controld"])
    try files.moveItem(atPath: "\(base)/usr/share", toPath: "\(base)/other/share")
    try files.createSymbolicLink(
      atPath: "\(base)/usr/share", withDestinationPath: "\(base)/other/share")
    #expect(manifest.changed(in: root).count == 3)
    try files.removeItem(atPath: "\(base)/usr/bin/pump-controld")
    try files.createDirectory(
      atPath: "\(base)/usr/bin/pump-controld", withIntermediateDirectories: false)
    #expect(manifest.changed(in: root).count == 3)
  }

  @Test(.tags(.`SEC-400`))
  func `SEC-400 no bit of a list can be another one, and no other key signs`() throws {
    let bytes = try Self.signed(Self.text())
    let key = try Self.key().publicKey
    everyCase(of: pairs(0..<bytes.count, 0..<8 as Range<UInt8>)) { position, bit in
      var other = bytes
      other[position] ^= 1 << bit
      #expect(throws: ManifestRefusal.notSigned, "byte \(position), bit \(bit)") {
        try StartManifest(other, signedBy: key)
      }
    }
    for count in bytes.indices {
      #expect(throws: ManifestRefusal.notSigned) {
        try StartManifest(Array(bytes.prefix(count)), signedBy: key)
      }
    }
    #expect(throws: ManifestRefusal.notSigned) {
      try StartManifest(Self.signed(Self.text(), by: 2), signedBy: key)
    }
    #expect(throws: ManifestRefusal.tooLong) {
      try StartManifest([UInt8](repeating: 0x20, count: StartManifest.longest + 1), signedBy: key)
    }
  }

  @Test(.tags(.`SEC-400`)) func `SEC-400 what is signed and no list is refused at its line`() throws
  {
    let good = Self.text()
    let hash = Hex.encode(SHA256.hash([]))
    let cases: [(String, Int)] = [
      ("pump-manifest 2\nversion 1\nfile 0 \(hash) a\n", 1), ("\n", 1), ("pump-manifest 1\n", 2),
      ("pump-manifest 1\nversion\n", 2), ("pump-manifest 1\nversion \n", 2),
      ("pump-manifest 1\nversion 1 2\n", 2), ("pump-manifest 1\nversion 1\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash)\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) /a\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) a/../b\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) ./a\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) a//b\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) a/_b\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) a/\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) ä\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash)  a\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash.uppercased()) a\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash.dropLast(2)) a\n", 3),
      ("pump-manifest 1\nversion 1\nfile +0 \(hash) a\n", 3),
      ("pump-manifest 1\nversion 1\nfile 00 \(hash) a\n", 3),
      ("pump-manifest 1\nversion 1\nfile -1 \(hash) a\n", 3),
      ("pump-manifest 1\nversion 1\nfile 4294967297 \(hash) a\n", 3),
      ("pump-manifest 1\nversion 1\nfile 99999999999999999999 \(hash) a\n", 3),
      ("pump-manifest 1\nversion 1\nlink 0 \(hash) a\n", 3),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) b\nfile 0 \(hash) a\n", 4),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) a\nfile 0 \(hash) a\n", 4),
      ("pump-manifest 1\nversion 1\nfile 0 \(hash) a\n\n", 4),
    ]
    for (text, line) in cases {
      #expect(throws: ManifestRefusal.malformed(line: line), "\(text)") { try Self.read(text) }
    }
    // Without its last line feed there is no signature behind it.
    #expect(throws: ManifestRefusal.notSigned) { try Self.read(String(good.dropLast())) }
    let many = (0...StartManifest.mostFiles).map { String(format: "file 0 \(hash) %06d\n", $0) }
    #expect(throws: ManifestRefusal.malformed(line: StartManifest.mostFiles + 3)) {
      try Self.read("pump-manifest 1\nversion 1\n" + many.joined())
    }
  }

  @Test(.tags(.`SEC-400`))
  func `SEC-400 garbage under a good signature is read or refused, and never traps`() throws {
    var draw = Chance(state: 34)
    let key = try Self.key()
    let good = Array(Self.text().utf8)
    for round in 0..<4_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...8, using: &draw) {
        let position = Int.random(in: 0..<bytes.count, using: &draw)
        switch round % 3 {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &draw)
        case 1: bytes.remove(at: position)
        default: bytes.insert(UInt8.random(in: 0x20..<0x7f, using: &draw), at: position)
        }
      }
      let whole = bytes + Array("signature \(Hex.encode(try key.sign(bytes)))\n".utf8)
      do throws(ManifestRefusal) {
        let read = try StartManifest(whole, signedBy: key.publicKey)
        #expect(!read.files.isEmpty)
      } catch {
        #expect(error != .tooLong)
      }
    }
  }

  @Test(.tags(.`SRS-211`)) func `SRS-211 a verdict comes back as it was written`() {
    for verdict in [
      StartVerdict(.asSigned, ["0.1.0"]), StartVerdict(.unproved, ["manifest not signed"]),
      StartVerdict(.changed, ["/usr/bin/pump-safetyd", "/usr/share/pump/table"]),
    ] {
      #expect(StartVerdict(reading: verdict.bytes) == verdict)
      #expect(verdict.isProved == (verdict.state == .asSigned))
    }
    #expect(StartVerdict(.changed, ["/usr/bin/pump-safetyd"]).name.text == "pump-safetyd")
    #expect(StartVerdict(.unproved, ["no manifest"]).name.text == "no manifest")
    #expect(StartVerdict(.changed, [String(repeating: "n", count: 25)]).name.text == "")
  }

  @Test(.tags(.`SRS-211`)) func `SRS-211 whatever is not exactly a verdict is no proof`() {
    let good = StartVerdict(.asSigned, ["0.1.0"]).bytes
    let texts = [
      "", "\n", "as-signed 1\n", "pump-verdict 2\nas-signed 1\n", "pump-verdict 1\n",
      "pump-verdict 1\nas-signed\n", "pump-verdict 1\nas-signed \n", "pump-verdict 1\nas-signed 1",
      "pump-verdict 1\nas-signed 1\n\n", "pump-verdict 1\nas-signed 1\nas-signed 1\n",
      "pump-verdict 1\nas-signed 1\nchanged /a\n", "pump-verdict 1\nchanged /a\nas-signed 1\n",
      "pump-verdict 1\nunproved a\nunproved b\n", "pump-verdict 1\ngood 1\n",
      "pump-verdict 1\nas-signed \u{7}\n", " pump-verdict 1\nas-signed 1\n",
    ]
    for text in texts {
      #expect(!StartVerdict(reading: Array(text.utf8)).isProved, "\(text)")
    }
    for count in 0..<good.count {
      #expect(!StartVerdict(reading: Array(good.prefix(count))).isProved)
    }
    let long = "pump-verdict 1\nas-signed \(String(repeating: "1", count: StartVerdict.longest))\n"
    #expect(!StartVerdict(reading: Array(long.utf8)).isProved)
    #expect(StartVerdict(reading: nil) == StartVerdict(.unproved, ["not checked"]))
  }

  @Test(.tags(.`SRS-211`)) func `SRS-211 a verdict that is asked for and not there is no proof`()
    throws
  {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(StartVerdict(at: nil) == nil)
    #expect(StartVerdict(at: path) == StartVerdict(.unproved, ["not checked"]))
    let good = StartVerdict(.asSigned, ["0.1.0"])
    #expect(FileManager.default.createFile(atPath: path, contents: Data(good.bytes)))
    #expect(StartVerdict(at: path) == good)
    let link = path + ".link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    defer { try? FileManager.default.removeItem(atPath: link) }
    #expect(StartVerdict(at: link)?.isProved == false)
    try Data(count: 100_000).write(to: URL(fileURLWithPath: path))
    #expect(StartVerdict(at: path) == StartVerdict(.unproved, ["verdict unreadable"]))
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(StartVerdict(at: path)?.isProved == false)
  }
}

/// The same chance every time (xorshift64*).
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_f491_4f6c_dd1d
  }
}
