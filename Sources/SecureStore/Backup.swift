// SPDX-License-Identifier: Apache-2.0

import Cryptography
import GRDB
import KeyStore

extension SecureStore {
  // SEC-027: a backup is encrypted and authenticated as a whole; its records stay sealed in it.
  /// Everything that the store holds, as one sealed piece for this pump's own keys.
  ///
  /// A record whose key is destroyed later cannot be read from the backup either.
  public func backup() throws(StoreError) -> [UInt8] {
    let payload = try read { database in
      var bytes: [UInt8] = []
      for table in BackupTable.names {
        try BackupTable.read(database, table).write(to: &bytes)
      }
      return bytes
    }
    do throws(KeyStoreError) {
      let id = try keys.current(.backup)
      let head = BackupTable.head(id)
      return try head
        + keys.withKey(id) { (key) throws(CryptographyError) in
          try XAESGCM.seal(payload, key: key, authenticating: head)
        }
    } catch {
      throw .keys(error)
    }
  }

  /// Puts the content of a backup in the place of what is here, all or none of it.
  ///
  /// A changed, foreign or cut piece is ``StoreError/notABackup``. One that lacks a change that is here
  /// is ``StoreError/olderBackup``, unless `allowingOlder` says that this is wanted; the state root shows it in
  /// either case. Versions go on from the larger of both, so that none is used twice.
  public func restore(_ backup: [UInt8], allowingOlder: Bool = false) throws(StoreError) {
    let headSize = BackupTable.head(KeyID(rawValue: 0)).count
    guard backup.count > headSize else { throw .notABackup }
    let number = backup[headSize - 4..<headSize].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    let id = KeyID(rawValue: number)
    let head = Array(backup[..<headSize])
    guard head == BackupTable.head(id) else { throw .notABackup }
    let payload: [UInt8]
    do throws(KeyStoreError) {
      payload = try keys.withKey(id) { (key) throws(CryptographyError) in
        try XAESGCM.open(Array(backup[headSize...]), key: key, authenticating: head)
      }
    } catch {
      switch error {
      case .noSuchKey, .cryptography(.notAuthentic): throw .notABackup
      default: throw .keys(error)
      }
    }
    guard let tables = BackupTable.decode(payload) else { throw .notABackup }
    try write { database in
      for var table in tables {
        let now = try Head.read(database, table.head.name)
        guard allowingOlder || table.head.next >= now.next else { throw StoreError.olderBackup }
        table.head.next = max(table.head.next, now.next)
        try table.replace(database)
        try self.write(table.head, database)
      }
    }
  }
}

/// A table in a backup: its head and its records as they are sealed.
private struct BackupTable {
  struct Row {
    let key: Int64
    let version: Int64
    let keyID: Int64
    let content: [UInt8]
  }

  static let names = MapTable.allCases.map(\.rawValue) + LogTable.allCases.map(\.rawValue)

  var head: Head
  var rows: [Row]

  static func head(_ id: KeyID) -> [UInt8] {
    Array("RPBACKUP1".utf8)
      + (0..<4).map { UInt8(truncatingIfNeeded: id.rawValue >> (24 - 8 * $0)) }
  }

  static func read(_ database: Database, _ name: String) throws -> BackupTable {
    let rows = try GRDB.Row.fetchAll(database, sql: "SELECT * FROM \(name) ORDER BY key")
    return try BackupTable(
      head: Head.read(database, name),
      rows: rows.map { row in
        let content: Blob = try row.value("content")
        return try Row(
          key: row.value("key"), version: row.value("version"), keyID: row.value("key_id"),
          content: content.bytes)
      })
  }

  func replace(_ database: Database) throws {
    try database.execute(sql: "DELETE FROM \(head.name)")
    for row in rows {
      try database.execute(
        sql: "INSERT INTO \(head.name) VALUES (?, ?, ?, ?)",
        arguments: [row.key, row.version, row.keyID, Blob(row.content)])
    }
  }

  func write(to bytes: inout [UInt8]) {
    appendBigEndian(head.next, to: &bytes)
    for field in [head.base, head.hash] {
      appendBigEndian(Int64(field.count), to: &bytes)
      bytes += field
    }
    appendBigEndian(Int64(rows.count), to: &bytes)
    for row in rows {
      for number in [row.key, row.version, row.keyID, Int64(row.content.count)] {
        appendBigEndian(number, to: &bytes)
      }
      bytes += row.content
    }
  }

  /// The tables in these bytes, or nil when they are not exactly that.
  static func decode(_ bytes: [UInt8]) -> [BackupTable]? {
    var position = 0
    func number() -> Int64? {
      guard bytes.count - position >= 8 else { return nil }
      defer { position += 8 }
      return bytes[position..<position + 8].reduce(0) { $0 << 8 | Int64($1) }
    }
    func field(_ limit: Int) -> [UInt8]? {
      guard let count = number(), (0...Int64(limit)).contains(count),
        bytes.count - position >= Int(count)
      else { return nil }
      defer { position += Int(count) }
      return Array(bytes[position..<position + Int(count)])
    }
    var tables: [BackupTable] = []
    for name in names {
      guard let next = number(), let base = field(SHA256.size), let hash = field(SHA256.size),
        let count = number(), count >= 0, count <= Int64(bytes.count / 32)
      else { return nil }
      var rows: [Row] = []
      for _ in 0..<count {
        guard let key = number(), let version = number(), let keyID = number(),
          let content = field(SecureStore.largestRecord + XAESGCM.overhead)
        else { return nil }
        rows.append(Row(key: key, version: version, keyID: keyID, content: content))
      }
      tables.append(
        BackupTable(head: Head(name: name, next: next, base: base, hash: hash), rows: rows))
    }
    return position == bytes.count ? tables : nil
  }
}
