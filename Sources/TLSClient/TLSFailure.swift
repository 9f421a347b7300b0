// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// Why there is no connection to a server, or no more of it.
public enum TLSFailure: Error, Hashable, Sendable {
  /// A file of the identity cannot be used.
  case material(Material)
  /// No address belongs to the host.
  case noSuchHost
  /// Nobody takes the connection, or the network carries it nowhere.
  case unreachable
  /// Nothing came within the time allowed.
  case slow
  /// The connection ended without the end that TLS has.
  case cut
  /// The server's certificate is not one to believe.
  case certificate(CertificateRefusal)
  /// The server does not speak TLS 1.3.
  case version
  /// What the server sends is no TLS, or not as RFC 8446 has it.
  case notTLS
  /// The server refused this side, by the number of its alert (RFC 8446 §6.2).
  case refused(alert: Int32)
  /// libssl refuses what it must offer.
  case libraryFailed

  /// Which part of an identity.
  public enum Material: String, Hashable, Sendable {
    case authority, certificate, key, list
    /// The key does not belong to the certificate.
    case pair
  }
}
