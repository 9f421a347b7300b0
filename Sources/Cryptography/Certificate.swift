// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// An X.509 certificate, read and not yet believed.
@safe public final class Certificate: @unchecked Sendable {
  /// The longest that is read, in bytes of DER or PEM.
  public static let longest = 8_192

  // Never changes after it was made; libcrypto locks what it caches inside.
  let pointer: OpaquePointer
  /// The certificate in DER.
  public let der: [UInt8]

  /// A certificate in DER, without a byte after it.
  public init(der: [UInt8]) throws(CryptographyError) {
    defer { ERR_clear_error() }
    guard der.count <= Self.longest else { throw .invalidParameter }
    var consumed = 0
    let parsed = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var next = buffer.baseAddress
      let item = unsafe d2i_X509(nil, &next, buffer.count)
      if let start = buffer.baseAddress, let next = unsafe next { consumed = unsafe next - start }
      return unsafe item
    }
    guard let pointer = unsafe parsed else { throw .invalidParameter }
    guard consumed == der.count else {
      unsafe X509_free(pointer)
      throw .invalidParameter
    }
    unsafe self.pointer = unsafe pointer
    self.der = der
  }

  /// One certificate in PEM.
  public convenience init(pem: String) throws(CryptographyError) {
    try self.init(der: PEM.decode(pem, kind: .certificate, longest: Self.longest))
  }

  deinit { unsafe X509_free(pointer) }

  /// The certificate in PEM.
  public var pem: String { PEM.encode(der, kind: .certificate) }

  /// Its key, when that is one of P-256.
  public func publicKey() throws(CryptographyError) -> P256.PublicKey {
    defer { ERR_clear_error() }
    guard let key = unsafe X509_get0_pubkey(pointer) else { throw .invalidKey }
    var address: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_PUBKEY(key, &address)
    guard count > 0, let address = unsafe address else { throw .invalidKey }
    defer { unsafe CRYPTO_free(address, nil, 0) }
    return try P256.PublicKey(
      der: unsafe Array(UnsafeBufferPointer(start: address, count: Int(count))))
  }

  /// Seconds since 1970 until which it is valid.
  public var validUntil: Int64? { unsafe seconds(of: X509_get0_notAfter(pointer)) }

  /// Whether it says of itself that it may issue certificates and lists.
  var isAuthority: Bool {
    let usage = unsafe X509_get_key_usage(pointer)
    let wanted = UInt32(KU_KEY_CERT_SIGN | KU_CRL_SIGN)
    return unsafe X509_check_ca(pointer) == 1 && usage != .max && usage & wanted == wanted
  }

  /// Whether it is nobody's authority, and may be used for this and for signing.
  func allows(_ use: PeerTrust.Use) -> Bool {
    let extended = unsafe X509_get_extended_key_usage(pointer)
    let usage = unsafe X509_get_key_usage(pointer)
    let wanted = UInt32(use == .client ? XKU_SSL_CLIENT : XKU_SSL_SERVER)
    // A certificate without the extension says nothing about its use, and libcrypto answers all ones.
    guard unsafe X509_get_extension_flags(pointer) & UInt32(EXFLAG_CA) == 0 else { return false }
    return extended != .max && extended & wanted != 0
      && usage != .max && usage & UInt32(KU_DIGITAL_SIGNATURE) != 0
  }

  /// Whether this DNS name is among its alternative names; its subject says nothing, and a `*` is no name.
  public func isNamed(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS)
    return unsafe X509_check_host(pointer, name, name.utf8.count, flags, nil) == 1
  }
}

/// A certificate revocation list, read and not yet believed.
@safe public final class RevocationList: @unchecked Sendable {
  /// The longest that is read, in bytes of DER or PEM.
  public static let longest = 65_536

  let pointer: OpaquePointer

  /// One list in PEM.
  public init(pem: String) throws(CryptographyError) {
    defer { ERR_clear_error() }
    let der = try PEM.decode(pem, kind: .revocationList, longest: Self.longest)
    var consumed = 0
    let parsed = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var next = buffer.baseAddress
      let item = unsafe d2i_X509_CRL(nil, &next, buffer.count)
      if let start = buffer.baseAddress, let next = unsafe next { consumed = unsafe next - start }
      return unsafe item
    }
    guard let pointer = unsafe parsed else { throw .invalidParameter }
    guard consumed == der.count else {
      unsafe X509_CRL_free(pointer)
      throw .invalidParameter
    }
    unsafe self.pointer = unsafe pointer
  }

  deinit { unsafe X509_CRL_free(pointer) }

  /// Its number, which its issuer raises with each list; nil when it has none below 2⁶³.
  public var number: Int64? {
    defer { ERR_clear_error() }
    guard let data = unsafe X509_CRL_get_ext_d2i(pointer, NID_crl_number, nil, nil) else {
      return nil
    }
    let integer = unsafe data.assumingMemoryBound(to: ASN1_INTEGER.self)
    defer { unsafe ASN1_INTEGER_free(integer) }
    var number: Int64 = 0
    guard unsafe ASN1_INTEGER_get_int64(&number, integer) == 1, number >= 0 else { return nil }
    return number
  }

  /// Seconds since 1970 until which it is good.
  public var validUntil: Int64? { unsafe seconds(of: X509_CRL_get0_nextUpdate(pointer)) }
}

/// A time of X.509 as seconds since 1970.
private func seconds(of time: UnsafePointer<ASN1_TIME>?) -> Int64? {
  defer { ERR_clear_error() }
  guard let time = unsafe time, let epoch = unsafe ASN1_TIME_set(nil, 0) else { return nil }
  defer { unsafe ASN1_TIME_free(epoch) }
  var days: Int32 = 0
  var seconds: Int32 = 0
  guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
  return Int64(days) * 86_400 + Int64(seconds)
}
