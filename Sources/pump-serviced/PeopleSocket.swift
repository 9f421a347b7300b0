// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport
import ServiceAPI
import Synchronization
import Units

/// The socket for people and sessions, on a thread of its own.
///
/// **What is promised.** The loop that passes commands and statuses on waits for nothing here. This thread
/// reads requests; another one hashes secrets. A client has one request at a time, so that a flood of one is
/// heard in turn with everybody else.
final class PeopleSocket: Sendable {
  /// Connections at a time, and of one process.
  static let capacity = 32
  static let capacityOfProcess = 8
  /// A connection without a request is closed after this.
  static let patience = Duration.seconds(30)

  private struct Shared {
    /// The number of the last connection.
    var next: UInt64 = 0
    var closing = false
    var closed = false
    /// Those of which a request is with the thread that hashes.
    var busy: Set<UInt64> = []
  }

  private struct Peer {
    let id: UInt64
    let connection: Connection
    var heardAt: ContinuousClock.Instant
  }

  private let shared = Mutex(Shared())
  private let listener: Listener
  private let cases: UseCases
  private let clock: MonotonicSource
  private let panels: PeerPolicy
  private let secrets: WorkThread

  /// Listens at `path`; requests of `panels` are the panel's.
  init(
    path: String, clients: PeerPolicy, panels: PeerPolicy, cases: UseCases,
    secrets: WorkThread, clock: MonotonicSource
  ) throws(TransportError) {
    listener = try Listener(path: path, allowing: clients)
    self.panels = panels
    self.cases = cases
    self.secrets = secrets
    self.clock = clock
  }

  func start() {
    let thread = Thread { [self] in
      listen()
      shared.withLock { $0.closed = true }
    }
    thread.name = "people"
    thread.start()
  }

  /// Ends the thread; returns within a second.
  func close() {
    shared.withLock { $0.closing = true }
    for _ in 0..<100 where !shared.withLock({ $0.closed }) { Thread.sleep(forTimeInterval: 0.01) }
  }

  private var isClosing: Bool { shared.withLock { $0.closing } }

  // MARK: Hearing

  private func listen() {
    var peers: [Peer] = []
    while !isClosing {
      cases.tick(at: clock.now())
      let busy = shared.withLock { $0.busy }
      let quiet = peers.filter { !busy.contains($0.id) }
      _ = waitForInput(
        on: [listener.descriptor] + quiet.map(\.connection.descriptor),
        upTo: busy.isEmpty ? .milliseconds(100) : .milliseconds(5))
      accept(&peers)
      let now = ContinuousClock.now
      var kept: [Peer] = []
      for var peer in peers {
        if busy.contains(peer.id) || hear(&peer, now) { kept.append(peer) }
      }
      peers = kept
    }
  }

  /// Takes in at most one arrival.
  private func accept(_ peers: inout [Peer]) {
    guard case .connection(let connection) = listener.accept() else { return }
    let ofProcess = peers.count { $0.connection.peerProcess == connection.peerProcess }
    // SEC-334: one process cannot take all the places; beyond, a connection is closed unheard.
    guard peers.count < Self.capacity, ofProcess < Self.capacityOfProcess else { return }
    let id = shared.withLock { shared in
      shared.next += 1
      return shared.next
    }
    peers.append(Peer(id: id, connection: connection, heardAt: .now))
  }

  /// Takes at most one request; false when the connection is to be closed.
  private func hear(_ peer: inout Peer, _ now: ContinuousClock.Instant) -> Bool {
    switch peer.connection.receiveText() {
    case .nothing: return now - peer.heardAt < Self.patience
    case .closed: return false
    case .tooLong:
      return send(
        .refused(ServiceRefusal(.notUnderstood, detail: "the request is too long")),
        peer.connection)
    case .text(let bytes):
      peer.heardAt = now
      let request: ServiceRequest
      do throws(NotUnderstood) { request = try ServiceRequest(bytes) } catch {
        return send(
          .refused(ServiceRefusal(.notUnderstood, detail: error.reason)), peer.connection)
      }
      let at = clock.now()
      let asker = panels.allows(peer.connection.peerUser) ? Asker.panel : .local
      guard cases.isCostly(request, at: at, by: asker) else {
        return send(cases.answer(request, at: at, by: asker), peer.connection)
      }
      let (id, connection) = (peer.id, peer.connection)
      _ = shared.withLock { $0.busy.insert(id) }
      // SEC-017 SRS-157: secrets are hashed on a thread that nobody else waits for.
      secrets.submit { [self] in
        _ = send(cases.answer(request, at: clock.now(), by: asker), connection)
        _ = shared.withLock { $0.busy.remove(id) }
      }
      return true
    }
  }

  /// False when the client does not take its answer: one who does not read is not waited for.
  private func send(_ answer: ServiceAnswer, _ connection: Connection) -> Bool {
    connection.send(text: answer.bytes) == .sent
  }
}
