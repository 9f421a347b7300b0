// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Ed25519 signatures (RFC 8032).
public enum Ed25519 {
  public static let keySize = 32
  public static let signatureSize = 64

  /// A key that signs.
  ///
  /// It keeps its seed in secret memory.
  public struct PrivateKey: Sendable {
    private let key: PKey
    public let publicKey: PublicKey

    /// A new key.
    public init() throws(CryptographyError) {
      try self.init(seed: SecretBytes(random: Ed25519.keySize))
    }

    /// The key of a seed of 32 bytes.
    public init(seed: borrowing SecretBytes) throws(CryptographyError) {
      guard SecretMemory.isLocked else { throw .noSecretMemory }
      guard seed.count == Ed25519.keySize else { throw .invalidKey }
      let pointer = unsafe seed.withUnsafeBytes { seed in
        unsafe EVP_PKEY_new_raw_private_key(
          EVP_PKEY_ED25519, nil, seed.assumingMemoryBound(to: UInt8.self).baseAddress, seed.count)
      }
      key = unsafe try PKey.owning(pointer)
      publicKey = try PublicKey(key)
    }

    /// The seed, for the key store to wrap.
    public func seed() throws(CryptographyError) -> SecretBytes {
      let pointer = unsafe key.pointer
      return unsafe try SecretBytes(secret: Ed25519.keySize) { (bytes) throws(CryptographyError) in
        var count = Ed25519.keySize
        guard unsafe EVP_PKEY_get_raw_private_key(pointer, bytes, &count) == 1 else {
          throw .libraryFailed
        }
      }
    }

    /// The signature of the message, 64 bytes.
    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
      try key.sign(message, hash: nil)
    }
  }

  /// A key that verifies.
  public struct PublicKey: Sendable, Equatable {
    private let key: PKey
    /// The key as 32 bytes.
    public let bytes: [UInt8]

    /// The key of 32 bytes.
    ///
    /// A point of small order is refused, since a signature for it can be made without a key. A point
    /// of mixed order is taken, as RFC 8032 allows; keys come from a signed or sealed place.
    public init(_ bytes: [UInt8]) throws(CryptographyError) {
      guard bytes.count == Ed25519.keySize, !Ed25519.isOfSmallOrder(bytes) else {
        throw .invalidKey
      }
      key = unsafe try PKey.owning(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count))
      self.bytes = bytes
    }

    fileprivate init(_ key: PKey) throws(CryptographyError) {
      var bytes = [UInt8](repeating: 0, count: Ed25519.keySize)
      var count = bytes.count
      guard unsafe EVP_PKEY_get_raw_public_key(key.pointer, &bytes, &count) == 1 else {
        throw .libraryFailed
      }
      try self.init(bytes)
    }

    /// Whether the signature is this key's over the message.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
      signature.count == Ed25519.signatureSize && key.verify(signature, of: message, hash: nil)
    }

    public static func == (one: Self, other: Self) -> Bool { one.bytes == other.bytes }
  }

  /// Whether the point is one of the eight whose order divides 8, in any of their encodings.
  private static func isOfSmallOrder(_ bytes: [UInt8]) -> Bool {
    var y = bytes
    y[31] &= 0x7f
    return smallOrders.contains(y)
  }

  private static let smallOrders: [[UInt8]] = {
    // The y of 0, 1 and -1 modulo p, p and p + 1 in their place, and the two of order 8.
    let zeros = [UInt8](repeating: 0, count: 31)
    let ones = [UInt8](repeating: 0xff, count: 30) + [0x7f]
    let order8 = [
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ]
    // Written out in steps: one expression takes the type checker of Swift 6.2 too long.
    var found: [[UInt8]] = []
    for first: UInt8 in [0, 1] { found.append([first] + zeros) }
    for first: UInt8 in [0xec, 0xed, 0xee] { found.append([first] + ones) }
    for text in order8 { if let bytes = Hex.decode(text) { found.append(bytes) } }
    return found
  }()
}
