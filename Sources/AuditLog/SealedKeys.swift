// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import DurableFiles
public import KeyStore

/// The log's keys among the sealed keys of the device.
///
/// The oldest of the class ``KeyClass/audit`` signs, a second one is ready. A key that was replaced is
/// destroyed as the key store destroys one: the root key is exchanged, so that no copy of the table opens
/// it any more.
// RC-082: an old signing key is gone from the medium and from every copy of it.
public struct SealedAuditKeys<Root: RootOfTrust, Folder: DurableFolder>: AuditKeys {
  private let store: KeyStore<Root, Folder>

  /// The keys in this store; the first is made when there is none.
  public init(_ store: KeyStore<Root, Folder>) throws(AuditError) {
    self.store = store
    _ = try kept { () throws(KeyStoreError) in try store.current(.audit) }
  }

  private func id(_ slot: AuditKeySlot) throws(AuditError) -> KeyID {
    let ids = store.ids(of: .audit)
    let place = slot == .current ? 0 : 1
    guard place < ids.count else { throw .keys("no key is ready") }
    return ids[place]
  }

  private func withKey(
    _ slot: AuditKeySlot, _ body: (Ed25519.PrivateKey) throws(CryptographyError) -> [UInt8]
  ) throws(AuditError) -> [UInt8] {
    let id = try id(slot)
    return try kept { () throws(KeyStoreError) in
      try store.withKey(id) { (seed) throws(CryptographyError) in
        try body(Ed25519.PrivateKey(seed: seed))
      }
    }
  }

  public func current() throws(AuditError) -> [UInt8] {
    try withKey(.current) { $0.publicKey.bytes }
  }

  public func next() throws(AuditError) -> [UInt8]? {
    guard store.ids(of: .audit).count > 1 else { return nil }
    return try withKey(.next) { $0.publicKey.bytes }
  }

  public mutating func prepareNext() throws(AuditError) -> [UInt8] {
    try kept { () throws(KeyStoreError) in
      let unused = store.ids(of: .audit).dropFirst()
      if !unused.isEmpty { try store.destroy(Set(unused)) }
      _ = try store.add(.audit)
    }
    return try withKey(.next) { $0.publicKey.bytes }
  }

  public mutating func promoteNext() throws(AuditError) {
    _ = try id(.next)
    let old = try id(.current)
    try kept { () throws(KeyStoreError) in try store.destroy([old]) }
  }

  public func sign(_ message: [UInt8], with slot: AuditKeySlot) throws(AuditError) -> [UInt8] {
    try withKey(slot) { (key) throws(CryptographyError) in try key.sign(message) }
  }
}

/// The counter of the log in the device's root of trust.
public struct RootAuditCounter<Root: RootOfTrust>: RollbackCounter {
  private let root: Root

  public init(_ root: Root) { self.root = root }

  public func read() throws(AuditError) -> UInt64 {
    do throws(KeyStoreError) { return try root.value(of: .audit) } catch {
      throw .counter("\(error)")
    }
  }

  public mutating func increment() throws(AuditError) -> UInt64 {
    do throws(KeyStoreError) { return try root.advance(.audit) } catch {
      throw .counter("\(error)")
    }
  }
}

/// Calls to the key store, with the log's error.
private func kept<Result>(
  _ body: () throws(KeyStoreError) -> Result
) throws(AuditError) -> Result {
  do throws(KeyStoreError) { return try body() } catch { throw .keys("\(error)") }
}
