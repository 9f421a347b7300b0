// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// Why a password or PIN is not taken.
public enum SecretFault: Error, Equatable, Sendable {
  /// Fewer than 15 characters of a password, or 6 digits of a PIN.
  case tooShort
  /// More than 128 bytes of a password, or 12 digits of a PIN.
  case tooLong
  /// A badge's number of no byte or more than ``Person/longestBadge``.
  case badge
  /// A PIN of something other than digits.
  case notDigits
  /// One that attackers try first: a common one, a run, a repetition, or the person's own name.
  case guessable
}

/// What a person proves themselves with.
public enum Secret: Equatable, Sendable {
  /// Alone: at least 15 characters (NIST SP 800-63B-4 §3.1.1.2).
  case password(String)
  /// With a badge: 6 to 12 digits.
  case pin(String, badge: [UInt8])

  /// Checks length and blocklist; there are no rules of composition and no expiry.
  public func check(for login: String) throws(SecretFault) {
    switch self {
    case .password(let text):
      guard text.unicodeScalars.count >= 15 else { throw .tooShort }
      guard text.utf8.count <= 128 else { throw .tooLong }
      let folded = text.lowercased()
      let name = login.lowercased()
      guard !Blocklist.contains(folded), !Blocklist.isRun(folded),
        name.utf8.count < 4 || !folded.contains(name)
      else { throw .guessable }
    case .pin(let text, let badge):
      guard (1...Person.longestBadge).contains(badge.count) else { throw .badge }
      guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        throw .notDigits
      }
      guard text.utf8.count >= 6 else { throw .tooShort }
      guard text.utf8.count <= 12 else { throw .tooLong }
      guard !Blocklist.contains(text), !Blocklist.isRun(text) else { throw .guessable }
    }
  }

  /// The badge's number; nil with a password.
  var badge: [UInt8]? {
    switch self {
    case .password: nil
    case .pin(_, let badge): badge
    }
  }

  /// The bytes that are hashed: the kind, the badge and the text, told apart.
  var bytes: [UInt8] {
    switch self {
    case .password(let text): [1] + Array(text.utf8)
    case .pin(let text, let badge):
      [2, UInt8(truncatingIfNeeded: badge.count)] + badge.prefix(255) + Array(text.utf8)
    }
  }
}

/// What is stored of a secret.
public struct Verifier: Equatable, Sendable {
  let cost: Argon2id.Cost
  let salt: [UInt8]
  let hash: [UInt8]

  // SEC-017: memory-hard, salted, and useless without the pepper that stays in the key store.
  /// A new verifier; `peppered` is the secret's code under the pump's pepper.
  init(peppered: [UInt8], cost: Argon2id.Cost) throws(CryptographyError) {
    self.cost = cost
    salt = try RandomBytes.make(16)
    hash = try Argon2id.hash(peppered, salt: salt, cost: cost)
  }

  init(cost: Argon2id.Cost, salt: [UInt8], hash: [UInt8]) {
    self.cost = cost
    self.salt = salt
    self.hash = hash
  }

  func matches(peppered: [UInt8]) throws(CryptographyError) -> Bool {
    try SecretMemory.equal(hash, Argon2id.hash(peppered, salt: salt, cost: cost))
  }
}
