// SPDX-License-Identifier: Apache-2.0

import Cryptography
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import ServiceAPI

/// TLS 1.3 with a certificate on both sides, then HTTP/1.1.
///
/// Each connection has a context of its own: a session ticket of one opens none on another, so that no
/// client comes in without its certificate.
struct PeerChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  /// A handshake that is not done by then is ended.
  static let handshake = TimeAmount.seconds(5)

  let base: HTTP1Channel
  let identity: CurrentIdentity
  let peers: Peers

  private struct NoIdentity: Error {}

  // SEC-041: no resumption past certificate and revocation.
  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let (identity, peers) = (identity, peers)
    let id = ObjectIdentifier(channel)
    channel.closeFuture.whenComplete { _ in peers.leave(id) }
    peers.arrive(channel)?.close(promise: nil)
    channel.eventLoop.scheduleTask(in: Self.handshake) {
      if !peers.isLetIn(id) { channel.close(promise: nil) }
    }
    return channel.eventLoop.makeCompletedFuture {
      guard let current = identity.value else { throw NoIdentity() }
      let handler = NIOSSLServerHandler(
        context: try NIOSSLContext(configuration: current.configuration),
        customVerificationCallback: { chain, verdict in
          // SEC-041: a peer is refused in the handshake, before a byte of HTTP is read.
          let second = Identity.second
          do throws(CertificateRefusal) {
            guard let bytes = try? chain.first?.toDERBytes(),
              let certificate = try? Certificate(der: bytes)
            else { throw .malformed }
            let node = try current.check(certificate, at: second)
            let isIn = peers.letIn(id, certificate, as: node, by: current, at: second)
            verdict.succeed(isIn ? .certificateVerified : .failed)
          } catch {
            peers.refuse(id, DoorRefusal(error))
            verdict.succeed(.failed)
          }
        })
      try channel.pipeline.syncOperations.addHandler(handler)
    }.flatMap { base.setup(channel: channel, logger: logger) }
  }

  func handle(value: Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}
