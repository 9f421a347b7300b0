// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104): 32 bytes.
public enum HMACSHA256 {
  /// The code of the bytes under the key.
  public static func code(
    for bytes: [UInt8], key: borrowing SecretBytes
  ) throws(CryptographyError) -> [UInt8] {
    let code = unsafe key.withUnsafeBytes { (key) -> [UInt8]? in
      var code = [UInt8](repeating: 0, count: SHA256.size)
      let made = unsafe code.withUnsafeMutableBufferPointer { output in
        unsafe bytes.withUnsafeBufferPointer { input in
          unsafe HMAC(
            EVP_sha256(), key.baseAddress, Int32(key.count), input.baseAddress, input.count,
            output.baseAddress, nil) != nil
        }
      }
      return made ? code : nil
    }
    guard let code else { throw .libraryFailed }
    return code
  }

  /// Whether the code is that of the bytes, in a time that does not depend on where it differs.
  public static func isValid(
    _ code: [UInt8], for bytes: [UInt8], key: borrowing SecretBytes
  ) throws(CryptographyError) -> Bool {
    try SecretMemory.equal(code, self.code(for: bytes, key: key))
  }
}

/// HKDF-SHA-256 (RFC 5869): keys from a key.
public enum HKDFSHA256 {
  /// `count` (1…8,160) bytes of key for the purpose that `info` (at most 1,024 bytes) names.
  public static func derive(
    _ count: Int, from key: borrowing SecretBytes, salt: [UInt8] = [], info: [UInt8]
  ) throws(CryptographyError) -> SecretBytes {
    guard (1...8_160).contains(count), info.count <= 1_024 else { throw .invalidParameter }
    let size = SHA256.size
    // RFC 5869 §2.2: no salt is a salt of zeros.
    let salt = salt.isEmpty ? [UInt8](repeating: 0, count: size) : salt
    let extracted = unsafe try key.withUnsafeBytes { (key) throws(CryptographyError) in
      unsafe try SecretBytes(secret: size) { (output) throws(CryptographyError) in
        unsafe try code(salt, of: key, output)
      }
    }
    return unsafe try extracted.withUnsafeBytes { (root) throws(CryptographyError) in
      unsafe try SecretBytes(secret: count) { (output) throws(CryptographyError) in
        unsafe try expand(root, info: info, into: output, count: count)
      }
    }
  }

  private static func code(
    _ salt: [UInt8], of input: UnsafeRawBufferPointer, _ output: UnsafeMutablePointer<UInt8>
  ) throws(CryptographyError) {
    let start = unsafe input.assumingMemoryBound(to: UInt8.self).baseAddress
    guard
      unsafe HMAC(EVP_sha256(), salt, Int32(salt.count), start, input.count, output, nil) != nil
    else { throw .libraryFailed }
  }

  private static func expand(
    _ root: UnsafeRawBufferPointer, info: [UInt8], into output: UnsafeMutablePointer<UInt8>,
    count: Int
  ) throws(CryptographyError) {
    // The block before, the purpose, the block's number; and then the block itself.
    let size = SHA256.size
    let framed = size + info.count + 1
    _ = unsafe try SecretBytes(secret: framed + size) { (work) throws(CryptographyError) in
      for index in info.indices { unsafe work[size + index] = info[index] }
      var made = 0
      var block: UInt8 = 0
      while made < count {
        block += 1
        unsafe work[framed - 1] = block
        let skipped = block == 1 ? size : 0
        let result = unsafe HMAC(
          EVP_sha256(), root.baseAddress, Int32(root.count), work + skipped, framed - skipped,
          work + framed, nil)
        guard unsafe result != nil else { throw .libraryFailed }
        for index in 0..<size {
          unsafe work[index] = work[framed + index]
          if made + index < count { unsafe output[made + index] = work[index] }
        }
        made += size
      }
    }
  }
}
