// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// Why a text is not what it should be: a note, a key, a checkpoint, a proof, a record.
public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// The public half of a key for signed notes (C2SP signed-note), Ed25519 only.
public struct NoteKey: Hashable, Sendable {
  /// What a key signs.
  public enum Kind: UInt8, Sendable {
    /// Notes, as the log does.
    case note = 0x01
    /// Checkpoints with a time, as a witness does (C2SP tlog-cosignature).
    case cosignature = 0x04
  }

  public let name: String
  public let kind: Kind
  /// 32 bytes (RFC 8032).
  public let publicKey: [UInt8]
  /// The first four bytes of SHA-256(name ‖ newline ‖ kind ‖ public key).
  public let id: UInt32

  public init(name: String, kind: Kind = .note, publicKey: [UInt8]) throws(FormatError) {
    guard isKeyName(name) else { throw FormatError("a key's name has no spaces and no '+'") }
    guard publicKey.count == 32 else { throw FormatError("an Ed25519 key has 32 bytes") }
    self.name = name
    self.kind = kind
    self.publicKey = publicKey
    let hash = SHA256.hash(Array(name.utf8) + [0x0a, kind.rawValue] + publicKey)
    id = hash.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// From `<name>+<id as 8 hexadecimal digits>+<base64 of kind and public key>`.
  public init(_ text: String) throws(FormatError) {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let bytes = Base64.decode(parts[2]), let first = bytes.first else {
      throw FormatError("a key is written <name>+<id>+<key>")
    }
    guard let kind = Kind(rawValue: first) else {
      throw FormatError(
        "key type \(first) is not supported; Ed25519 (1) and its cosignature (4) are")
    }
    try self.init(name: String(parts[0]), kind: kind, publicKey: Array(bytes.dropFirst()))
    guard self.text == text else { throw FormatError("the key's id does not belong to it") }
  }

  /// The key as text.
  public var text: String {
    "\(name)+\(Hex.encode(bigEndian(id)))+\(Base64.encode([kind.rawValue] + publicKey))"
  }

  /// Whether the signature's bytes, after the key's id, are right for a note's text.
  func isValid(_ signature: [UInt8], for text: String) -> Bool {
    guard let key = try? Ed25519.PublicKey(publicKey) else { return false }
    switch kind {
    case .note: return key.isValid(signature, for: Array(text.utf8))
    case .cosignature:
      guard let time = Self.time(of: signature) else { return false }
      return key.isValid(
        Array(signature.dropFirst(8)), for: Self.cosigned(text, time: time))
    }
  }

  /// What a witness signs.
  static func cosigned(_ text: String, time: UInt64) -> [UInt8] {
    Array("cosignature/v1\ntime \(time)\n\(text)".utf8)
  }

  /// The seconds since 1970 of a cosignature.
  static func time(of signature: [UInt8]) -> UInt64? {
    guard signature.count == 72 else { return nil }
    let time = signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return time <= UInt64(Int64.max) ? time : nil
  }
}

/// A signed note: a text and the signatures under it.
public struct Note: Hashable, Sendable {
  /// One line under the text.
  public struct Signature: Hashable, Sendable {
    public let name: String
    public let id: UInt32
    public let bytes: [UInt8]

    public init(name: String, id: UInt32, bytes: [UInt8]) {
      self.name = name
      self.id = id
      self.bytes = bytes
    }

    /// The line without its newline.
    var line: String { "— \(name) \(Base64.encode(bigEndian(id) + bytes))" }

    init(line: some StringProtocol) throws(FormatError) {
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "—", isKeyName(String(parts[1])),
        let bytes = Base64.decode(parts[2]), bytes.count >= 5
      else { throw FormatError("not a signature line") }
      name = String(parts[1])
      id = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
      self.bytes = Array(bytes.dropFirst(4))
    }
  }

  /// The longest note that is read, in bytes, and the most signatures.
  static let longest = 16_384
  static let mostSignatures = 32

  /// The text with its final newline.
  public let text: String
  public var signatures: [Signature]

  public init(text: String, signatures: [Signature]) {
    self.text = text
    self.signatures = signatures
  }

  public init(_ bytes: [UInt8]) throws(FormatError) {
    guard bytes.count <= Note.longest else { throw FormatError("longer than a note may be") }
    guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }),
      let whole = String(validating: bytes, as: UTF8.self)
    else { throw FormatError("a note is UTF-8 without control characters") }
    // The last empty line divides the text from the signatures.
    var lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.popLast()?.isEmpty == true, let blank = lines.lastIndex(where: \.isEmpty),
      blank > 0, blank < lines.count - 1, lines.count - blank - 1 <= Note.mostSignatures
    else { throw FormatError("a note is a text, an empty line, and signatures") }
    var signatures: [Signature] = []
    for line in lines[(blank + 1)...] { signatures.append(try Signature(line: line)) }
    text = lines[..<blank].joined(separator: "\n") + "\n"
    self.signatures = signatures
  }

  /// The whole note.
  public var bytes: [UInt8] {
    Array((text + "\n" + signatures.map { $0.line + "\n" }.joined()).utf8)
  }

  /// What a known key says of the note.
  public enum Verdict: Hashable, Sendable {
    case valid
    /// No signature of this key.
    case absent
    /// A signature of this key that is wrong: the whole note is to be refused.
    case invalid
  }

  public func verify(_ key: NoteKey) -> Verdict {
    var verdict = Verdict.absent
    for signature in signatures where signature.name == key.name && signature.id == key.id {
      guard key.isValid(signature.bytes, for: text) else { return .invalid }
      verdict = .valid
    }
    return verdict
  }

  /// When a witness cosigned the note, in seconds since 1970; nil unless it did, and rightly.
  public func cosigned(by witness: NoteKey) -> UInt64? {
    guard witness.kind == .cosignature, verify(witness) == .valid else { return nil }
    return signatures.first { $0.name == witness.name && $0.id == witness.id }
      .flatMap { NoteKey.time(of: $0.bytes) }
  }
}

/// The number in four bytes, the highest first.
func bigEndian(_ number: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}

private func isKeyName(_ name: String) -> Bool {
  !name.isEmpty
    && name.unicodeScalars.allSatisfy {
      $0 != "+" && $0.value >= 0x20 && !$0.properties.isWhitespace
    }
}
