// SPDX-License-Identifier: Apache-2.0

import Cryptography
import GRDB
import KeyStore

/// The row of a table in `head`: how far the table is.
struct Head {
  let name: String
  var next: Int64
  /// The chain over all records of a log that left.
  var base: [UInt8]
  /// The chain over all records of a log that there ever were; of a map the hash over those that it has.
  var hash: [UInt8]
  /// The id of a key and a code under it; empty in a table that never changed.
  var code: [UInt8] = []

  static func read(_ database: Database, _ name: String) throws -> Head {
    let select = try database.cachedStatement(sql: "SELECT * FROM head WHERE name = ?")
    guard let row = try Row.fetchOne(select, arguments: [name]) else { throw StoreError.damaged }
    let base: Blob = try row.value("base")
    let hash: Blob = try row.value("hash")
    let code: Blob = try row.value("code")
    return try Head(
      name: name, next: row.value("next"), base: base.bytes, hash: hash.bytes, code: code.bytes)
  }

  fileprivate var signed: [UInt8] {
    var bytes = Array("pumpdb/head/v1".utf8)
    for field in [Array(name.utf8), base, hash] {
      bytes.append(UInt8(truncatingIfNeeded: field.count))
      bytes += field
    }
    appendBigEndian(next, to: &bytes)
    return bytes
  }

  /// Of a table as the migration makes it.
  fileprivate var isNew: Bool { next == 1 && base.isEmpty && hash.isEmpty && code.isEmpty }

  fileprivate var keyClass: KeyClass? {
    MapTable(rawValue: name)?.keyClass ?? LogTable(rawValue: name)?.keyClass
  }
}

extension SecureStore {
  // RC-063: without the keys nobody makes a table that is further on than the anchored one.
  /// Writes a head with its code.
  func write(_ head: Head, _ database: Database) throws {
    guard let keyClass = head.keyClass else { throw StoreError.damaged }
    let id = try keys.current(keyClass)
    let code = try keys.withKey(id) { (key) throws(CryptographyError) in
      try HMACSHA256.code(for: head.signed, key: Self.headKey(key))
    }
    var number: [UInt8] = []
    appendBigEndian(Int64(id.rawValue), to: &number)
    let update = try database.cachedStatement(
      sql: "UPDATE head SET next = ?, base = ?, hash = ?, code = ? WHERE name = ?")
    try update.execute(arguments: [
      head.next, Blob(head.base), Blob(head.hash), Blob(number + code), head.name,
    ])
  }

  /// Whether this pump wrote the head, or the table is new.
  func isAuthentic(_ head: Head) throws -> Bool {
    if head.isNew { return true }
    guard head.code.count == 8 + SHA256.size else { return false }
    let number = head.code.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let id = UInt32(exactly: number) else { return false }
    do throws(KeyStoreError) {
      return try keys.withKey(KeyID(rawValue: id)) { (key) throws(CryptographyError) in
        try HMACSHA256.isValid(
          Array(head.code.dropFirst(8)), for: head.signed, key: Self.headKey(key))
      }
    } catch .noSuchKey {
      return false
    }
  }

  private static func headKey(
    _ key: borrowing SecretBytes
  ) throws(CryptographyError) -> SecretBytes {
    try HKDFSHA256.derive(SHA256.size, from: key, info: Array("pump store: heads".utf8))
  }

  /// The hash over places and ciphertexts of the records that a map has.
  func content(of table: MapTable, _ database: Database) throws -> [UInt8] {
    var hash = SHA256()
    let rows = try Row.fetchCursor(
      database, sql: "SELECT * FROM \(table.rawValue) ORDER BY key")
    while let row = try rows.next() {
      let (place, sealed) = try placed(row, table.rawValue)
      hash.update(place.leaf(sealed))
    }
    return hash.finish()
  }
}
