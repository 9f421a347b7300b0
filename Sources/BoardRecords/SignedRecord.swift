// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import StrictJSON

/// Why a record, a plan or a checklist is not taken.
public enum RecordRefusal: Error, Hashable, Sendable {
  /// Larger than any that is made.
  case tooLarge
  case notJSON(JSONError)
  /// JSON, and not what it should be: which part.
  case malformed(String)
  /// Signed, but by another key than the one that is trusted.
  case wrongKey
  case badSignature
  /// A reading without a value.
  case missing(String)
  /// A value for a reading that the plan does not have, or a second one for the same.
  case unexpected(String)
  case cryptography
}

extension RecordRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLarge: "larger than \(SignedRecord.largest) bytes"
    case .notJSON(let error):
      "line \(error.place.line), column \(error.place.column): \(error.reason)"
    case .malformed(let part): "not of the form: \(part)"
    case .wrongKey: "signed by another key than the trusted one"
    case .badSignature: "the signature is not that of the record"
    case .missing(let id): "no value for \(id)"
    case .unexpected(let id): "a value too many: \(id)"
    case .cryptography: "the cryptography failed"
    }
  }
}

/// What was measured at a board, signed by who answers for it.
///
/// ```
/// {"format":1,"key":"…","kind":"calibration","record":{…},"signature":"…"}
/// ```
///
/// The signature is Ed25519 over the canonical bytes of `format`, `kind` and `record`, after a line that
/// names the use, so that a signature for anything else is none for a record.
public struct SignedRecord: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case bringUp = "bring-up"
    case calibration
  }

  /// Bytes of the largest record.
  public static var largest: Int { 65_536 }

  public let kind: Kind
  public let record: JSONNode
  /// The public key, 32 bytes.
  public let key: [UInt8]
  public let signature: [UInt8]

  public init(
    _ kind: Kind, _ record: JSONNode, signedBy key: Ed25519.PrivateKey
  ) throws(RecordRefusal) {
    self.kind = kind
    self.record = record
    self.key = key.publicKey.bytes
    do { signature = try key.sign(Self.message(kind, record)) } catch { throw .cryptography }
  }

  /// Reads a record; whose it is and whether it is whole says ``check(signedBy:)``.
  public init(bytes: [UInt8]) throws(RecordRefusal) {
    let node = try Self.read(bytes)
    guard node["format"]?.integer == 1 else { throw .malformed("format") }
    guard let kind = node["kind"]?.string.flatMap(Kind.init(rawValue:)) else {
      throw .malformed("kind")
    }
    guard let record = node["record"], record.members != nil else { throw .malformed("record") }
    guard let key = node["key"]?.string.flatMap({ Hex.decode($0) }), key.count == Ed25519.keySize
    else { throw .malformed("key") }
    guard let signature = node["signature"]?.string.flatMap({ Hex.decode($0) }),
      signature.count == Ed25519.signatureSize
    else { throw .malformed("signature") }
    guard node.members?.count == 5 else { throw .malformed("a key too many") }
    self.kind = kind
    self.record = record
    self.key = key
    self.signature = signature
    // One record has one spelling: digits of the other case would be another file and the same record.
    guard self.bytes == bytes else { throw .malformed("not the spelling that it is written in") }
  }

  /// The one spelling of the record, with a line end.
  public var bytes: [UInt8] {
    CanonicalJSON.bytes(
      .object([
        ("format", .integer(1)), ("key", .string(Hex.encode(key))),
        ("kind", .string(kind.rawValue)),
        ("record", record), ("signature", .string(Hex.encode(signature))),
      ])) + [0x0a]
  }

  /// Whether what was measured was good.
  public var passed: Bool { record["passed"]?.bool ?? false }

  /// Returns when the record is whole and the trusted key's.
  // SEC-367: a record counts when the key that is trusted signed exactly this.
  public func check(signedBy trusted: [UInt8]) throws(RecordRefusal) {
    guard trusted == key else { throw .wrongKey }
    let isValid: Bool
    do {
      isValid = try Ed25519.PublicKey(trusted).isValid(signature, for: Self.message(kind, record))
    } catch { throw .cryptography }
    guard isValid else { throw .badSignature }
  }

  static func read(_ bytes: [UInt8]) throws(RecordRefusal) -> JSONNode {
    guard bytes.count <= largest else { throw .tooLarge }
    do { return try JSONReader.read(bytes, limits: JSONLimits(depth: 8, size: largest)) } catch {
      throw .notJSON(error)
    }
  }

  private static func message(_ kind: Kind, _ record: JSONNode) -> [UInt8] {
    Array("ReferencePump board record\n".utf8)
      + CanonicalJSON.bytes(
        .object([("format", .integer(1)), ("kind", .string(kind.rawValue)), ("record", record)]))
  }
}
