// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// A key of libcrypto, freed (and its secret part wiped) with the last reference.
///
/// Safe to send: it never changes after it was made, and libcrypto counts its own references.
@safe final class PKey: @unchecked Sendable {
  let pointer: OpaquePointer

  private init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

  deinit { unsafe EVP_PKEY_free(pointer) }

  /// A key that a function of libcrypto gave to the caller.
  static func owning(_ pointer: OpaquePointer?) throws(CryptographyError) -> PKey {
    guard let pointer = unsafe pointer else {
      ERR_clear_error()
      throw .invalidKey
    }
    return unsafe PKey(owning: pointer)
  }

  /// A public key in DER (SubjectPublicKeyInfo), without a byte after it.
  static func publicKey(der: [UInt8]) throws(CryptographyError) -> PKey {
    guard der.count <= 4_096 else { throw .invalidKey }
    var consumed = 0
    let pointer = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var next = buffer.baseAddress
      let key = unsafe d2i_PUBKEY(nil, &next, buffer.count)
      if let start = buffer.baseAddress, let next = unsafe next {
        consumed = unsafe next - start
      }
      return unsafe key
    }
    let key = unsafe try owning(pointer)
    guard consumed == der.count else { throw .invalidKey }
    return key
  }

  /// A public key in PEM (`BEGIN PUBLIC KEY`), at most 8 KiB.
  static func publicKey(pem: String) throws(CryptographyError) -> PKey {
    var text = pem
    let pointer = text.withUTF8 { utf8 -> OpaquePointer? in
      guard utf8.count <= 8_192,
        let source = unsafe BIO_new_mem_buf(utf8.baseAddress, Int32(utf8.count))
      else { return nil }
      defer { unsafe BIO_free(source) }
      // A callback that gives no password, so that nothing ever asks a terminal.
      return unsafe PEM_read_bio_PUBKEY(source, nil, { _, _, _, _ in -1 }, nil)
    }
    return unsafe try owning(pointer)
  }

  var kind: Int32 { unsafe EVP_PKEY_get_id(pointer) }
  var bits: Int { unsafe Int(EVP_PKEY_get_bits(pointer)) }

  /// The public key in DER (SubjectPublicKeyInfo).
  func der() throws(CryptographyError) -> [UInt8] {
    var address: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_PUBKEY(pointer, &address)
    guard count > 0, let address = unsafe address else { throw .libraryFailed }
    defer { unsafe CRYPTO_free(address, nil, 0) }
    return unsafe Array(UnsafeBufferPointer(start: address, count: Int(count)))
  }

  /// Whether the signature is this key's over the message.
  ///
  /// Any failure is a "no".
  func verify(
    _ signature: [UInt8], of message: [UInt8], hash: HashAlgorithm?, pss: Bool = false
  ) -> Bool {
    guard let context = unsafe EVP_MD_CTX_new() else { return false }
    defer {
      unsafe EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    var settings: OpaquePointer?
    guard unsafe EVP_DigestVerifyInit(context, &settings, hash?.method, nil, pointer) == 1 else {
      return false
    }
    if pss {
      guard unsafe EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1,
        unsafe EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1
      else { return false }
    }
    return unsafe EVP_DigestVerify(
      context, signature, signature.count, message, message.count) == 1
  }

  /// This key's signature over the message.
  func sign(_ message: [UInt8], hash: HashAlgorithm?) throws(CryptographyError) -> [UInt8] {
    guard let context = unsafe EVP_MD_CTX_new() else { throw .libraryFailed }
    defer {
      unsafe EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    var count = 0
    guard unsafe EVP_DigestSignInit(context, nil, hash?.method, nil, pointer) == 1,
      unsafe EVP_DigestSign(context, nil, &count, message, message.count) == 1
    else { throw .libraryFailed }
    var signature = [UInt8](repeating: 0, count: count)
    guard unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
      throw .libraryFailed
    }
    signature.removeLast(signature.count - count)
    return signature
  }
}
