// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import NIOCore
import NIOSSL
import ServiceAPI

/// What the gateway is on the network, and whom it takes for whom.
final class Identity: Sendable {
  let standing: NetworkStanding
  let configuration: TLSConfiguration
  private let trust: PeerTrust

  init(_ standing: NetworkStanding, signer: HandshakeSigner) throws {
    self.standing = standing
    trust = try PeerTrust(
      authority: Certificate(pem: standing.authority),
      list: RevocationList(pem: standing.list))
    let own = try NIOSSLCertificate(bytes: Array(standing.certificate.utf8), format: .pem)
    let authority = try NIOSSLCertificate(bytes: Array(standing.authority.utf8), format: .pem)
    // SEC-044: the key is the service's; here is somebody who asks it.
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: [.certificate(own)],
      privateKey: .privateKey(NIOSSLPrivateKey(customPrivateKey: signer)))
    // SEC-040: TLS 1.3 with certificates of both sides, and nothing else.
    configuration.minimumTLSVersion = .tlsv13
    configuration.maximumTLSVersion = .tlsv13
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .certificates([authority])
    // Who is sent away holds its place no longer than this.
    configuration.shutdownTimeout = .seconds(1)
    configuration.applicationProtocols = ["http/1.1"]
    self.configuration = configuration
  }

  /// The second since 1970 that it is: what dates are held against.
  static var second: Int64 { Int64(Date().timeIntervalSince1970) }

  // SEC-368: the peer's standing now, not as it was when it connected.
  /// The node whose certificate this is; the same identity, certificate and second give the same answer.
  func check(
    _ certificate: Certificate, at second: Int64
  ) throws(CertificateRefusal) -> NetworkNode {
    try trust.check(certificate, for: .client, at: second)
    guard let node = standing.nodes.first(where: { certificate.isNamed($0.name) }) else {
      throw .name
    }
    return node
  }
}
