// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// What a key is for.
public enum KeyClass: UInt8, CaseIterable, Sendable {
  /// The seed of the audit log's signing key.
  case audit = 1
  /// The scalar of the TLS key.
  case tls = 2
  /// What is mixed into a password before it is hashed.
  case pepper = 3
  case people = 4
  case configuration = 5
  case library = 6
  case alarms = 7
  /// Therapy history that belongs to no episode.
  case history = 8
  /// One patient's episode.
  case episode = 9
  case backup = 10
}

/// The name of a key: given once in the life of a device, in ascending order.
public struct KeyID: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static func < (one: KeyID, other: KeyID) -> Bool { one.rawValue < other.rawValue }
}

/// The wrapped keys of a device as they are stored.
struct KeyTable: Equatable {
  struct Entry: Equatable {
    let id: KeyID
    let keyClass: KeyClass
    /// Under the root key's wrapping key (AES-256-KWP).
    var wrapped: [UInt8]
  }

  /// The most keys that a table holds.
  static let capacity = 4_096
  private static let magic = Array("RPKEYS01".utf8)
  private static let headSize = 8 + 8 + 1 + 4 + 4
  private static let entrySize = 4 + 1 + 40
  static let largest = headSize + capacity * entrySize + SHA256.size

  /// Which version of the table this is; the root counts the same.
  var generation: UInt64
  var slot: RootSlot
  var nextID: UInt32
  /// In ascending order of ids.
  var entries: [Entry]

  /// The table and, at its end, its code under the root key's table key.
  func encoded(code: ([UInt8]) throws(CryptographyError) -> [UInt8]) throws(CryptographyError)
    -> [UInt8]
  {
    var bytes = Self.magic
    bytes.reserveCapacity(Self.headSize + entries.count * Self.entrySize + SHA256.size)
    append(generation, 8, to: &bytes)
    bytes.append(slot.rawValue)
    append(UInt64(nextID), 4, to: &bytes)
    append(UInt64(entries.count), 4, to: &bytes)
    for entry in entries {
      append(UInt64(entry.id.rawValue), 4, to: &bytes)
      bytes.append(entry.keyClass.rawValue)
      bytes += entry.wrapped
    }
    return try bytes + code(bytes)
  }

  /// The table in these bytes, and its code, which is still to be checked; nil when they are no table.
  static func decode(_ bytes: [UInt8]) -> (table: KeyTable, signed: [UInt8], code: [UInt8])? {
    guard bytes.count >= headSize + SHA256.size, bytes.count <= largest, bytes.starts(with: magic)
    else { return nil }
    let generation = number(bytes, 8, 8)
    let nextID = UInt32(truncatingIfNeeded: number(bytes, 17, 4))
    let count = Int(number(bytes, 21, 4))
    guard let slot = RootSlot(rawValue: bytes[16]), count <= capacity,
      bytes.count == headSize + count * entrySize + SHA256.size
    else { return nil }
    var entries: [Entry] = []
    for index in 0..<count {
      let start = headSize + index * entrySize
      let id = KeyID(rawValue: UInt32(truncatingIfNeeded: number(bytes, start, 4)))
      guard let keyClass = KeyClass(rawValue: bytes[start + 4]), id.rawValue < nextID,
        entries.last.map({ $0.id < id }) ?? true
      else { return nil }
      entries.append(
        Entry(id: id, keyClass: keyClass, wrapped: Array(bytes[start + 5..<start + entrySize])))
    }
    let end = bytes.count - SHA256.size
    let table = KeyTable(generation: generation, slot: slot, nextID: nextID, entries: entries)
    return (table, Array(bytes[..<end]), Array(bytes[end...]))
  }

  private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
    bytes[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func append(_ value: UInt64, _ count: Int, to bytes: inout [UInt8]) {
    for shift in stride(from: 8 * (count - 1), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
