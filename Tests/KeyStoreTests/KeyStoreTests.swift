// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import KeyStore
import SimulatedDisk
import Testing

/// A device whose root and keys lie in two folders of one simulated disk.
typealias SimulatedKeyStore = KeyStore<SimulatedRoot<SimulatedFolder>, SimulatedFolder>

func openStore(_ disk: SimulatedDisk) throws -> SimulatedKeyStore {
  let (root, keys) = try (disk.root.folder("root"), disk.root.folder("keys"))
  try disk.root.sync()
  return try KeyStore(root: SimulatedRoot(root), folder: keys)
}

extension KeyStore {
  /// What the key gives for a fixed message: the same key, the same answer.
  func answer(_ id: KeyID) throws(KeyStoreError) -> [UInt8] {
    try withKey(id) { (key) throws(CryptographyError) in
      try HMACSHA256.code(for: [1, 2, 3], key: key)
    }
  }
}

@Suite struct `The key store` {
  @Test func `makes each class one key, each episode its own, and keeps them`() throws {
    let disk = SimulatedDisk()
    let store = try openStore(disk)
    var answers: [KeyID: [UInt8]] = [:]
    for keyClass in KeyClass.allCases where keyClass != .episode {
      let id = try store.current(keyClass)
      #expect(try store.current(keyClass) == id)
      answers[id] = try store.answer(id)
    }
    let (one, other) = try (store.current(.episode), store.current(.episode))
    #expect(one < other)
    answers[one] = try store.answer(one)
    answers[other] = try store.answer(other)
    #expect(Set(answers.values).count == KeyClass.allCases.count + 1)
    let again = try openStore(disk)
    for (id, answer) in answers { #expect(try again.answer(id) == answer) }
    #expect(again.kind == .simulated)
  }

  @Test func `a rotated class has a new current key and still reads with the old one`() throws {
    let disk = SimulatedDisk()
    let store = try openStore(disk)
    let old = try store.current(.history)
    let answer = try store.answer(old)
    let new = try store.add(.history)
    #expect(try store.current(.history) == new)
    #expect(try store.answer(new) != answer)
    try store.rotateRoot()
    #expect(try store.answer(old) == answer)
    #expect(try openStore(disk).answer(old) == answer)
  }

  @Test(.tags(.`RC-061`, .`SEC-024`))
  func `RC-061 SEC-024 a destroyed key is gone from every copy of the table`() throws {
    let disk = SimulatedDisk()
    let store = try openStore(disk)
    let (one, other) = try (store.current(.episode), store.current(.episode))
    let kept = try store.answer(other)
    let before = try disk.root.folder("keys").contents(of: "keys", limit: 1 << 20)
    try store.destroy([one, KeyID(rawValue: 99)])
    #expect(throws: KeyStoreError.noSuchKey) { try store.answer(one) }
    #expect(try store.answer(other) == kept)
    // Whoever puts the old table back finds no root key for it.
    try disk.root.folder("keys").replace("keys", with: before)
    #expect(throws: KeyStoreError.tableDamaged) { try openStore(disk) }
  }

  @Test(.tags(.`RC-062`)) func `RC-062 a table from before is refused, and one of a lost root`()
    throws
  {
    let disk = SimulatedDisk()
    let store = try openStore(disk)
    _ = try store.current(.people)
    let (root, keys) = try (disk.root.folder("root"), disk.root.folder("keys"))
    let old = try keys.contents(of: "keys", limit: 1 << 20)
    let counted = try root.contents(of: "counter0", limit: 64)
    _ = try store.current(.alarms)
    let new = try keys.contents(of: "keys", limit: 1 << 20)
    try keys.replace("keys", with: old)
    #expect(throws: KeyStoreError.rolledBack(found: 2, expected: 3)) { try openStore(disk) }
    _ = try store.current(.library)
    _ = try store.current(.backup)
    let newest = try keys.contents(of: "keys", limit: 1 << 20)
    try root.replace("counter0", with: counted)
    #expect(throws: KeyStoreError.rootBehind(found: 5, expected: 2)) { try openStore(disk) }
    // One ahead is what a power cut leaves; the counter follows.
    try keys.replace("keys", with: new)
    _ = try openStore(disk)
    #expect(try SimulatedRoot(root).value(of: .keys) == 3)
    try keys.replace("keys", with: newest)
    #expect(throws: KeyStoreError.rootBehind(found: 5, expected: 3)) { try openStore(disk) }
    try keys.remove("keys")
    #expect(throws: KeyStoreError.tableMissing) { try openStore(disk) }
  }

  @Test(.tags(.`SEC-024`)) func `SEC-024 a decommissioned store is empty and can be made anew`()
    throws
  {
    let disk = SimulatedDisk()
    let store = try openStore(disk)
    let id = try store.current(.people)
    let answer = try store.answer(id)
    let table = try disk.root.folder("keys").contents(of: "keys", limit: 1 << 20)
    try store.decommission()
    #expect(throws: KeyStoreError.decommissioned) { try store.answer(id) }
    #expect(throws: KeyStoreError.decommissioned) { try store.current(.tls) }
    #expect(try disk.root.folder("keys").list() == [])
    let root = try SimulatedRoot(disk.root.folder("root"))
    for slot in RootSlot.allCases { #expect(try root.read(slot)?.count == nil) }
    let again = try openStore(disk)
    #expect(try again.answer(again.current(.people)) != answer)
    try disk.root.folder("keys").replace("keys", with: table)
    #expect(throws: KeyStoreError.tableDamaged) { try openStore(disk) }
  }

  @Test(.tags(.`SEC-023`)) func `SEC-023 two devices share no 16 bytes of their storage`() throws {
    var seen: [Set<[UInt8]>] = []
    for _ in 0..<2 {
      let disk = SimulatedDisk()
      let store = try openStore(disk)
      for keyClass in KeyClass.allCases { _ = try store.current(keyClass) }
      var windows: Set<[UInt8]> = []
      for name in ["root", "keys"] {
        let folder = try disk.root.folder(name)
        for file in try folder.list() where !file.hasPrefix("counter") {
          let bytes = try folder.contents(of: file, limit: 1 << 20)
          // The head of the table says what it is, not whose.
          for start in (file == "keys" ? 25 : 0)..<bytes.count - 15 {
            windows.insert(Array(bytes[start..<start + 16]))
          }
        }
      }
      #expect(windows.count > 300)
      seen.append(windows)
    }
    #expect(seen[0].isDisjoint(with: seen[1]))
  }

  @Test func `the device proves itself with the same key after a restart`() throws {
    let disk = SimulatedDisk()
    let root = try SimulatedRoot(disk.root.folder("root"))
    let signature = try root.sign([7])
    let again = try SimulatedRoot(disk.root.folder("root"))
    #expect(try again.identity().isValid(signature, for: [7]))
    #expect(try again.identity() == root.identity())
  }

  @Test(.tags(.`RC-062`)) func `RC-062 no changed, shortened or random table opens`() throws {
    let disk = SimulatedDisk()
    let store = try openStore(disk)
    _ = try store.current(.people)
    _ = try store.current(.episode)
    let keys = try disk.root.folder("keys")
    let table = try keys.contents(of: "keys", limit: 1 << 20)
    func opens(_ bytes: [UInt8]) throws -> Bool {
      try keys.replace("keys", with: bytes)
      do {
        _ = try openStore(disk)
        return true
      } catch KeyStoreError.tableDamaged {
        return false
      }
    }
    #expect(try opens(table))
    for index in table.indices {
      var changed = table
      changed[index] ^= 1
      #expect(try !opens(changed), "byte \(index)")
      #expect(try !opens(Array(table[..<index])), "first \(index)")
    }
    var random = SystemRandom(seed: 42)
    for _ in 0..<2_000 {
      let garbage = (0..<random.next() % 200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(try !opens((random.next() & 1 == 0 ? Array("RPKEYS01".utf8) : []) + garbage))
    }
    #expect(try opens(table))
  }
}

/// SplitMix64: the same seed, the same run.
struct SystemRandom {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
