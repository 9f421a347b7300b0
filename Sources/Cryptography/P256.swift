// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// ECDSA over NIST P-256 with SHA-256 (FIPS 186-5); signatures in DER.
public enum P256 {
  /// A key that signs.
  ///
  /// It keeps its scalar in secret memory.
  public struct PrivateKey: Sendable {
    private let key: PKey
    public let publicKey: PublicKey

    /// A new key.
    public init() throws(CryptographyError) {
      guard SecretMemory.isLocked else { throw .noSecretMemory }
      guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else {
        throw .libraryFailed
      }
      defer { unsafe EVP_PKEY_CTX_free(context) }
      var pointer: OpaquePointer?
      guard unsafe EVP_PKEY_keygen_init(context) == 1,
        unsafe EVP_PKEY_CTX_set_group_name(context, P256.group) == 1,
        unsafe EVP_PKEY_generate(context, &pointer) == 1
      else { throw .libraryFailed }
      key = unsafe try PKey.owning(pointer)
      publicKey = try PublicKey(key)
    }

    /// The key of a scalar of 32 bytes, big-endian.
    public init(scalar: borrowing SecretBytes) throws(CryptographyError) {
      guard SecretMemory.isLocked else { throw .noSecretMemory }
      guard scalar.count == 32 else { throw .invalidKey }
      let frame = P256.privateFrame
      // PKCS #8 around the scalar, in secret memory as well.
      let document = unsafe try scalar.withUnsafeBytes { (scalar) throws(CryptographyError) in
        unsafe try SecretBytes(secret: frame.count + scalar.count) { bytes in
          for index in frame.indices { unsafe bytes[index] = frame[index] }
          for index in scalar.indices { unsafe bytes[frame.count + index] = scalar[index] }
        }
      }
      let pointer = unsafe document.withUnsafeBytes { document in
        var next = unsafe document.assumingMemoryBound(to: UInt8.self).baseAddress
        return unsafe d2i_AutoPrivateKey(nil, &next, document.count)
      }
      key = unsafe try PKey.owning(pointer)
      publicKey = try PublicKey(key)
    }

    /// The scalar, for the key store to wrap.
    public func scalar() throws(CryptographyError) -> SecretBytes {
      var number: OpaquePointer?
      guard unsafe EVP_PKEY_get_bn_param(key.pointer, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 else {
        throw .libraryFailed
      }
      defer { unsafe BN_clear_free(number) }
      return unsafe try SecretBytes(secret: 32) { (bytes) throws(CryptographyError) in
        guard unsafe BN_bn2binpad(number, bytes, 32) == 32 else { throw .libraryFailed }
      }
    }

    /// The signature of the message, in DER.
    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
      try key.sign(message, hash: .sha256)
    }
  }

  /// A key that verifies.
  public struct PublicKey: Sendable, Equatable {
    private let key: PKey
    /// The point as 65 bytes: 04, x, y (SEC 1, uncompressed).
    public let point: [UInt8]

    /// The key of an uncompressed point of 65 bytes.
    public init(point: [UInt8]) throws(CryptographyError) {
      guard point.count == 65, point.first == 4 else { throw .invalidKey }
      try self.init(PKey.publicKey(der: P256.publicFrame + point))
    }

    /// The key in DER (SubjectPublicKeyInfo).
    public init(der: [UInt8]) throws(CryptographyError) {
      try self.init(PKey.publicKey(der: der))
    }

    /// The key in PEM (`BEGIN PUBLIC KEY`).
    public init(pem: String) throws(CryptographyError) {
      try self.init(PKey.publicKey(pem: pem))
    }

    fileprivate init(_ key: PKey) throws(CryptographyError) {
      guard key.kind == EVP_PKEY_EC, key.bits == 256 else { throw .invalidKey }
      let der = try key.der()
      // Nothing but a named curve and an uncompressed point has this form.
      guard der.count == P256.publicFrame.count + 65, der.starts(with: P256.publicFrame) else {
        throw .invalidKey
      }
      self.key = key
      point = Array(der[P256.publicFrame.count...])
    }

    /// The key in DER (SubjectPublicKeyInfo).
    public var der: [UInt8] { P256.publicFrame + point }

    /// Whether the signature (DER) is this key's over the message.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
      signature.count <= 72 && key.verify(signature, of: message, hash: .sha256)
    }

    public static func == (one: Self, other: Self) -> Bool { one.point == other.point }
  }

  /// The DER form of a signature of 64 bytes: r and s, big-endian; nil for another length.
  public static func signature(raw: [UInt8]) -> [UInt8]? {
    guard raw.count == 64 else { return nil }
    let numbers = [raw[..<32], raw[32...]].flatMap { half -> [UInt8] in
      var digits = Array(half.drop { $0 == 0 })
      if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
      return [0x02, UInt8(digits.count)] + digits
    }
    return [0x30, UInt8(numbers.count)] + numbers
  }

  static let group = "prime256v1"
  /// SubjectPublicKeyInfo up to the point (RFC 5480).
  static let publicFrame: [UInt8] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
  ]
  /// PKCS #8 with an ECPrivateKey up to the scalar (RFC 5958, RFC 5915).
  static let privateFrame: [UInt8] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
    0x01, 0x04, 0x20,
  ]
}
