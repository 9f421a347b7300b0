// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON

/// The pump's events as they happen: server-sent events that a client can take up where it left.
///
/// An event's id is the gateway's life and a number in it. A client that comes with an id of another life
/// is told that it missed some, and gets all there are.
struct EventStream {
  /// How often a quiet stream says that it is there.
  static let heartbeat = Duration.seconds(10)
  static let look = Duration.milliseconds(100)

  let view: PumpView
  /// Whether who listens may still do so.
  let isGood: @Sendable () -> Bool

  /// What a client asks for.
  struct Wish {
    var after: UInt64
    /// Its id is none that this life of the gateway gave.
    var isLost = false
    var follows = true
  }

  func wish(_ request: Request) throws(Problem) -> Wish {
    var wish = Wish(after: view.newest)
    let follow = request.uri.queryParameters.getAll("follow")
    guard follow.count <= 1, ["true", "false"].contains(follow.first ?? "true") else {
      throw Problem(.request, "follow: expected true or false")
    }
    wish.follows = follow.first != "false"
    let ids = request.headers.filter { $0.name.canonicalName == "last-event-id" }.map(\.value)
    guard let id = ids.first else { return wish }
    // One that this gateway never gave tells as much as one of another life.
    let own = view.life + "-"
    let number = ids.count == 1 && id.hasPrefix(own) ? UInt64(id.dropFirst(own.count)) : nil
    if let number, number <= view.newest {
      wish.after = number
    } else {
      (wish.after, wish.isLost) = (0, true)
    }
    return wish
  }

  func response(_ wish: Wish) -> Response {
    let (view, isGood) = (view, isGood)
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        var after = wish.after
        var quiet = ContinuousClock.now
        try await writer.write(ByteBuffer(string: ": here\n\n"))
        if wish.isLost {
          try await writer.write(ByteBuffer(string: "event: missed\ndata: {\"count\":null}\n\n"))
        }
        repeat {
          let (events, missed) = view.events(after: after)
          if missed > 0, !wish.isLost {
            try await writer.write(
              ByteBuffer(string: "event: missed\ndata: {\"count\":\(missed)}\n\n"))
          }
          for heard in events {
            let data = String(
              decoding: CanonicalJSON.text(StatusJSON.event(heard)), as: UTF8.self)
            try await writer.write(
              ByteBuffer(
                string: "id: \(view.life)-\(heard.number)\nevent: pump\ndata: \(data)\n\n"))
            after = heard.number
          }
          if !events.isEmpty { quiet = .now }
          if ContinuousClock.now - quiet > Self.heartbeat {
            quiet = .now
            try await writer.write(ByteBuffer(string: ": here\n\n"))
          }
          guard wish.follows else { break }
          try await Task.sleep(for: Self.look)
          // SEC-368: a stream ends with the standing of who listens.
        } while !Task.isCancelled && isGood()
        try await writer.finish(nil)
      })
  }
}
