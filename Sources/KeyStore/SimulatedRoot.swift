// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import DurableFiles

/// A root of trust in a folder, for the simulator.
///
/// It keeps the order and the promises of a real one and none of its protection: whoever reads the
/// folder has the keys. ``kind`` says so, and the service shows it.
public struct SimulatedRoot<Folder: DurableFolder>: RootOfTrust {
  private let folder: Folder
  private let signer: P256.PrivateKey

  /// Opens the root in the folder, and makes it at the first use.
  public init(_ folder: Folder) throws(KeyStoreError) {
    self.folder = folder
    if var scalar = try folder.contentsIfAny(of: Self.identityName, limit: 64) {
      signer = try attempt { () throws(CryptographyError) in
        try P256.PrivateKey(scalar: SecretBytes(wiping: &scalar))
      }
    } else {
      let made = try attempt { () throws(CryptographyError) in try P256.PrivateKey() }
      let scalar = try attempt { () throws(CryptographyError) in try made.scalar() }
      try attempt { () throws(StorageError) in
        try folder.replace(Self.identityName, with: scalar.plainBytes())
      }
      signer = made
    }
  }

  public var kind: RootKind { .simulated }

  public func read(_ slot: RootSlot) throws(KeyStoreError) -> SecretBytes? {
    guard var bytes = try folder.contentsIfAny(of: name(slot), limit: 64) else { return nil }
    // What an erasure that the power cut ended leaves behind.
    guard bytes.count == 32, bytes.contains(where: { $0 != 0 }) else { return nil }
    return try attempt { () throws(CryptographyError) in try SecretBytes(wiping: &bytes) }
  }

  public func write(
    _ key: borrowing SecretBytes, to slot: RootSlot
  ) throws(KeyStoreError) {
    guard key.count == 32 else { throw .cryptography(.invalidKey) }
    // In the file anybody reads it; in a core dump nobody has to.
    var bytes = key.plainBytes()
    defer { SecretMemory.wipe(&bytes) }
    do throws(StorageError) {
      try folder.replace(name(slot), with: bytes)
    } catch {
      throw .storage(error)
    }
  }

  public func erase(_ slot: RootSlot) throws(KeyStoreError) {
    do throws(StorageError) {
      // Also what a replacement that the power cut ended may have left beside it.
      for name in [name(slot), name(slot) + ".new"] {
        do throws(StorageError) {
          let file = try folder.open(name)
          try file.write([UInt8](repeating: 0, count: 32), at: 0)
          try file.sync()
          try folder.remove(name)
        } catch .notFound {
        } catch {
          throw error
        }
      }
      try folder.sync()
    } catch {
      throw .storage(error)
    }
  }

  public func value(of counter: RootCounter) throws(KeyStoreError) -> UInt64 {
    guard let bytes = try folder.contentsIfAny(of: name(counter), limit: 64) else { return 0 }
    guard bytes.count == 8 else { throw .rootFailed(0) }
    return bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  public func advance(_ counter: RootCounter) throws(KeyStoreError) -> UInt64 {
    let next = try value(of: counter) + 1
    do throws(StorageError) {
      try folder.replace(
        name(counter), with: (0..<8).map { UInt8(truncatingIfNeeded: next >> (56 - 8 * $0)) })
    } catch {
      throw .storage(error)
    }
    return next
  }

  public func identity() throws(KeyStoreError) -> P256.PublicKey { signer.publicKey }

  public func sign(_ message: [UInt8]) throws(KeyStoreError) -> [UInt8] {
    try attempt { () throws(CryptographyError) in try signer.sign(message) }
  }

  private static var identityName: String { "identity" }
  private func name(_ slot: RootSlot) -> String { "slot\(slot.rawValue)" }
  private func name(_ counter: RootCounter) -> String { "counter\(counter.rawValue)" }
}

extension DurableFolder {
  /// The content of a file, or nil when there is none; a longer one than ever made is damaged.
  func contentsIfAny(of name: String, limit: Int) throws(KeyStoreError) -> [UInt8]? {
    do throws(StorageError) {
      return try contents(of: name, limit: limit)
    } catch .notFound {
      return nil
    } catch .tooLarge {
      throw .tableDamaged
    } catch {
      throw .storage(error)
    }
  }
}

/// The result, or the error of the layer below as one of the key store's.
func attempt<R: ~Copyable>(
  _ body: () throws(CryptographyError) -> R
) throws(KeyStoreError) -> R {
  do throws(CryptographyError) { return try body() } catch { throw .cryptography(error) }
}

/// The result, or the error of the layer below as one of the key store's.
func attempt<R>(_ body: () throws(StorageError) -> R) throws(KeyStoreError) -> R {
  do throws(StorageError) { return try body() } catch { throw .storage(error) }
}
