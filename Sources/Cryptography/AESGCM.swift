// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// AES-256-GCM (NIST SP 800-38D).
///
/// A nonce must never repeat under one key.
public enum AESGCM {
  public static let keySize = 32
  public static let nonceSize = 12
  public static let tagSize = 16
  /// The longest message, in bytes.
  public static let longest = 1 << 30

  /// The ciphertext with the tag at its end.
  public static func seal(
    _ plaintext: [UInt8], key: borrowing SecretBytes, nonce: [UInt8],
    authenticating context: [UInt8] = []
  ) throws(CryptographyError) -> [UInt8] {
    let cipher = try GCM(key: key, nonce: nonce, context: context, seals: true)
    return try cipher.seal(plaintext)
  }

  /// The plaintext of what ``seal(_:key:nonce:authenticating:)`` made; throws
  /// ``CryptographyError/notAuthentic`` for anything else.
  public static func open(
    _ sealed: [UInt8], key: borrowing SecretBytes, nonce: [UInt8],
    authenticating context: [UInt8] = []
  ) throws(CryptographyError) -> [UInt8] {
    guard sealed.count >= tagSize else { throw .notAuthentic }
    let cipher = try GCM(key: key, nonce: nonce, context: context, seals: false)
    return try cipher.open(sealed)
  }
}

/// One message through libcrypto's AES-256-GCM.
@safe private struct GCM: ~Copyable {
  private let context: OpaquePointer

  init(
    key: borrowing SecretBytes, nonce: [UInt8], context aad: [UInt8], seals: Bool
  ) throws(CryptographyError) {
    guard key.count == AESGCM.keySize else { throw .invalidKey }
    guard nonce.count == AESGCM.nonceSize, aad.count <= AESGCM.longest else {
      throw .invalidParameter
    }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .libraryFailed }
    let started = unsafe key.withUnsafeBytes { key in
      unsafe EVP_CipherInit_ex2(
        context, Ciphers.gcm.method, key.assumingMemoryBound(to: UInt8.self).baseAddress, nonce,
        seals ? 1 : 0, nil)
    }
    var taken: Int32 = 0
    guard started == 1,
      unsafe aad.isEmpty || EVP_CipherUpdate(context, nil, &taken, aad, Int32(aad.count)) == 1
    else {
      unsafe EVP_CIPHER_CTX_free(context)
      throw .libraryFailed
    }
    unsafe self.context = unsafe context
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  consuming func seal(_ plaintext: [UInt8]) throws(CryptographyError) -> [UInt8] {
    guard plaintext.count <= AESGCM.longest else { throw .invalidParameter }
    let context = unsafe self.context
    var sealed = [UInt8](repeating: 0, count: plaintext.count + AESGCM.tagSize)
    let worked = unsafe sealed.withUnsafeMutableBufferPointer { output -> Bool in
      guard let start = output.baseAddress else { return false }
      var made: Int32 = 0
      if !plaintext.isEmpty {
        guard
          unsafe EVP_CipherUpdate(context, start, &made, plaintext, Int32(plaintext.count)) == 1,
          Int(made) == plaintext.count
        else { return false }
      }
      let tag = unsafe start + plaintext.count
      return unsafe EVP_CipherFinal_ex(context, tag, &made) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(AESGCM.tagSize), tag) == 1
    }
    guard worked else { throw .libraryFailed }
    return sealed
  }

  consuming func open(_ sealed: [UInt8]) throws(CryptographyError) -> [UInt8] {
    guard sealed.count - AESGCM.tagSize <= AESGCM.longest else { throw .notAuthentic }
    let context = unsafe self.context
    let size = sealed.count - AESGCM.tagSize
    var tag = Array(sealed[size...])
    var plaintext = [UInt8](repeating: 0, count: size + 1)
    let authentic = unsafe plaintext.withUnsafeMutableBufferPointer { output -> Bool in
      guard let start = output.baseAddress else { return false }
      var made: Int32 = 0
      if size > 0 {
        guard unsafe EVP_CipherUpdate(context, start, &made, sealed, Int32(size)) == 1,
          Int(made) == size
        else { return false }
      }
      guard
        unsafe EVP_CIPHER_CTX_ctrl(
          context, EVP_CTRL_AEAD_SET_TAG, Int32(AESGCM.tagSize), &tag) == 1
      else { return false }
      return unsafe EVP_CipherFinal_ex(context, start + size, &made) == 1
    }
    guard authentic else {
      SecretMemory.wipe(&plaintext)
      throw .notAuthentic
    }
    plaintext.removeLast()
    return plaintext
  }
}

/// A cipher of libcrypto, fetched once for the process.
@safe struct Ciphers: @unchecked Sendable {
  static let gcm = Ciphers("AES-256-GCM")
  static let block = Ciphers("AES-256-ECB")
  static let wrap = Ciphers("AES-256-WRAP-PAD")

  let method: OpaquePointer?

  private init(_ name: String) {
    unsafe method = unsafe EVP_CIPHER_fetch(nil, name, nil)
    unsafe precondition(method != nil, "libcrypto has no \(name)")
  }
}
