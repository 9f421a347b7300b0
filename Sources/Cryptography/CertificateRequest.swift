// SPDX-License-Identifier: Apache-2.0

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
