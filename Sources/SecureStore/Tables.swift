// SPDX-License-Identifier: Apache-2.0

import KeyStore

/// A table whose records are put, replaced and removed by a key of the caller's.
public enum MapTable: String, CaseIterable, Sendable {
  case configuration
  case library
  case people

  var keyClass: KeyClass {
    switch self {
    case .configuration: .configuration
    case .library: .library
    case .people: .people
    }
  }
}

/// A table that only grows at its end; the oldest records leave when it is full.
public enum LogTable: String, CaseIterable, Sendable {
  case history
  case alarms

  var keyClass: KeyClass {
    switch self {
    case .history: .history
    case .alarms: .alarms
    }
  }
}

/// How much is kept.
///
/// A record is at most ``SecureStore/largestRecord`` bytes, so this bounds the file.
public struct Retention: Equatable, Sendable {
  /// Records of therapy history; beyond, the oldest leave.
  public let history: Int
  /// Records of alarms; beyond, the oldest leave.
  public let alarms: Int
  /// Records of each of the other tables; beyond, nothing more is taken.
  public let others: Int

  public init(history: Int, alarms: Int, others: Int) {
    self.history = max(1, history)
    self.alarms = max(1, alarms)
    self.others = max(1, others)
  }

  /// More than a year of history at 250 records a day, and of alarms at 50.
  public static let standard = Retention(history: 100_000, alarms: 20_000, others: 4_096)

  func limit(of table: LogTable) -> Int {
    switch table {
    case .history: history
    case .alarms: alarms
    }
  }
}

/// A record as it was sealed.
public struct Record: Equatable, Sendable {
  public let key: Int64
  /// Grows with each change of its table; never used twice.
  public let version: Int64
  public let content: [UInt8]
}
