// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// The number of a person: given once, never to another.
public struct PersonID: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// A person as the pump knows them.
public struct Person: Equatable, Sendable {
  public let id: PersonID
  /// What they sign in with: 1 to 64 bytes.
  public internal(set) var login: String
  public internal(set) var role: Role
  public internal(set) var isActive: Bool
  /// The number of the badge that their PIN belongs to; nil with a password.
  public internal(set) var badge: [UInt8]?
  var verifier: Verifier
  /// Wrong secrets since the last right one.
  var failures: Failures

  static let largest = 384
  /// The longest badge number in bytes.
  public static let longestBadge = 64

  /// The first byte is 1 for a person without a badge, whose record ends with the hash, and 2 for one with.
  var encoded: [UInt8] {
    var bytes: [UInt8] = [badge == nil ? 1 : 2, role.rawValue, isActive ? 1 : 0]
    for value in [failures.packed, verifier.cost.passes, verifier.cost.memory, verifier.cost.lanes]
    {
      for shift in [24, 16, 8, 0] {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
      }
    }
    for field in [Array(login.utf8), verifier.salt, verifier.hash] + (badge.map { [$0] } ?? []) {
      bytes.append(UInt8(truncatingIfNeeded: field.count))
      bytes += field
    }
    return bytes
  }

  /// The person in these bytes, or nil when they are none.
  init?(id: PersonID, _ bytes: [UInt8]) {
    guard bytes.count >= 19, bytes.count <= Self.largest, (1...2).contains(bytes[0]),
      let role = Role(rawValue: bytes[1]), bytes[2] <= 1
    else { return nil }
    func number(_ start: Int) -> UInt32 {
      bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard let cost = Argon2id.Cost(passes: number(7), memory: number(11), lanes: number(15)) else {
      return nil
    }
    var position = 19
    var fields: [[UInt8]] = []
    for _ in 0..<(bytes[0] == 1 ? 3 : 4) {
      guard position < bytes.count else { return nil }
      let end = position + 1 + Int(bytes[position])
      guard end <= bytes.count else { return nil }
      fields.append(Array(bytes[position + 1..<end]))
      position = end
    }
    guard position == bytes.count, let login = String(validating: fields[0], as: UTF8.self),
      Self.isLogin(login), (8...64).contains(fields[1].count), fields[2].count == Argon2id.size
    else { return nil }
    let badge = fields.count == 4 ? fields[3] : nil
    if let badge { guard (1...Self.longestBadge).contains(badge.count) else { return nil } }
    self.init(
      id: id, login: login, role: role, isActive: bytes[2] == 1, badge: badge,
      verifier: Verifier(cost: cost, salt: fields[1], hash: fields[2]),
      failures: Failures(packed: number(3)))
  }

  init(
    id: PersonID, login: String, role: Role, isActive: Bool, badge: [UInt8]? = nil,
    verifier: Verifier, failures: Failures
  ) {
    self.id = id
    self.login = login
    self.role = role
    self.isActive = isActive
    self.badge = badge
    self.verifier = verifier
    self.failures = failures
  }

  /// A login has 1 to 64 bytes of printable ASCII without spaces, so that no two look alike in a record.
  static func isLogin(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }
}

/// Where people are kept; in the pump, the sealed store.
public protocol PersonRecords: Sendable {
  func all() throws(RecordsError) -> [(PersonID, [UInt8])]
  func put(_ bytes: [UInt8], _ id: PersonID) throws(RecordsError)
}

/// The records of people cannot be read or written now.
public struct RecordsError: Error, Equatable, Sendable {
  public init() {}
}
