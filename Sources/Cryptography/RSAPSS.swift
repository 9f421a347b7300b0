// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// RSASSA-PSS with SHA-256 and MGF1-SHA-256 (RFC 8017); verification alone.
public enum RSAPSS {
  /// A key that verifies; 2,048 to 8,192 bits.
  public struct PublicKey: Sendable {
    private let key: PKey

    /// The key in DER (SubjectPublicKeyInfo).
    public init(der: [UInt8]) throws(CryptographyError) {
      try self.init(PKey.publicKey(der: der))
    }

    /// The key in PEM (`BEGIN PUBLIC KEY`).
    public init(pem: String) throws(CryptographyError) {
      try self.init(PKey.publicKey(pem: pem))
    }

    private init(_ key: PKey) throws(CryptographyError) {
      guard key.kind == EVP_PKEY_RSA, (2_048...8_192).contains(key.bits) else { throw .invalidKey }
      self.key = key
    }

    /// Whether the signature is this key's over the message, with a salt of 32 bytes.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
      signature.count == (key.bits + 7) / 8
        && key.verify(signature, of: message, hash: .sha256, pss: true)
    }
  }
}
