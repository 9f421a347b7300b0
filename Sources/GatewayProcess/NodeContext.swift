// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore
import ServiceAPI

/// A request with the node that makes it.
struct NodeContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection.
  let channel: ObjectIdentifier
  /// How long its requests may take.
  let deadline: Deadline
  /// The node and its certificate; nil until that was looked at.
  var found: NetworkPeer?

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = ObjectIdentifier(source.channel)
    deadline = Deadline(channel: source.channel)
  }

  func peer() throws(Problem) -> NetworkPeer {
    guard let found else { throw Problem(.certificate, "there is no certificate") }
    return found
  }
}

/// Looks at the peer's certificate anew for each request, and counts its requests.
struct NodeMiddleware: RouterMiddleware {
  typealias Context = NodeContext

  let identity: CurrentIdentity
  let peers: Peers
  let limiter: Limiter

  /// The node at the far end of a connection, if it has one now.
  func peer(_ channel: ObjectIdentifier) -> NetworkPeer? {
    guard let current = identity.value else { return nil }
    return peers.peer(channel, by: current, at: Identity.second)
  }

  func handle(
    _ request: Request, context: NodeContext,
    next: @concurrent (Request, NodeContext) async throws -> Response
  ) async throws -> Response {
    guard let peer = peer(context.channel) else {
      peers.refuse(context.channel, .standing)
      throw Problem(.certificate, "the certificate is not good any more")
    }
    guard limiter.take(peer.node) else {
      throw Problem(.rate, "more than \(limiter.rate.perSecond) requests a second", retryAfter: 1)
    }
    var context = context
    context.found = peer
    return try await next(request, context)
  }
}
