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
  /// Until then a request that was given more time may go on; nil for one that was not.
  private var end: NIODeadline?

  // SRS-184: who sends slowly holds a place for this long and no longer.
  func handlerAdded(context: ChannelHandlerContext) { begin(context, Self.patience) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    // Time that was given to a request before is not this one's.
    case .head: end = nil
    case .body:
      // SEC-425: one that was given more time is not quiet for longer than any other.
      if let end { begin(context, min(Self.patience, end - .now())) }
    case .end:
      end = nil
      begin(context, Self.patience)
    }
    context.fireChannelRead(data)
  }

  func handlerRemoved(context: ChannelHandlerContext) { waiting?.cancel() }

  /// Gives the request that is coming so much time from now, as long as some of it comes all along.
  fileprivate func extend(by time: TimeAmount, context: ChannelHandlerContext) {
    end = .now() + time
    begin(context, min(Self.patience, time))
  }

  private func begin(_ context: ChannelHandlerContext, _ time: TimeAmount) {
    waiting?.cancel()
    let channel = context.channel
    waiting = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
  }
}

/// The deadline of a connection's requests, for who answers one.
struct Deadline: Sendable {
  let channel: any Channel

  /// Gives the request that is coming so many seconds from now.
  func extend(by seconds: Int64) {
    let channel = channel
    channel.eventLoop.execute {
      guard
        let found = try? channel.pipeline.syncOperations.context(handlerType: RequestDeadline.self),
        let handler = found.handler as? RequestDeadline
      else { return }
      handler.extend(by: .seconds(seconds), context: found)
    }
  }
}
