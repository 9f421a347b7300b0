// SPDX-License-Identifier: Apache-2.0

internal import CSSL

/// Who this side is, and whom it believes: one authority, and nothing of the system's trust store.
@safe public final class TLSIdentity: @unchecked Sendable {
  /// The longest text of each part, in bytes.
  public static let longest = 65_536

  // Never changes after it was made; libssl counts its own references.
  let context: OpaquePointer

  // SEC-432: TLS 1.3 alone, one pinned authority, one step, this side's certificate.
  /// - Parameters:
  ///   - authority: the certificate that issued the server's, PEM.
  ///   - list: the authority's revocation list, PEM; without one no certificate counts as revoked.
  ///   - certificate: this side's certificate, PEM.
  ///   - key: its private key, PEM without a password.
  public init(
    authority: [UInt8], list: [UInt8]?, certificate: [UInt8], key: [UInt8]
  ) throws(TLSFailure) {
    guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw .libraryFailed }
    unsafe self.context = unsafe context
    defer { ERR_clear_error() }
    guard unsafe rp_only_tls13(context) == 1 else { throw .libraryFailed }
    unsafe rp_keep_no_session(context)
    unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    let store = unsafe SSL_CTX_get_cert_store(context)
    try unsafe Self.read(authority, as: .authority) { source in
      guard let item = unsafe PEM_read_bio_X509(source, nil, unsafe Self.noPassword, nil) else {
        return false
      }
      defer { unsafe X509_free(item) }
      return unsafe X509_check_ca(item) == 1 && X509_STORE_add_cert(store, item) == 1
    }
    var flags = UInt(X509_V_FLAG_X509_STRICT)
    if let list {
      try unsafe Self.read(list, as: .list) { source in
        guard let item = unsafe PEM_read_bio_X509_CRL(source, nil, unsafe Self.noPassword, nil)
        else {
          return false
        }
        defer { unsafe X509_CRL_free(item) }
        return unsafe X509_STORE_add_crl(store, item) == 1
      }
      flags |= UInt(X509_V_FLAG_CRL_CHECK)
    }
    let parameters = unsafe SSL_CTX_get0_param(context)
    unsafe X509_VERIFY_PARAM_set_depth(parameters, 0)
    // 112 bits: no SHA-1 and no short key.
    unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    guard unsafe X509_VERIFY_PARAM_set_flags(parameters, flags) == 1 else { throw .libraryFailed }
    try unsafe Self.read(certificate, as: .certificate) { source in
      guard let item = unsafe PEM_read_bio_X509(source, nil, unsafe Self.noPassword, nil) else {
        return false
      }
      defer { unsafe X509_free(item) }
      return unsafe SSL_CTX_use_certificate(context, item) == 1
    }
    var fits = true
    try unsafe Self.read(key, as: .key) { source in
      guard let item = unsafe PEM_read_bio_PrivateKey(source, nil, unsafe Self.noPassword, nil)
      else {
        return false
      }
      defer { unsafe EVP_PKEY_free(item) }
      fits =
        unsafe SSL_CTX_use_PrivateKey(context, item) == 1
        && SSL_CTX_check_private_key(context) == 1
      return true
    }
    guard fits else { throw .material(.pair) }
  }

  deinit { unsafe SSL_CTX_free(context) }

  /// Gives no password, so that nothing ever asks a terminal.
  private static let noPassword:
    @convention(c) (
      UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, _, _, _ in -1 }

  private static func read(
    _ text: [UInt8], as part: TLSFailure.Material, _ body: (OpaquePointer?) -> Bool
  ) throws(TLSFailure) {
    guard (1...longest).contains(text.count) else { throw .material(part) }
    let taken = unsafe text.withUnsafeBufferPointer { buffer -> Bool in
      guard let source = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else {
        return false
      }
      defer { unsafe BIO_free(source) }
      return unsafe body(source)
    }
    guard taken else { throw .material(part) }
  }
}
