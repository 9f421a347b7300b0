// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL
import ServiceAPI

/// The pump's TLS key as this process has it: somebody else signs.
final class HandshakeSigner: NIOSSLCustomPrivateKey, Hashable {
  private struct NoSignature: Error {}

  let signatureAlgorithms: [SignatureAlgorithm] = [.ecdsaSecp256R1Sha256]
  private let link: ServiceLink
  /// One thread that may wait, so that no event loop does.
  private let thread = NIOThreadPool(numberOfThreads: 1)

  init(link: ServiceLink) {
    self.link = link
    thread.start()
  }

  func sign(
    channel: any Channel, algorithm: SignatureAlgorithm, data: ByteBuffer
  ) -> EventLoopFuture<ByteBuffer> {
    guard algorithm == .ecdsaSecp256R1Sha256 else {
      return channel.eventLoop.makeFailedFuture(NoSignature())
    }
    let link = link
    return thread.runIfActive(eventLoop: channel.eventLoop) {
      guard case .signature(let signature) = try link.ask(.sign(Array(data.readableBytesView)))
      else { throw NoSignature() }
      return ByteBuffer(bytes: signature)
    }
  }

  func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
    channel.eventLoop.makeFailedFuture(NoSignature())
  }

  static func == (one: HandshakeSigner, other: HandshakeSigner) -> Bool { one === other }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
