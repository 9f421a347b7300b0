// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import DurableFiles

/// The keys that sign checkpoints.
///
/// One signs, and one may be ready to take over. A key that was replaced is erased, so that who steals
/// the device later cannot sign again what it signed.
public protocol AuditKeys: Sendable {
  /// The public half of the key that signs, 32 bytes of Ed25519.
  func current() throws(AuditError) -> [UInt8]
  /// The public half of the key that is ready, if one is.
  func next() throws(AuditError) -> [UInt8]?
  /// Makes a key ready, durably, in place of one that was; returns its public half.
  mutating func prepareNext() throws(AuditError) -> [UInt8]
  /// The ready key signs from now on, durably, and the old one is erased.
  mutating func promoteNext() throws(AuditError)
  /// The Ed25519 signature of the key that signs, or of the one that is ready.
  func sign(_ message: [UInt8], with slot: AuditKeySlot) throws(AuditError) -> [UInt8]
}

/// Which of the two keys.
public enum AuditKeySlot: Hashable, Sendable {
  case current
  case next
}

/// A number outside the log's files that only ever goes up.
public protocol RollbackCounter: Sendable {
  func read() throws(AuditError) -> UInt64
  /// Adds 1, durably; returns the new value.
  mutating func increment() throws(AuditError) -> UInt64
}

/// Keys in a file, for a simulated pump: who reads the file has them, and a medium may keep an erased one.
public struct FileAuditKeys<Folder: DurableFolder>: AuditKeys {
  private static var name: String { "audit-keys" }
  private let folder: Folder

  /// The keys in this folder; the first is made when there is none.
  public init(_ folder: Folder) throws(AuditError) {
    self.folder = folder
    do throws(StorageError) { _ = try folder.open(Self.name) } catch {
      guard error == .notFound else { throw .storage(error) }
      try store([try Self.seed()])
    }
  }

  private static func seed() throws(AuditError) -> [UInt8] {
    do { return try RandomBytes.make(Ed25519.keySize) } catch { throw .keys("\(error)") }
  }

  private func store(_ seeds: [[UInt8]]) throws(AuditError) {
    try stored { () throws(StorageError) in
      try folder.replace(Self.name, with: seeds.flatMap { $0 })
    }
  }

  private func seeds() throws(AuditError) -> [[UInt8]] {
    let bytes = try stored { () throws(StorageError) in
      try folder.contents(of: Self.name, limit: 2 * Ed25519.keySize)
    }
    guard bytes.count == Ed25519.keySize || bytes.count == 2 * Ed25519.keySize else {
      throw .keys("the file of keys has a wrong length")
    }
    return stride(from: 0, to: bytes.count, by: Ed25519.keySize).map {
      Array(bytes[$0..<$0 + Ed25519.keySize])
    }
  }

  private func key(_ seed: [UInt8]) throws(AuditError) -> Ed25519.PrivateKey {
    var seed = seed
    do {
      let secret = try SecretBytes(wiping: &seed)
      return try Ed25519.PrivateKey(seed: secret)
    } catch { throw .keys("\(error)") }
  }

  public func current() throws(AuditError) -> [UInt8] {
    try key(seeds()[0]).publicKey.bytes
  }

  public func next() throws(AuditError) -> [UInt8]? {
    let seeds = try seeds()
    return seeds.count > 1 ? try key(seeds[1]).publicKey.bytes : nil
  }

  public mutating func prepareNext() throws(AuditError) -> [UInt8] {
    let next = try Self.seed()
    try store([try seeds()[0], next])
    return try key(next).publicKey.bytes
  }

  public mutating func promoteNext() throws(AuditError) {
    let seeds = try seeds()
    guard seeds.count > 1 else { throw .keys("no key is ready") }
    try store([seeds[1]])
  }

  public func sign(_ message: [UInt8], with slot: AuditKeySlot) throws(AuditError) -> [UInt8] {
    let seeds = try seeds()
    guard slot == .current || seeds.count > 1 else { throw .keys("no key is ready") }
    let key = try key(slot == .current ? seeds[0] : seeds[1])
    do { return try key.sign(message) } catch { throw .keys("\(error)") }
  }
}

/// A counter in a file, for a simulated pump: who copies the file back has turned it back.
public struct FileCounter<Folder: DurableFolder>: RollbackCounter {
  private static var name: String { "audit-counter" }
  private let folder: Folder

  /// The counter in this folder, from 0 when there is none.
  public init(_ folder: Folder) throws(AuditError) {
    self.folder = folder
    do throws(StorageError) { _ = try folder.open(Self.name) } catch {
      guard error == .notFound else { throw .storage(error) }
      try store(0)
    }
  }

  private func store(_ value: UInt64) throws(AuditError) {
    try stored { () throws(StorageError) in
      try folder.replace(Self.name, with: Array("\(value)\n".utf8))
    }
  }

  public func read() throws(AuditError) -> UInt64 {
    let bytes = try stored { () throws(StorageError) in
      try folder.contents(of: Self.name, limit: 21)
    }
    guard bytes.last == 0x0a, let text = String(validating: bytes.dropLast(), as: UTF8.self),
      let value = UInt64(text)
    else { throw .counter("the counter's file holds no number") }
    return value
  }

  public mutating func increment() throws(AuditError) -> UInt64 {
    let value = try read() + 1
    try store(value)
    return value
  }
}
