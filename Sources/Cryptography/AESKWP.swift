// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// AES-256 key wrap with padding (RFC 5649, NIST SP 800-38F): a key under a key.
public enum AESKWP {
  /// The wrapped key: its length, rounded up to 8 bytes, and 8 bytes more.
  public static func wrap(
    _ secret: borrowing SecretBytes, key: borrowing SecretBytes
  ) throws(CryptographyError) -> [UInt8] {
    guard key.count == 32 else { throw .invalidKey }
    let size = (secret.count + 7) / 8 * 8 + 8
    var wrapped = [UInt8](repeating: 0, count: size + 16)
    let count = unsafe secret.withUnsafeBytes { secret in
      unsafe key.withUnsafeBytes { key in
        unsafe transform(secret, key, seals: true, into: &wrapped)
      }
    }
    guard count == size else { throw .libraryFailed }
    return Array(wrapped[..<size])
  }

  /// The key that was wrapped; throws ``CryptographyError/notAuthentic`` for anything else.
  public static func unwrap(
    _ wrapped: [UInt8], key: borrowing SecretBytes
  ) throws(CryptographyError) -> SecretBytes {
    guard key.count == 32 else { throw .invalidKey }
    guard wrapped.count >= 16, wrapped.count <= 4_096, wrapped.count.isMultiple(of: 8) else {
      throw .notAuthentic
    }
    var count = -1
    let padded = unsafe try key.withUnsafeBytes { (key) throws(CryptographyError) in
      unsafe try SecretBytes(secret: wrapped.count + 16) { (output) throws(CryptographyError) in
        unsafe wrapped.withUnsafeBytes { wrapped in
          count = unsafe transform(wrapped, key, seals: false, into: output)
        }
        guard count > 0, count <= wrapped.count else { throw .notAuthentic }
      }
    }
    return unsafe try padded.withUnsafeBytes { (padded) throws(CryptographyError) in
      unsafe try SecretBytes(secret: count) { output in
        for index in 0..<count { unsafe output[index] = padded[index] }
      }
    }
  }

  /// The number of bytes made, or -1.
  private static func transform(
    _ input: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer, seals: Bool,
    into output: UnsafeMutablePointer<UInt8>
  ) -> Int {
    guard let context = unsafe EVP_CIPHER_CTX_new() else { return -1 }
    defer {
      unsafe EVP_CIPHER_CTX_free(context)
      ERR_clear_error()
    }
    unsafe EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
    var made: Int32 = 0
    let start = unsafe input.assumingMemoryBound(to: UInt8.self).baseAddress
    let keyStart = unsafe key.assumingMemoryBound(to: UInt8.self).baseAddress
    guard
      unsafe EVP_CipherInit_ex2(
        context, Ciphers.wrap.method, keyStart, nil, seals ? 1 : 0, nil) == 1,
      unsafe EVP_CipherUpdate(context, output, &made, start, Int32(input.count)) == 1
    else { return -1 }
    return Int(made)
  }
}
