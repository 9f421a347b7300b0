// SPDX-License-Identifier: Apache-2.0

import Cryptography
import GRDB

extension SecureStore {
  // RC-063: what the audit log's anchors carry.
  /// How far each table is: what a later ``findings(against:)`` compares the file with.
  ///
  /// At most 2,048 bytes. It commits to ciphertexts: destroying a key leaves it as it is.
  public func state() throws(StoreError) -> [UInt8] {
    try read { database in
      let names = MapTable.allCases.map(\.rawValue) + LogTable.allCases.map(\.rawValue)
      return AnchoredState(
        tables: try names.map { name in
          let head = try Head.read(database, name)
          return AnchoredState.Table(
            name: name, next: head.next, hash: SHA256.hash(head.hash))
        }
      ).bytes
    }
  }

  /// What the file lacks of a state that was anchored before, or has otherwise.
  ///
  /// A power cut may have kept changes that no anchor tells of: a table that is further on is no finding as
  /// long as it goes through the anchored state. It reads every record and takes about a second for a year of
  /// them. What is no state is ``StoreError/damaged``.
  public func findings(against anchored: [UInt8]) throws(StoreError) -> [StoreFinding] {
    guard let state = AnchoredState(anchored) else { throw .damaged }
    return try read { database in
      var findings: [StoreFinding] = []
      for table in state.tables {
        guard let kind = try self.finding(against: table, database) else { continue }
        findings.append(StoreFinding(kind: kind, table: table.name, key: nil))
      }
      return findings
    }
  }

  private func finding(
    against anchored: AnchoredState.Table, _ database: Database
  ) throws -> StoreFinding.Kind? {
    let name = anchored.name
    let map = MapTable(rawValue: name)
    // Of a newer software than this one.
    guard map != nil || LogTable(rawValue: name) != nil else { return .altered }
    let head = try Head.read(database, name)
    guard head.next >= anchored.next else { return .rolledBack }
    guard try isAuthentic(head) else { return .altered }
    if let map {
      let hash = head.next == 1 ? SHA256.hash([]) : head.hash
      guard try content(of: map, database) == hash else { return .altered }
      guard head.next == anchored.next else { return nil }
      return SHA256.hash(head.hash) == anchored.hash ? nil : .altered
    }
    var chain = head.base
    var passed: [UInt8]?
    let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(name) ORDER BY key")
    while let row = try rows.next() {
      let (place, sealed) = try placed(row, name)
      if place.key == anchored.next { passed = chain }
      chain = SHA256.hash(chain + place.leaf(sealed))
    }
    guard chain == head.hash else { return .chainBroken }
    if head.next == anchored.next { passed = chain }
    // Between an anchor and a start no table grows by so much that the retention reaches the anchor.
    return passed.map { SHA256.hash($0) } == anchored.hash ? nil : .altered
  }
}

/// How far the tables of a store are, as the audit log's anchors carry it.
///
/// For each table: the length of its name, the name, the next version in 8 bytes, the highest first, and
/// a SHA-256: of a log's chain, or over the places and ciphertexts of a map's records.
struct AnchoredState: Equatable {
  struct Table: Equatable {
    let name: String
    let next: Int64
    let hash: [UInt8]
  }

  private static let magic = Array("pumpdb/state/v1".utf8)
  let tables: [Table]

  init(tables: [Table]) { self.tables = tables }

  var bytes: [UInt8] {
    var bytes = Self.magic
    for table in tables {
      bytes.append(UInt8(truncatingIfNeeded: table.name.utf8.count))
      bytes += table.name.utf8
      appendBigEndian(table.next, to: &bytes)
      bytes += table.hash
    }
    return bytes
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: Self.magic) else { return nil }
    var rest = bytes.dropFirst(Self.magic.count)
    var tables: [Table] = []
    while let count = rest.popFirst() {
      guard rest.count >= Int(count) + 8 + SHA256.size,
        let name = String(validating: rest.prefix(Int(count)), as: UTF8.self)
      else { return nil }
      rest = rest.dropFirst(Int(count))
      let next = rest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard let next = Int64(exactly: next) else { return nil }
      rest = rest.dropFirst(8)
      tables.append(Table(name: name, next: next, hash: Array(rest.prefix(SHA256.size))))
      rest = rest.dropFirst(SHA256.size)
    }
    self.tables = tables
  }
}
