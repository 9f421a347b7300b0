// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTPTypes

/// Ends a connection whose next request is not whole in time, however many bytes come.
final class RequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  /// From the end of one request, or from the connection, to the end of the next.
  static let patience = TimeAmount.seconds(15)

  private var waiting: Scheduled<Void>?

  // SRS-184: who sends slowly holds a place for this long and no longer.
  func handlerAdded(context: ChannelHandlerContext) { begin(context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .end = unwrapInboundIn(data) { begin(context) }
    context.fireChannelRead(data)
  }

  func handlerRemoved(context: ChannelHandlerContext) { waiting?.cancel() }

  private func begin(_ context: ChannelHandlerContext) {
    waiting?.cancel()
    let channel = context.channel
    waiting = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
  }
}
