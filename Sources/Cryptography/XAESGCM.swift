// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// XAES-256-GCM (C2SP): AES-256-GCM with a nonce of 192 bits, drawn at random for every message.
///
/// Up to 2^80 messages may be sealed under one key, and a restored backup cannot make a nonce repeat.
/// Each message's own AES key is derived with CMAC as NIST SP 800-108 says.
public enum XAESGCM {
  public static let keySize = 32
  public static let nonceSize = 24
  /// How much longer a sealed message is than its plaintext.
  public static let overhead = nonceSize + AESGCM.tagSize

  /// The nonce, the ciphertext and the tag.
  public static func seal(
    _ plaintext: [UInt8], key: borrowing SecretBytes, authenticating context: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    let nonce = try RandomBytes.make(nonceSize)
    return try nonce + seal(plaintext, key: key, nonce: nonce, authenticating: context)
  }

  /// The plaintext of what ``seal(_:key:authenticating:)`` made; throws
  /// ``CryptographyError/notAuthentic`` for anything else.
  public static func open(
    _ sealed: [UInt8], key: borrowing SecretBytes, authenticating context: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    guard sealed.count >= overhead else { throw .notAuthentic }
    let nonce = Array(sealed[..<nonceSize])
    return try AESGCM.open(
      Array(sealed[nonceSize...]), key: derive(key, nonce), nonce: Array(nonce[12...]),
      authenticating: context)
  }

  /// The ciphertext and the tag under a given nonce, for the published vectors alone.
  package static func seal(
    _ plaintext: [UInt8], key: borrowing SecretBytes, nonce: [UInt8],
    authenticating context: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    guard nonce.count == nonceSize else { throw .invalidParameter }
    return try AESGCM.seal(
      plaintext, key: derive(key, nonce), nonce: Array(nonce[12...]), authenticating: context)
  }

  /// The key of one message: CMAC of the key over a counter, "X" and the nonce's first half.
  private static func derive(
    _ key: borrowing SecretBytes, _ nonce: [UInt8]
  ) throws(CryptographyError) -> SecretBytes {
    guard key.count == keySize else { throw .invalidKey }
    return unsafe try key.withUnsafeBytes { (key) throws(CryptographyError) in
      unsafe try SecretBytes(secret: keySize) { (output) throws(CryptographyError) in
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .libraryFailed }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let start = unsafe key.assumingMemoryBound(to: UInt8.self).baseAddress
        var made: Int32 = 0
        guard unsafe EVP_EncryptInit_ex2(context, Ciphers.block.method, start, nil, nil) == 1,
          unsafe EVP_CIPHER_CTX_set_padding(context, 0) == 1,
          // The CMAC subkey is made in the output's own memory.
          unsafe EVP_EncryptUpdate(context, output, &made, zeros, 16) == 1, made == 16
        else { throw .libraryFailed }
        let reduced: UInt8 = unsafe output[0] & 0x80 == 0 ? 0 : 0x87
        for index in 0..<16 {
          let next: UInt8 = unsafe index < 15 ? output[index + 1] >> 7 : 0
          unsafe output[index] = output[index] << 1 | next
        }
        unsafe output[15] ^= reduced
        for index in 0..<16 { unsafe output[16 + index] = output[index] }
        for half in 0..<2 {
          unsafe output[16 * half + 1] ^= UInt8(half + 1)
          unsafe output[16 * half + 2] ^= 0x58
          for index in 0..<12 { unsafe output[16 * half + 4 + index] ^= nonce[index] }
        }
        guard unsafe EVP_EncryptUpdate(context, output, &made, output, 32) == 1, made == 32 else {
          throw .libraryFailed
        }
      }
    }
  }

  private static let zeros = [UInt8](repeating: 0, count: 16)
}
