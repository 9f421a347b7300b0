// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Bytes as a value of the database.
struct Blob: DatabaseValueConvertible {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var databaseValue: DatabaseValue { Data(bytes).databaseValue }

  static func fromDatabaseValue(_ value: DatabaseValue) -> Blob? {
    Data.fromDatabaseValue(value).map { Blob(Array($0)) }
  }
}

extension Row {
  /// The value of a column; one of another type is damage.
  func value<V: DatabaseValueConvertible>(_ column: String) throws -> V {
    guard let stored: DatabaseValue = self[column], let value = V.fromDatabaseValue(stored) else {
      throw StoreError.damaged
    }
    return value
  }
}
