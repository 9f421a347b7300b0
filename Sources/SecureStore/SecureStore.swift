// SPDX-License-Identifier: Apache-2.0

import Cryptography
import GRDB
public import KeyStore

/// The pump's records on its storage: each sealed on its own, each change durable when it is acknowledged.
///
/// **What is promised.** A method that changes something returns when the change is on the medium
/// (SQLite with `synchronous=FULL`); a power cut at any instant leaves all that was acknowledged and no
/// half change. Without its keys the file holds numbers of records and times of none.
///
/// **What shows.** A record that was edited, moved, swapped or put back from an older version does not
/// open. A file from which records are missing, or that was put back as a whole, has another
/// ``stateRoot()`` than the audit log's last anchor.
///
/// One process has the file open at a time.
public final class SecureStore: Sendable {
  /// The longest content of a record, in bytes.
  public static let largestRecord = 65_536

  /// SQLite's settings.
  ///
  /// Exclusive: the index of the write-ahead log is in memory, and a second process is refused. The log is
  /// taken into the file when it has 1,000 pages, 4 MiB: a start after a power cut reads no more than that.
  package static let pragmas = [
    "locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "trusted_schema=OFF",
    "cell_size_check=ON", "secure_delete=ON", "wal_autocheckpoint=1000",
    "journal_size_limit=4194304",
  ]

  let queue: DatabaseQueue
  let keys: any KeySource
  let retention: Retention

  /// Opens the store at the path, and makes it when there is none.
  public init(
    path: String, keys: any KeySource, retention: Retention = .standard
  ) throws(StoreError) {
    self.keys = keys
    self.retention = retention
    do {
      var configuration = Configuration()
      configuration.prepareDatabase { database in
        for pragma in Self.pragmas {
          _ = try Row.fetchAll(database, sql: "PRAGMA \(pragma)")
        }
      }
      queue = try DatabaseQueue(path: path, configuration: configuration)
      guard try !queue.read(Schema.migrator.hasBeenSuperseded) else { throw StoreError.tooNew }
      try Schema.migrator.migrate(queue)
    } catch {
      throw StoreError(error)
    }
  }

  // MARK: Records by key

  /// Puts a record in the place of the one that may be there.
  public func put(_ content: [UInt8], in table: MapTable, key: Int64) throws(StoreError) {
    guard content.count <= Self.largestRecord else { throw .tooLarge }
    let keyID = try current(table.keyClass)
    try write { database in
      let name = table.rawValue
      let old = try Int64.fetchOne(
        database, sql: "SELECT version FROM \(name) WHERE key = ?", arguments: [key])
      if old == nil {
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(name)") ?? 0
        guard count < self.retention.others else { throw StoreError.tooLarge }
      }
      try self.change(database, table) { version in
        let place = Place(table: name, key: key, version: version, keyID: keyID)
        try database.execute(
          sql: "INSERT OR REPLACE INTO \(name) VALUES (?, ?, ?, ?)",
          arguments: [
            key, version, Int64(keyID.rawValue), Blob(try place.seal(content, self.keys)),
          ])
      }
    }
  }

  /// Removes a record; none there is no error.
  public func remove(_ key: Int64, from table: MapTable) throws(StoreError) {
    try write { database in
      try self.change(database, table) { _ in
        try database.execute(
          sql: "DELETE FROM \(table.rawValue) WHERE key = ?", arguments: [key])
      }
    }
  }

  /// The record of that key, or nil.
  public func get(_ key: Int64, from table: MapTable) throws(StoreError) -> Record? {
    try fetch(table.rawValue, "WHERE key = ?", [key]).first
  }

  /// All records, in ascending order of their keys.
  public func all(_ table: MapTable) throws(StoreError) -> [Record] {
    try fetch(table.rawValue, "ORDER BY key", [])
  }

  // MARK: Records in order

  /// Records to add to a log.
  public struct Batch: Sendable {
    public let table: LogTable
    public let contents: [[UInt8]]
    /// The key of the patient's episode that they belong to, if any.
    public let episode: KeyID?

    public init(_ contents: [[UInt8]], to table: LogTable, episode: KeyID? = nil) {
      self.table = table
      self.contents = contents
      self.episode = episode
    }
  }

  /// Adds records at the end of a log, all or none, and gives the key of the last one.
  @discardableResult
  public func append(
    _ contents: [[UInt8]], to table: LogTable, episode: KeyID? = nil
  ) throws(StoreError) -> Int64 {
    let batch = Batch(contents, to: table, episode: episode)
    let keyID = try self.keyID(of: batch)
    return try write { try self.append(batch, keyID, $0) }
  }

  /// Adds all of these records, or none.
  ///
  /// Beyond the retention the oldest leave in the same step.
  public func append(_ batches: [Batch]) throws(StoreError) {
    var keyIDs: [KeyID] = []
    for batch in batches { keyIDs.append(try keyID(of: batch)) }
    try write { database in
      for (batch, keyID) in zip(batches, keyIDs) { try self.append(batch, keyID, database) }
    }
  }

  private func keyID(of batch: Batch) throws(StoreError) -> KeyID {
    guard batch.contents.allSatisfy({ $0.count <= Self.largestRecord }) else { throw .tooLarge }
    if let episode = batch.episode { return episode }
    return try current(batch.table.keyClass)
  }

  // RC-064: within one transaction, which is on the medium before it is acknowledged.
  /// The key of the last record of the log.
  @discardableResult
  private func append(_ batch: Batch, _ keyID: KeyID, _ database: Database) throws -> Int64 {
    let name = batch.table.rawValue
    var head = try Head.read(database, name)
    let first = head.next
    let insert = try database.cachedStatement(sql: "INSERT INTO \(name) VALUES (?, ?, ?, ?)")
    // The key is lent once for all of them: to unwrap it costs more than to seal a record.
    let sealed = try keys.withKey(keyID) { (key) throws(CryptographyError) in
      var sealed: [(place: Place, content: [UInt8])] = []
      sealed.reserveCapacity(batch.contents.count)
      for (number, content) in zip(first..., batch.contents) {
        let place = Place(table: name, key: number, version: number, keyID: keyID)
        sealed.append((place, try place.seal(content, under: key)))
      }
      return sealed
    }
    for (place, content) in sealed {
      try insert.execute(arguments: [
        place.key, place.version, Int64(keyID.rawValue), Blob(content),
      ])
      head.hash = SHA256.hash(head.hash + place.leaf(content))
    }
    head.next += Int64(sealed.count)
    try dropOldest(database, batch.table, &head)
    try write(head, database)
    return head.next - 1
  }

  /// At most `limit` records from that key on, the oldest first.
  ///
  /// Those whose key was destroyed are left out.
  public func records(
    of table: LogTable, from key: Int64 = 0, limit: Int = 1_000
  ) throws(StoreError) -> [Record] {
    try fetch(
      table.rawValue, "WHERE key >= ? ORDER BY key LIMIT ?", [key, limit], skipDestroyed: true)
  }

  /// The keys under which the records of a log are sealed.
  public func keyIDs(of table: LogTable) throws(StoreError) -> Set<KeyID> {
    try read { database in
      let numbers = try Int64.fetchAll(
        database, sql: "SELECT DISTINCT key_id FROM \(table.rawValue)")
      return try Set(
        numbers.map { number in
          guard let id = UInt32(exactly: number) else { throw StoreError.damaged }
          return KeyID(rawValue: id)
        })
    }
  }

  /// How many records a table holds.
  public func count(of table: LogTable) throws(StoreError) -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table.rawValue)") ?? 0 }
  }

  /// The records that leave first, folded into the chain's beginning.
  private func dropOldest(
    _ database: Database, _ table: LogTable, _ head: inout Head
  ) throws {
    let name = table.rawValue
    let limit = Int64(retention.limit(of: table))
    let first = head.next - limit
    guard first > 1 else { return }
    let oldest = try database.cachedStatement(
      sql: "SELECT * FROM \(name) WHERE key < ? ORDER BY key")
    let leaving = try Row.fetchCursor(oldest, arguments: [first])
    while let row = try leaving.next() {
      let (place, sealed) = try self.placed(row, name)
      head.base = SHA256.hash(head.base + place.leaf(sealed))
    }
    let delete = try database.cachedStatement(sql: "DELETE FROM \(name) WHERE key < ?")
    try delete.execute(arguments: [first])
  }

  // MARK: Below

  func placed(_ row: Row, _ table: String) throws -> (Place, [UInt8]) {
    let key: Int64 = try row.value("key")
    let version: Int64 = try row.value("version")
    let number: Int64 = try row.value("key_id")
    let content: Blob = try row.value("content")
    guard let keyNumber = UInt32(exactly: number) else { throw StoreError.damaged }
    let place = Place(
      table: table, key: key, version: version, keyID: KeyID(rawValue: keyNumber))
    return (place, content.bytes)
  }

  private func fetch(
    _ table: String, _ condition: String, _ arguments: StatementArguments,
    skipDestroyed: Bool = false
  ) throws(StoreError) -> [Record] {
    try read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT * FROM \(table) \(condition)", arguments: arguments)
      return try rows.compactMap { row in
        let (place, sealed) = try self.placed(row, table)
        do throws(StoreError) {
          let content = try place.open(sealed, self.keys)
          return Record(key: place.key, version: place.version, content: content)
        } catch {
          if skipDestroyed, case .destroyed = error { return nil }
          throw error
        }
      }
    }
  }

  /// Gives the table's next version to `body`, and takes the table's head to what it left.
  private func change(
    _ database: Database, _ table: MapTable, _ body: (Int64) throws -> Void
  ) throws {
    var head = try Head.read(database, table.rawValue)
    try body(head.next)
    head.next += 1
    head.hash = try content(of: table, database)
    try write(head, database)
  }

  private func current(_ keyClass: KeyClass) throws(StoreError) -> KeyID {
    do throws(KeyStoreError) { return try keys.current(keyClass) } catch { throw .keys(error) }
  }

  func write<R>(_ body: (Database) throws -> R) throws(StoreError) -> R {
    do { return try queue.write(body) } catch { throw StoreError(error) }
  }

  func read<R>(_ body: (Database) throws -> R) throws(StoreError) -> R {
    do { return try queue.read(body) } catch { throw StoreError(error) }
  }
}
