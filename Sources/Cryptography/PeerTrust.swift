// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Why a certificate is not taken.
public enum CertificateRefusal: Error, Hashable, Sendable {
  /// No certificate, or more than one thing.
  case malformed
  /// Not issued by the authority.
  case issuer
  case notYetValid
  case expired
  case revoked
  /// Issued for another use.
  case usage
  /// Its name is not one of those that are expected.
  case name
  /// The revocation list is missing, too old or not the authority's.
  case revocationList
  /// Anything else, by libcrypto's number.
  case other(Int32)
}

extension CertificateRefusal {
  /// Reads what libcrypto says of a chain that it did not believe (X509_STORE_CTX_get_error(3)).
  public init(verification number: Int32) {
    self =
      switch number {
      case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
      case X509_V_ERR_CERT_HAS_EXPIRED: .expired
      case X509_V_ERR_CERT_REVOKED: .revoked
      case X509_V_ERR_INVALID_PURPOSE: .usage
      case X509_V_ERR_HOSTNAME_MISMATCH: .name
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
        X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
        X509_V_ERR_CERT_CHAIN_TOO_LONG:
        .issuer
      case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_SIGNATURE_FAILURE,
        X509_V_ERR_CRL_NOT_YET_VALID, X509_V_ERR_CRL_HAS_EXPIRED,
        X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
        .revocationList
      default: .other(number)
      }
  }
}

/// One authority and its revocation list: what a peer's certificate is held against.
///
/// Nothing of the system's trust store is used, no chain beyond one step, and nothing is fetched.
@safe public final class PeerTrust: @unchecked Sendable {
  // Never changes after it was made; libcrypto locks its own caches.
  private let store: OpaquePointer
  private let authority: Certificate

  /// - Parameters:
  ///   - authority: a certificate that may sign certificates and lists, and that says so.
  ///   - list: its list; whether it is the authority's is seen at each check.
  public init(authority: Certificate, list: RevocationList) throws(CryptographyError) {
    guard authority.isAuthority else { throw .invalidKey }
    guard let store = unsafe X509_STORE_new() else { throw .libraryFailed }
    unsafe self.store = unsafe store
    self.authority = authority
    defer { ERR_clear_error() }
    guard unsafe X509_STORE_add_cert(store, authority.pointer) == 1,
      unsafe X509_STORE_add_crl(store, list.pointer) == 1,
      unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT)) == 1
    else { throw .libraryFailed }
  }

  deinit { unsafe X509_STORE_free(store) }

  /// What a certificate may be used for.
  public enum Use: Sendable {
    case client
    case server
  }

  // SEC-041 SEC-368: issuer, dates, use and revocation, each time anew.
  /// Refuses a certificate unless everything about it is right.
  ///
  /// - Parameter time: seconds since 1970.
  public func check(
    _ certificate: Certificate, for use: Use, at time: Int64
  ) throws(CertificateRefusal) {
    defer { ERR_clear_error() }
    guard let context = unsafe X509_STORE_CTX_new() else { throw .other(-1) }
    defer { unsafe X509_STORE_CTX_free(context) }
    guard unsafe X509_STORE_CTX_init(context, store, certificate.pointer, nil) == 1,
      unsafe X509_STORE_CTX_set_purpose(
        context, use == .client ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER) == 1
    else { throw .other(-1) }
    let parameters = unsafe X509_STORE_CTX_get0_param(context)
    unsafe X509_VERIFY_PARAM_set_time(parameters, Int(time))
    // The authority itself issues; nothing between.
    unsafe X509_VERIFY_PARAM_set_depth(parameters, 0)
    // 112 bits: no SHA-1 and no short key.
    unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    guard unsafe X509_verify_cert(context) == 1 else {
      throw CertificateRefusal(verification: unsafe X509_STORE_CTX_get_error(context))
    }
    // The trusted certificate itself passes for one that it issued.
    guard certificate.der != authority.der, certificate.allows(use) else { throw .usage }
  }
}
