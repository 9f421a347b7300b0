// SPDX-License-Identifier: Apache-2.0

import Cryptography
import GRDB
import KeyStore

/// What is wrong with a record or a table.
public struct StoreFinding: Equatable, Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// The record does not open: changed, moved, or put back.
    case notAuthentic
    /// The records of a log are not those that its chain was made over.
    case chainBroken
    /// SQLite itself finds the file inconsistent.
    case fileDamaged
    /// Changes that the audit log anchored are not there: the file was put back, emptied or removed.
    case rolledBack
    /// As many changes as were anchored, and not the same.
    case altered
  }

  public let kind: Kind
  public let table: String
  /// The record, where it is one.
  public let key: Int64?

  public init(kind: Kind, table: String, key: Int64?) {
    self.kind = kind
    self.table = table
    self.key = key
  }

  public var description: String {
    "\(table)\(key.map { " \($0)" } ?? ""): \(kind.rawValue)"
  }
}

extension SecureStore {
  // RC-063: what the audit log anchors; a store that was emptied or put back has another one.
  /// One hash over every record there is and the beginning and end of each log.
  ///
  /// It commits to ciphertexts: destroying a key leaves it as it is. The audit log keeps it in its anchors.
  public func stateRoot() throws(StoreError) -> [UInt8] {
    try read { database in
      var hash = SHA256()
      hash.update(Array("pump state root v1".utf8))
      for table in MapTable.allCases {
        let head = try Head.read(database, table.rawValue)
        try self.commit(head, to: &hash)
        let rows = try Row.fetchCursor(
          database, sql: "SELECT * FROM \(table.rawValue) ORDER BY key")
        while let row = try rows.next() {
          let (place, sealed) = try self.placed(row, table.rawValue)
          hash.update(place.leaf(sealed))
        }
      }
      for table in LogTable.allCases {
        try self.commit(try Head.read(database, table.rawValue), to: &hash)
      }
      return hash.finish()
    }
  }

  private func commit(_ head: Head, to hash: inout SHA256) throws {
    var bytes = Array(head.name.utf8) + [0]
    appendBigEndian(head.next, to: &bytes)
    hash.update(bytes + SHA256.hash(head.base) + SHA256.hash(head.hash))
  }

  /// Opens every record, recomputes every chain, and lets SQLite check the file.
  ///
  /// It takes seconds for a year of records and is for service, not for the start.
  public func check() throws(StoreError) -> [StoreFinding] {
    try read { database in
      var findings: [StoreFinding] = []
      let verdict = try String.fetchAll(database, sql: "PRAGMA integrity_check(1)")
      if verdict != ["ok"] {
        findings.append(StoreFinding(kind: .fileDamaged, table: "file", key: nil))
      }
      for table in MapTable.allCases.map(\.rawValue) + LogTable.allCases.map(\.rawValue) {
        let head = try Head.read(database, table)
        if try !self.isAuthentic(head) {
          findings.append(StoreFinding(kind: .altered, table: table, key: nil))
        }
        var chain = head.base
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(table) ORDER BY key")
        while let row = try rows.next() {
          let (place, sealed) = try self.placed(row, table)
          chain = SHA256.hash(chain + place.leaf(sealed))
          do throws(StoreError) {
            _ = try place.open(sealed, self.keys)
          } catch {
            guard case .destroyed = error else {
              findings.append(StoreFinding(kind: .notAuthentic, table: table, key: place.key))
              continue
            }
          }
        }
        if LogTable(rawValue: table) != nil, chain != head.hash {
          findings.append(StoreFinding(kind: .chainBroken, table: table, key: nil))
        }
      }
      return findings
    }
  }
}
