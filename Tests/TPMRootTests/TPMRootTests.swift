// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import Foundation
import Glibc
import KeyStore
import SimulatedDisk
import SoftwareUpdate
import TPMRoot
import Testing
import UpdateMetadata

extension Tag {
  @Tag static var `RC-061`: Self
  @Tag static var `RC-062`: Self
  @Tag static var `SEC-023`: Self
  @Tag static var `SEC-385`: Self
}

/// A software TPM with a state of its own, at sockets in its folder: a port could be another's.
private final class SoftwareTPM {
  let folder = NSTemporaryDirectory() + "tpm-\(UUID().uuidString)"
  private var process: Process?

  private var socket: String { folder + "/socket" }
  var tcti: String { "swtpm:path=\(socket)" }

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try start()
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func start() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/swtpm")
    process.arguments = [
      "socket", "--tpm2", "--tpmstate", "dir=\(folder)", "--server",
      "type=unixio,path=\(socket)", "--ctrl", "type=unixio,path=\(socket).ctrl",
      "--flags", "not-need-init",
    ]
    try process.run()
    self.process = process
  }

  func stop() {
    // It does not listen to SIGTERM; each NV write is on its disk when it is answered.
    if let process { kill(process.processIdentifier, SIGKILL) }
    process?.waitUntilExit()
    process = nil
  }

  /// Connects, as soon as the TPM answers.
  func root(_ objects: TPMRoot.Objects = TPMRoot.Objects()) throws -> TPMRoot {
    for _ in 0..<200 {
      if let root = try? TPMRoot(tcti, objects: objects) { return root }
      Thread.sleep(forTimeInterval: 0.05)
    }
    return try TPMRoot(tcti, objects: objects)
  }
}

@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: "/usr/bin/swtpm"), "needs the package swtpm"),
  .serialized)
struct `The root in a TPM` {
  private typealias Keys = KeyStore<TPMRoot, SimulatedFolder>

  @Test(.tags(.`SEC-023`, .`RC-061`))
  func `SEC-023 RC-061 keys survive a restart of the TPM, and destroyed ones are gone`() throws {
    let tpm = try SoftwareTPM()
    defer { tpm.stop() }
    let folder = SimulatedDisk().root
    var (people, episode) = (KeyID(rawValue: 0), KeyID(rawValue: 0))
    var answer: [UInt8] = []
    func code(_ keys: Keys, _ id: KeyID) throws -> [UInt8] {
      try keys.withKey(id) { (key) throws(CryptographyError) in
        try HMACSHA256.code(for: [1], key: key)
      }
    }
    var old: [UInt8] = []
    do {
      let keys = try Keys(root: tpm.root(), folder: folder)
      #expect(keys.kind == .tpm)
      people = try keys.current(.people)
      episode = try keys.current(.episode)
      answer = try code(keys, people)
      old = try folder.contents(of: "keys", limit: 1 << 20)
      try keys.destroy([episode])
    }
    tpm.stop()
    try tpm.start()
    do {
      let keys = try Keys(root: tpm.root(), folder: folder)
      #expect(try code(keys, people) == answer)
      #expect(throws: KeyStoreError.noSuchKey) { try code(keys, episode) }
    }
    try folder.replace("keys", with: old)
    #expect(throws: KeyStoreError.tableDamaged) { _ = try Keys(root: tpm.root(), folder: folder) }
  }

  @Test(.tags(.`SEC-023`)) func `SEC-023 a key bound to the measured state stays shut in another`()
    throws
  {
    let tpm = try SoftwareTPM()
    defer { tpm.stop() }
    var objects = TPMRoot.Objects()
    // Register 16 can be reset and extended by anyone, as a test needs it.
    objects.registers = 1 << 16
    let folder = SimulatedDisk().root
    let root = try tpm.root(objects)
    let id = try KeyStore(root: root, folder: folder).current(.people)
    _ = try KeyStore(root: root, folder: folder).ids(of: .people)
    try root.extend(16, with: SHA256.hash([1]))
    #expect(throws: KeyStoreError.rootRefused) { _ = try KeyStore(root: root, folder: folder) }
    tpm.stop()
    try tpm.start()
    #expect(try KeyStore(root: tpm.root(objects), folder: folder).ids(of: .people) == [id])
  }

  @Test(.tags(.`RC-062`)) func `RC-062 a counter only grows, and a TPM without it is tampering`()
    throws
  {
    let tpm = try SoftwareTPM()
    defer { tpm.stop() }
    let folder = SimulatedDisk().root
    let root = try tpm.root()
    let begin = try root.value(of: .audit)
    let first = try root.advance(.audit)
    #expect(first == begin + 1)
    #expect(try root.advance(.audit) == first + 1)
    #expect(try root.value(of: .audit) == first + 1)
    let keys = try KeyStore(root: root, folder: folder)
    _ = try keys.current(.people)
    _ = try keys.current(.alarms)
    // Another TPM in the place of this one: it has neither key nor count.
    let other = try SoftwareTPM()
    defer { other.stop() }
    #expect(throws: KeyStoreError.self) {
      _ = try KeyStore(root: other.root(), folder: folder)
    }
    // A table from before.
    let before = try folder.contents(of: "keys", limit: 1 << 20)
    _ = try keys.current(.library)
    try folder.replace("keys", with: before)
    #expect(throws: KeyStoreError.self) { _ = try KeyStore(root: root, folder: folder) }
  }

  @Test(.tags(.`SEC-385`)) func `SEC-385 a security floor stands behind the counter of the TPM`()
    throws
  {
    let tpm = try SoftwareTPM()
    defer { tpm.stop() }
    let folder = SimulatedDisk().root
    let root = try tpm.root()
    func floor(_ root: TPMRoot) -> RootFloor<SimulatedFolder, TPMRoot> {
      RootFloor(folder, root, .firmware)
    }
    // A counter that was used before: what counts is where it stands.
    _ = try root.advance(.software)
    try RootFloor.provision(folder, root)
    try floor(root).raise(to: 3)
    let old = try folder.contents(of: "floors", limit: 2_000)
    try floor(root).raise(to: 5)
    let new = try folder.contents(of: "floors", limit: 2_000)
    try folder.replace("floors", with: old)
    #expect(throws: SlotError.floor(.notGenuine)) { try floor(root).value() }
    try folder.replace("floors", with: new)
    tpm.stop()
    #expect(throws: SlotError.floor(.rootFailed)) { try floor(root).value() }
    try tpm.start()
    #expect(try floor(tpm.root()).value() == 5)
    let other = try SoftwareTPM()
    defer { other.stop() }
    let strange = try other.root()
    #expect(throws: SlotError.floor(.notGenuine)) { try floor(strange).value() }
  }

  @Test func `the identity signs, stays the same, and is another in every TPM`() throws {
    let tpm = try SoftwareTPM()
    defer { tpm.stop() }
    let root = try tpm.root()
    let identity = try root.identity()
    for number in 0..<16 as Range<UInt8> {
      #expect(try identity.isValid(root.sign([number]), for: [number]))
    }
    #expect(try !identity.isValid(root.sign([1]), for: [2]))
    let other = try SoftwareTPM()
    defer { other.stop() }
    #expect(try other.root().identity() != identity)
  }

  @Test func `no TPM there is an error and no crash`() {
    #expect(throws: KeyStoreError.self) { try TPMRoot("swtpm:host=127.0.0.1,port=1") }
    #expect(throws: KeyStoreError.self) { try TPMRoot("nonsense:") }
  }
}
