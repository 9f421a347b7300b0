// SPDX-License-Identifier: Apache-2.0

import LocalTransport
import Panel
import ServiceAPI
import Units

/// The panel at the service's socket for people: one request at a time, each with its answer.
///
/// A request that cannot be sent, or gets no answer in time, is answered as unavailable. Nothing here waits.
struct PanelLink {
  /// An answer that takes longer is none; a secret takes the service tens of milliseconds, behind others.
  static let patience = Interval.seconds(10)

  private let path: String
  private let policy: PeerPolicy
  private var connection: Connection?
  private var outstanding: (about: PanelRequest.About, since: Instant)?
  private var retryAt = Instant.min

  init(to path: String, allowing policy: PeerPolicy) {
    self.path = path
    self.policy = policy
  }

  /// Takes an answer if one is there, and sends the next request if none is outstanding.
  mutating func step(_ core: inout PanelCore, at now: Instant) {
    if let asked = outstanding {
      guard let answer = answer(since: asked.since, at: now) else { return }
      outstanding = nil
      core.hear(answer, to: asked.about, at: now)
    }
    guard var request = core.takeRequest() else { return }
    let sent = open(at: now).map { $0.send(text: request.bytes) == .sent } ?? false
    request.wipe()
    if sent {
      outstanding = (request.about, now)
    } else {
      connection = nil
      core.hear(Self.none, to: request.about, at: now)
    }
  }

  private static let none = ServiceAnswer.refused(ServiceRefusal(.unavailable))

  private mutating func answer(since: Instant, at now: Instant) -> ServiceAnswer? {
    switch connection?.receiveText() ?? .closed {
    case .text(let bytes):
      if let answer = try? ServiceAnswer(bytes) { return answer }
    case .nothing:
      if now - since < Self.patience { return nil }
    case .closed, .tooLong: break
    }
    connection = nil
    return Self.none
  }

  private mutating func open(at now: Instant) -> Connection? {
    if let connection { return connection }
    guard now >= retryAt else { return nil }
    retryAt = now + .milliseconds(100)
    connection = try? Connection(to: path, allowing: policy)
    return connection
  }
}
