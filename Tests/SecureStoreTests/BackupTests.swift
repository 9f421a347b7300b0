// SPDX-License-Identifier: Apache-2.0

import Foundation
import KeyStore
import SecureStore
import Testing

@Suite struct `Backup and restore` {
  private func fill(_ store: SecureStore) throws {
    try store.put(text("limits"), in: .library, key: 1)
    try store.put(text("Erika"), in: .people, key: 1)
    try store.append([text("a"), text("b"), text("c")], to: .history)
  }

  @Test(.tags(.`SEC-027`))
  func `SEC-027 a backup brings everything back after a loss, and holds nothing readable`() throws {
    let keys = try makeKeys()
    let one = try Scratch()
    let two = try Scratch()
    let store = try SecureStore(path: one.store, keys: keys)
    try fill(store)
    let episode = try keys.current(.episode)
    try store.append([text("d")], to: .history, episode: episode)
    let root = try store.stateRoot()
    let backup = try store.backup()
    #expect(Data(backup).range(of: Data("Erika".utf8)) == nil)
    let fresh = try SecureStore(path: two.store, keys: keys)
    try fresh.restore(backup)
    #expect(try fresh.stateRoot() == root)
    #expect(try fresh.check() == [])
    #expect(try fresh.get(1, from: .people)?.content == text("Erika"))
    #expect(try fresh.records(of: .history).count == 4)
    // What is destroyed stays destroyed.
    try keys.destroy([episode])
    try fresh.restore(backup)
    #expect(try fresh.records(of: .history).map(\.content) == [text("a"), text("b"), text("c")])
  }

  @Test(.tags(.`SEC-027`))
  func `SEC-027 an older backup is refused unless it is wanted, and shows`() throws {
    let scratch = try Scratch()
    let store = try SecureStore(path: scratch.store, keys: makeKeys())
    try fill(store)
    let backup = try store.backup()
    try store.put(text("stricter"), in: .library, key: 1)
    let newer = try store.stateRoot()
    #expect(throws: StoreError.olderBackup) { try store.restore(backup) }
    #expect(try store.stateRoot() == newer)
    #expect(try store.get(1, from: .library)?.content == text("stricter"))
    try store.restore(backup, allowingOlder: true)
    #expect(try store.get(1, from: .library)?.content == text("limits"))
    #expect(try store.stateRoot() != newer)
    try store.put(text("next"), in: .library, key: 1)
    #expect(try store.get(1, from: .library)?.version == 3)
  }

  @Test(.tags(.`SEC-027`)) func `SEC-027 a changed, cut or foreign backup changes nothing`() throws
  {
    let scratch = try Scratch()
    let store = try SecureStore(path: scratch.store, keys: makeKeys())
    try fill(store)
    let backup = try store.backup()
    let root = try store.stateRoot()
    for index in backup.indices {
      var changed = backup
      changed[index] ^= 4
      #expect(throws: StoreError.notABackup, "\(index)") { try store.restore(changed) }
      #expect(throws: StoreError.notABackup, "\(index)") {
        try store.restore(Array(backup[..<index]))
      }
    }
    let foreign = try Scratch()
    let other = try SecureStore(path: foreign.store, keys: makeKeys())
    _ = try other.backup()
    #expect(throws: StoreError.notABackup) { try other.restore(backup) }
    #expect(try store.stateRoot() == root)
    try store.restore(backup)
  }
}
