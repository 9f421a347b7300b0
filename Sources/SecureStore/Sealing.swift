// SPDX-License-Identifier: Apache-2.0

import Cryptography
import KeyStore

/// The place that a sealed record is bound to; it opens nowhere else.
struct Place {
  let table: String
  let key: Int64
  let version: Int64
  let keyID: KeyID

  /// The place as bytes, in which no two places are alike.
  private var bytes: [UInt8] {
    var bytes = Array("pumpdb/v1".utf8)
    for text in [table, "content"] {
      bytes.append(UInt8(truncatingIfNeeded: text.utf8.count))
      bytes += text.utf8
    }
    appendBigEndian(key, to: &bytes)
    appendBigEndian(version, to: &bytes)
    appendBigEndian(Int64(keyID.rawValue), to: &bytes)
    return bytes
  }

  // SEC-022: a record is encrypted, and bound to table, column, key, version and encryption key.
  func seal(_ content: [UInt8], _ keys: any KeySource) throws(KeyStoreError) -> [UInt8] {
    try keys.withKey(keyID) { (key) throws(CryptographyError) in try seal(content, under: key) }
  }

  /// The same, under the key of ``keyID`` that was lent.
  func seal(
    _ content: [UInt8], under key: borrowing SecretBytes
  ) throws(CryptographyError) -> [UInt8] {
    try XAESGCM.seal(content, key: key, authenticating: bytes)
  }

  func open(_ sealed: [UInt8], _ keys: any KeySource) throws(StoreError) -> [UInt8] {
    let context = bytes
    do throws(KeyStoreError) {
      return try keys.withKey(keyID) { (key) throws(CryptographyError) in
        try XAESGCM.open(sealed, key: key, authenticating: context)
      }
    } catch {
      switch error {
      case .noSuchKey: throw .destroyed(table: table, key: key)
      case .cryptography(.notAuthentic): throw .notAuthentic(table: table, key: key)
      default: throw .keys(error)
      }
    }
  }

  /// What the state root commits to: the place and the ciphertext, so that a destroyed key leaves it.
  func leaf(_ sealed: [UInt8]) -> [UInt8] { SHA256.hash(bytes + SHA256.hash(sealed)) }
}

func appendBigEndian(_ value: Int64, to bytes: inout [UInt8]) {
  for shift in stride(from: 56, through: 0, by: -8) {
    bytes.append(UInt8(truncatingIfNeeded: value >> Int64(shift)))
  }
}
