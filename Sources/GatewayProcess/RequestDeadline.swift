// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTPTypes

/// Ends a connection whose next request is not whole in time, however many bytes come, and one whose
/// answer does not go on.
///
/// An answer of any length goes on while its parts can be written: a client that takes none of them stops
/// the writing, and is sent away.
final class RequestDeadline: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// From the connection, or the last part of an answer, to the end of the next request; and from there,
  /// or the part before, to the next part of its answer.
  static let patience = TimeAmount.seconds(15)

  private var waiting: Scheduled<Void>?
  /// Until then a request that was given more time may go on; nil for one that was not.
  private var end: NIODeadline?
  /// Whether the request that is answered has come as a whole.
  private var isWhole = false

  // SRS-184: who sends slowly holds a place for this long and no longer.
  func handlerAdded(context: ChannelHandlerContext) { begin(context, Self.patience) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    // Time that was given to a request before is not this one's.
    case .head: (end, isWhole) = (nil, false)
    case .body:
      // SEC-425: one that was given more time is not quiet for longer than any other.
      if let end { begin(context, min(Self.patience, end - .now())) }
    case .end:
      (end, isWhole) = (nil, true)
      begin(context, Self.patience)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    // An answer that comes before its request was whole gives that no more time.
    if end == nil, isWhole { begin(context, Self.patience) }
    context.write(data, promise: promise)
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
