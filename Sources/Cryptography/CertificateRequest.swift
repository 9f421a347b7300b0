// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// A request for a certificate (PKCS #10, RFC 2986).
public enum CertificateRequest {
  /// A request of this key for a certificate of this DNS name, in PEM.
  public static func make(
    name: String, key: P256.PrivateKey
  ) throws(CryptographyError) -> String {
    let wanted = DER.sequence(
      DER.identifier(1, 2, 840, 113_549, 1, 9, 14),
      DER.set(DER.sequence(DER.alternativeName(name))))
    let content = DER.sequence(
      DER.integer(0), DER.name(name), key.publicKey.der, DER.explicit(0, wanted))
    return PEM.encode(try DER.signed(content, by: key), kind: .certificateRequest)
  }
}

extension CertificateRequest {
  /// The longest that is read, in bytes of PEM.
  package static let longest = 8_192

  // SEC-377: whoever asks has the key, and asks for the name that they are given.
  /// The key of a request whose signature is that key's, and whose subject is this common name.
  package static func key(of pem: String, named name: String) throws(CryptographyError)
    -> P256.PublicKey
  {
    defer { ERR_clear_error() }
    let der = try PEM.decode(pem, kind: .certificateRequest, longest: longest)
    var consumed = 0
    let parsed = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var next = buffer.baseAddress
      let item = unsafe d2i_X509_REQ(nil, &next, buffer.count)
      if let start = buffer.baseAddress, let next = unsafe next { consumed = unsafe next - start }
      return unsafe item
    }
    guard let request = unsafe parsed else { throw .invalidParameter }
    defer { unsafe X509_REQ_free(request) }
    guard consumed == der.count, let own = unsafe X509_REQ_get0_pubkey(request),
      unsafe X509_REQ_verify(request, own) == 1
    else { throw .notAuthentic }
    var subject: UnsafeMutablePointer<UInt8>?
    let nameLength = unsafe i2d_X509_NAME(X509_REQ_get_subject_name(request), &subject)
    guard unsafe taken(subject, nameLength) == DER.name(name) else { throw .invalidParameter }
    var info: UnsafeMutablePointer<UInt8>?
    let keyLength = unsafe i2d_PUBKEY(own, &info)
    return try P256.PublicKey(der: unsafe taken(info, keyLength))
  }

  /// What libcrypto wrote into memory of its own, which is freed; nothing when it failed.
  private static func taken(_ address: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> [UInt8] {
    guard count > 0, let address = unsafe address else { return [] }
    defer { unsafe CRYPTO_free(address, nil, 0) }
    return unsafe Array(UnsafeBufferPointer(start: address, count: Int(count)))
  }
}
