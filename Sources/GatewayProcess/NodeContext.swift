// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore
import ServiceAPI

/// A request with the node that makes it.
struct NodeContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection.
  let channel: ObjectIdentifier
  /// The node; nil until its certificate was looked at.
  var node: NetworkNode?

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = ObjectIdentifier(source.channel)
  }
}

/// Looks at the peer's certificate anew for each request, and counts its requests.
struct NodeMiddleware: RouterMiddleware {
  typealias Context = NodeContext

  let identity: CurrentIdentity
  let peers: Peers
  let limiter: Limiter

  /// The node at the far end of a connection, if it has one now.
  func node(_ channel: ObjectIdentifier) -> NetworkNode? {
    guard let current = identity.value else { return nil }
    return peers.node(channel, by: current, at: Identity.second)
  }

  func handle(
    _ request: Request, context: NodeContext,
    next: @concurrent (Request, NodeContext) async throws -> Response
  ) async throws -> Response {
    guard let node = node(context.channel) else {
      peers.refuse()
      throw Problem(.certificate, "the certificate is not good any more")
    }
    guard limiter.take(node.name) else {
      throw Problem(.rate, "more than \(limiter.rate.perSecond) requests a second", retryAfter: 1)
    }
    var context = context
    context.node = node
    return try await next(request, context)
  }
}
