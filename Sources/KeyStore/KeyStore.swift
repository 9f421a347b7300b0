// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import DurableFiles
import Synchronization

/// The keys of a pump: each of 32 random bytes, made here, wrapped under the root key, never in the clear
/// on a medium.
///
/// **Hierarchy.** The root of trust holds one root key (KEK). From it come, by HKDF, the key that wraps
/// and the key that authenticates the table. The table holds a key for each class and one for each
/// episode of a patient.
///
/// **Destroying** a key removes it from the table and exchanges the root key, so that an old copy of the
/// table, on the medium or in a backup, opens nothing any more.
///
/// **Rollback.** The root counts the versions of the table. A table from before is refused; one that a
/// power cut kept ahead of the counter by one is taken and the counter follows.
///
/// Every method that changes something returns when the change is durable. An error while the change is
/// written leaves open what the medium kept; the next use reads it from there, as a start does.
public final class KeyStore<Root: RootOfTrust, Folder: DurableFolder>: Sendable {
  private typealias State = KeyStoreState

  /// Key material of the table: always this many bytes.
  public static var keySize: Int { 32 }
  private static var name: String { "keys" }
  private static var endName: String { "decommissioning" }

  private let root: Root
  private let folder: Folder
  private let state: Mutex<State>

  /// Opens the store, and makes it on a device that has none.
  public init(root: Root, folder: Folder) throws(KeyStoreError) {
    self.root = root
    self.folder = folder
    state = Mutex(try Self.open(root, folder))
  }

  private static func open(_ root: Root, _ folder: Folder) throws(KeyStoreError) -> State {
    if try folder.contentsIfAny(of: endName, limit: 64) != nil { try erase(root, folder) }
    let bytes = try folder.contentsIfAny(of: name, limit: KeyTable.largest)
    let counter = try root.value(of: .keys)
    let isFilled = try isFilled(root)
    guard let bytes else {
      // RC-062: a root that has a key and no table was robbed of it.
      guard !isFilled else { throw .tableMissing }
      return try make(root, folder, after: counter)
    }
    guard let (table, signed, code) = KeyTable.decode(bytes) else { throw .tableDamaged }
    // A first start, or one after decommissioning, that the power cut ended before the root had its key.
    if !isFilled, table.generation == counter + 1, table.entries.isEmpty, table.nextID == 1 {
      return try make(root, folder, after: counter)
    }
    guard let key = try root.read(table.slot) else { throw .tableDamaged }
    let isAuthentic = try attempt { () throws(CryptographyError) in
      try HMACSHA256.isValid(code, for: signed, key: tableKey(key))
    }
    guard isAuthentic else { throw .tableDamaged }
    // RC-062: nothing older than the root knows is used.
    switch table.generation {
    case counter: break
    case counter &+ 1: _ = try root.advance(.keys)
    case ..<counter: throw .rolledBack(found: table.generation, expected: counter)
    default: throw .rootBehind(found: table.generation, expected: counter)
    }
    // The old root key of a change that the power cut ended.
    try root.erase(table.slot.other)
    return State(table: table, root: try RootKey(key))
  }

  /// What a person is told about where the keys hang.
  public var kind: RootKind { root.kind }

  /// The newest key of a class, made when there is none; for ``KeyClass/episode`` a new one each time.
  public func current(_ keyClass: KeyClass) throws(KeyStoreError) -> KeyID {
    if keyClass != .episode, let id = ids(of: keyClass).last { return id }
    return try add(keyClass)
  }

  /// A new key of the class, which from now on is the current one; the older ones stay readable.
  public func add(_ keyClass: KeyClass) throws(KeyStoreError) -> KeyID {
    try locked { (state: inout State) throws(KeyStoreError) in
      guard state.table.entries.count < KeyTable.capacity, state.table.nextID < .max else {
        throw .full
      }
      guard state.root != nil else { throw .decommissioned }
      // SEC-023: every key is drawn here; none comes with the software or from elsewhere.
      let key = try attempt { () throws(CryptographyError) in
        try SecretBytes(random: Self.keySize)
      }
      let wrapped = try state.withRoot { (root) throws(CryptographyError) in
        try AESKWP.wrap(key, key: root.wrapping)
      }
      var table = state.table
      let id = KeyID(rawValue: table.nextID)
      table.nextID += 1
      table.entries.append(KeyTable.Entry(id: id, keyClass: keyClass, wrapped: wrapped))
      try self.store(&table, &state)
      return id
    }
  }

  /// The keys of a class, the oldest first.
  public func ids(of keyClass: KeyClass) -> [KeyID] {
    state.withLock { $0.table.entries.filter { $0.keyClass == keyClass }.map(\.id) }
  }

  /// Lends a key for one piece of work.
  public func withKey<R>(
    _ id: KeyID, _ body: (borrowing SecretBytes) throws(CryptographyError) -> R
  ) throws(KeyStoreError) -> R {
    let key = try locked { (state: inout State) throws(KeyStoreError) in
      guard state.root != nil else { throw .decommissioned }
      guard let entry = state.table.entries.first(where: { $0.id == id }) else { throw .noSuchKey }
      return try state.withRoot { (root) throws(CryptographyError) in
        try AESKWP.unwrap(entry.wrapped, key: root.wrapping)
      }
    }
    return try attempt { () throws(CryptographyError) in try body(key) }
  }

  // RC-061: a destroyed key opens nothing, from no copy of the table.
  /// Destroys keys: what they sealed is gone for good.
  ///
  /// Unknown ones are passed over.
  public func destroy(_ ids: Set<KeyID>) throws(KeyStoreError) {
    try exchangeRoot(without: ids)
  }

  /// Exchanges the root key and wraps every key anew.
  public func rotateRoot() throws(KeyStoreError) {
    try exchangeRoot(without: [])
  }

  // SEC-024: without the root key nothing that the pump stored can be read.
  /// Destroys the root key, and with it everything; the store is of no use after it.
  public func decommission() throws(KeyStoreError) {
    try locked { (state: inout State) throws(KeyStoreError) in
      state.root = nil
      // A power cut from here on: the next start ends what this one began.
      try attempt { () throws(StorageError) in
        try self.folder.replace(Self.endName, with: [1])
      }
      try Self.erase(self.root, self.folder)
    }
  }

  private static func erase(_ root: Root, _ folder: Folder) throws(KeyStoreError) {
    for slot in RootSlot.allCases { try root.erase(slot) }
    try attempt { () throws(StorageError) in
      for name in [name, name + ".new", endName] {
        // The mark goes when the rest is gone.
        if name == endName { try folder.sync() }
        do throws(StorageError) { try folder.remove(name) } catch .notFound {
        } catch { throw error }
      }
      try folder.sync()
    }
  }

  private func exchangeRoot(without ids: Set<KeyID>) throws(KeyStoreError) {
    try locked { (state: inout State) throws(KeyStoreError) in
      guard state.root != nil else { throw .decommissioned }
      let fresh = try RootKey(
        attempt { () throws(CryptographyError) in
          try SecretBytes(random: Self.keySize)
        })
      var table = state.table
      table.entries.removeAll { ids.contains($0.id) }
      let entries = table.entries
      table.entries = try state.withRoot { (root) throws(CryptographyError) in
        var moved = entries
        for index in moved.indices {
          moved[index].wrapped = try AESKWP.wrap(
            AESKWP.unwrap(moved[index].wrapped, key: root.wrapping), key: fresh.wrapping)
        }
        return moved
      }
      let before = table.slot
      table.slot = before.other
      try self.root.write(fresh.secret, to: table.slot)
      let old = state.root.take()
      state.root = consume fresh
      do throws(KeyStoreError) {
        try self.store(&table, &state)
      } catch {
        state.root = consume old
        throw error
      }
      state.isCertain = false
      try self.root.erase(before)
      state.isCertain = true
    }
  }

  /// Stores the table as the next version, and then lets the root count it.
  private func store(_ table: inout KeyTable, _ state: inout State) throws(KeyStoreError) {
    table.generation += 1
    let next = table
    let bytes = try state.withRoot { (root) throws(CryptographyError) in
      let key = try Self.tableKey(root.secret)
      return try next.encoded { (bytes) throws(CryptographyError) in
        try HMACSHA256.code(for: bytes, key: key)
      }
    }
    state.isCertain = false
    try attempt { () throws(StorageError) in try folder.replace(Self.name, with: bytes) }
    _ = try root.advance(.keys)
    state.table = table
    state.isCertain = true
  }

  private func locked<R: ~Copyable>(
    _ body: (inout State) throws(KeyStoreError) -> R
  ) throws(KeyStoreError) -> R {
    try state.withLock { (state) throws(KeyStoreError) in
      // RC-062: what a failed change left is taken as a start takes it, before anything is built on it.
      if !state.isCertain { state = try Self.open(root, folder) }
      return try body(&state)
    }
  }

  private static func isFilled(_ root: Root) throws(KeyStoreError) -> Bool {
    for slot in RootSlot.allCases where try root.read(slot) != nil { return true }
    return false
  }

  private static func make(
    _ root: Root, _ folder: Folder, after counter: UInt64
  ) throws(KeyStoreError) -> State {
    let key = try attempt { () throws(CryptographyError) in try SecretBytes(random: keySize) }
    let table = KeyTable(generation: counter + 1, slot: .first, nextID: 1, entries: [])
    let bytes = try attempt { () throws(CryptographyError) in
      let code = try tableKey(key)
      return try table.encoded { (bytes) throws(CryptographyError) in
        try HMACSHA256.code(for: bytes, key: code)
      }
    }
    // The table first: one whose root key never came is made again at the next start.
    try attempt { () throws(StorageError) in try folder.replace(name, with: bytes) }
    try root.write(key, to: .first)
    _ = try root.advance(.keys)
    return State(table: table, root: try RootKey(key))
  }

  private static func tableKey(
    _ root: borrowing SecretBytes
  ) throws(CryptographyError) -> SecretBytes {
    try HKDFSHA256.derive(keySize, from: root, info: Array("pump keys: table".utf8))
  }
}

/// The root key and the key that wraps under it, derived once: it is needed for every record.
private struct RootKey: ~Copyable {
  let secret: SecretBytes
  let wrapping: SecretBytes

  init(_ secret: consuming SecretBytes) throws(KeyStoreError) {
    do throws(CryptographyError) {
      wrapping = try HKDFSHA256.derive(
        SHA256.size, from: secret, info: Array("pump keys: wrap".utf8))
    } catch { throw .cryptography(error) }
    self.secret = secret
  }
}

/// What a key store holds in memory.
private struct KeyStoreState: ~Copyable {
  var table: KeyTable
  /// Nil once the store was decommissioned.
  var root: RootKey?
  /// False while a change may or may not have reached the medium.
  var isCertain = true

  init(table: KeyTable, root: consuming RootKey) {
    self.table = table
    self.root = consume root
  }

  /// Lends the root key.
  borrowing func withRoot<R: ~Copyable>(
    _ body: (borrowing RootKey) throws(CryptographyError) -> R
  ) throws(KeyStoreError) -> R {
    switch root {
    case .none: throw .decommissioned
    case .some(let key): return try attempt { () throws(CryptographyError) in try body(key) }
    }
  }
}

/// Where sealed records get their keys from.
public protocol KeySource: Sendable {
  /// The newest key of a class, made when there is none.
  func current(_ keyClass: KeyClass) throws(KeyStoreError) -> KeyID

  /// Lends a key for one piece of work.
  func withKey<R>(
    _ id: KeyID, _ body: (borrowing SecretBytes) throws(CryptographyError) -> R
  ) throws(KeyStoreError) -> R
}

extension KeyStore: KeySource {}
