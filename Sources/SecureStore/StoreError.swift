// SPDX-License-Identifier: Apache-2.0

import GRDB
public import KeyStore

/// Why the store did not do what it was asked; nothing of it was done.
public enum StoreError: Error, Equatable, Sendable {
  /// The storage has no room.
  case full
  /// The medium failed, or the power did.
  case io
  /// The file is no store, or SQLite found it damaged.
  case damaged
  /// Another process has the store open.
  case inUse
  /// The file was made by newer software.
  case tooNew
  /// A record larger than ``SecureStore/largestRecord``, or a table that takes no more.
  case tooLarge
  /// A record that was changed, moved or sealed for another place.
  case notAuthentic(table: String, key: Int64)
  /// A record whose key was destroyed.
  case destroyed(table: String, key: Int64)
  /// No backup of this device, or a changed one.
  case notABackup
  /// A backup that is older than what is here.
  case olderBackup
  case keys(KeyStoreError)
  /// Anything else, by SQLite's result code.
  case database(Int32)

  /// What an error of the layers below stands for.
  init(_ error: any Error) {
    self =
      switch error {
      case let error as StoreError: error
      case let error as KeyStoreError: .keys(error)
      case let error as DatabaseError:
        switch error.resultCode {
        case .SQLITE_FULL: .full
        case .SQLITE_IOERR, .SQLITE_CANTOPEN: .io
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged
        case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse
        default: .database(error.resultCode.rawValue)
        }
      default: .database(-1)
      }
  }
}
