// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables and how they came to be.
///
/// Migrations are named and only ever added at the end; one that was released is never changed.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("001 sealed records") { database in
      for table in MapTable.allCases.map(\.rawValue) + LogTable.allCases.map(\.rawValue) {
        try database.execute(
          sql: """
            CREATE TABLE \(table) (
              key INTEGER PRIMARY KEY,
              version INTEGER NOT NULL,
              key_id INTEGER NOT NULL,
              content BLOB NOT NULL
            ) STRICT
            """)
      }
      // One row for each table: the next version, and for a log the chain over its records.
      try database.execute(
        sql: """
          CREATE TABLE head (
            name TEXT PRIMARY KEY,
            next INTEGER NOT NULL,
            base BLOB NOT NULL,
            hash BLOB NOT NULL
          ) STRICT, WITHOUT ROWID
          """)
      for table in MapTable.allCases.map(\.rawValue) + LogTable.allCases.map(\.rawValue) {
        try database.execute(
          sql: "INSERT INTO head VALUES (?, 1, x'', x'')", arguments: [table])
      }
    }
    // Whoever has the keys vouches for how far a table is.
    migrator.registerMigration("002 codes of heads") { database in
      try database.execute(sql: "ALTER TABLE head ADD COLUMN code BLOB NOT NULL DEFAULT x''")
    }
    return migrator
  }
}
