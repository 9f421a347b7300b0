// SPDX-License-Identifier: Apache-2.0

internal import CSSL
import Cryptography

/// The client's side of one TLS connection, over bytes.
///
/// What comes from the network goes in, and what goes there comes out. It knows no socket.
@safe final class TLSEngine {
  private let connection: OpaquePointer
  // The connection owns both.
  private let wireIn: OpaquePointer
  private let wireOut: OpaquePointer
  private let identity: TLSIdentity

  /// - Parameter name: the DNS name that the server's certificate must have.
  init(_ identity: TLSIdentity, name: String) throws(TLSFailure) {
    self.identity = identity
    defer { ERR_clear_error() }
    guard let connection = unsafe SSL_new(identity.context) else { throw .libraryFailed }
    guard let wireIn = unsafe BIO_new(BIO_s_mem()), let wireOut = unsafe BIO_new(BIO_s_mem())
    else {
      unsafe SSL_free(connection)
      throw .libraryFailed
    }
    unsafe SSL_set_bio(connection, wireIn, wireOut)
    unsafe SSL_set_connect_state(connection)
    unsafe self.connection = unsafe connection
    unsafe self.wireIn = unsafe wireIn
    unsafe self.wireOut = unsafe wireOut
    // SEC-433: the name is one of the certificate's alternative names, spelled out.
    let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS)
    unsafe SSL_set_hostflags(connection, flags)
    guard !name.isEmpty, unsafe SSL_set1_host(connection, name) == 1,
      unsafe rp_announce(connection, name) == 1
    else { throw .libraryFailed }
  }

  deinit { unsafe SSL_free(connection) }

  /// Takes what came from the network.
  func take(_ bytes: [UInt8]) throws(TLSFailure) {
    guard !bytes.isEmpty else { return }
    guard unsafe BIO_write(wireIn, bytes, Int32(bytes.count)) == Int32(bytes.count) else {
      throw .libraryFailed
    }
  }

  /// What has to go to the network.
  func given() -> [UInt8] {
    let count = unsafe BIO_ctrl_pending(wireOut)
    guard count > 0 else { return [] }
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      done = unsafe Int(max(0, BIO_read(wireOut, buffer.baseAddress, Int32(count))))
    }
  }

  /// Goes on with the handshake; false while bytes of the server's are missing.
  func handshake() throws(TLSFailure) -> Bool {
    ERR_clear_error()
    let result = unsafe SSL_do_handshake(connection)
    if result == 1 { return true }
    guard try isWaiting(result) else { throw .cut }
    return false
  }

  /// Encrypts; ``given()`` has it then.
  func write(_ bytes: [UInt8]) throws(TLSFailure) {
    ERR_clear_error()
    guard !bytes.isEmpty else { return }
    let result = unsafe SSL_write(connection, bytes, Int32(bytes.count))
    guard result == Int32(bytes.count) else {
      _ = try isWaiting(result)
      throw .libraryFailed
    }
  }

  /// What the server said; nil while bytes are missing, none when it said its last.
  func read() throws(TLSFailure) -> [UInt8]? {
    ERR_clear_error()
    var result: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, done in
      result = unsafe SSL_read(connection, buffer.baseAddress, 16_384)
      done = Int(max(0, result))
    }
    if result > 0 { return bytes }
    return try isWaiting(result) ? nil : []
  }

  /// Whether more bytes of the server's are needed; false at the end that TLS has.
  private func isWaiting(_ result: Int32) throws(TLSFailure) -> Bool {
    switch unsafe SSL_get_error(connection, result) {
    case SSL_ERROR_WANT_READ: return true
    case SSL_ERROR_ZERO_RETURN: return false
    default:
      let verdict = Int32(truncatingIfNeeded: unsafe SSL_get_verify_result(connection))
      let reason = rp_reason(ERR_peek_error())
      ERR_clear_error()
      if verdict != X509_V_OK {
        throw .certificate(CertificateRefusal(verification: verdict))
      }
      throw Self.failure(reason)
    }
  }

  static func failure(_ reason: Int32) -> TLSFailure {
    switch reason {
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: .version
    // libssl numbers an alert of the peer by 1000 and the alert's own number.
    case 1_000...1_255: .refused(alert: reason - 1_000)
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: .cut
    default: .notTLS
    }
  }
}
