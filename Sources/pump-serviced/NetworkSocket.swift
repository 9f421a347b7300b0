// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport
import ServiceAPI
import Synchronization
import Units

/// Where the gateway asks what the pump is on the network, and for signatures; on a thread of its own.
///
/// **What is promised.** Nothing that is said here becomes a command to the pump. A gateway has
/// ``capacity`` connections, and each of them one request at a time; signatures of handshakes wait for no secret
/// that is hashed and no page of the log that is read.
final class NetworkSocket: Sendable {
  static let capacity = 8

  private struct Peer {
    let id: UInt64
    let connection: Connection
  }

  private let listener: Listener
  private let identity: NetworkIdentity
  private let cases: UseCases
  private let secrets: WorkThread
  private let pages: WorkThread
  private let clock: MonotonicSource
  /// Connections of which a request is with another thread.
  private let busy = Mutex<Set<UInt64>>([])
  private let ending = Mutex(false)
  private let ended = Mutex(false)

  init(
    path: String, gateways: PeerPolicy, identity: NetworkIdentity, cases: UseCases,
    secrets: WorkThread, pages: WorkThread, clock: MonotonicSource
  ) throws(TransportError) {
    listener = try Listener(path: path, allowing: gateways)
    self.identity = identity
    self.cases = cases
    self.secrets = secrets
    self.pages = pages
    self.clock = clock
  }

  func start() {
    let thread = Thread { [self] in
      listen()
      ended.withLock { $0 = true }
    }
    thread.name = "network"
    thread.start()
  }

  /// Ends the thread; returns within a second.
  func close() {
    ending.withLock { $0 = true }
    for _ in 0..<100 where !ended.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.01) }
  }

  private func listen() {
    var peers: [Peer] = []
    var next: UInt64 = 0
    while !ending.withLock({ $0 }) {
      let busy = busy.withLock { $0 }
      let quiet = peers.filter { !busy.contains($0.id) }
      _ = waitForInput(
        on: [listener.descriptor] + quiet.map(\.connection.descriptor),
        upTo: busy.isEmpty ? .milliseconds(100) : .milliseconds(5))
      // SEC-371: beyond its places a gateway is sent away unheard.
      if case .connection(let connection) = listener.accept(), peers.count < Self.capacity {
        next += 1
        peers.append(Peer(id: next, connection: connection))
      }
      peers.removeAll { !busy.contains($0.id) && !hear($0) }
    }
  }

  /// Takes at most one request; false when the connection is to be closed.
  private func hear(_ peer: Peer) -> Bool {
    switch peer.connection.receiveText() {
    case .nothing: true
    case .closed: false
    case .tooLong:
      send(
        .refused(ServiceRefusal(.notUnderstood, detail: "the request is too long")),
        peer.connection)
    case .text(let bytes): take(bytes, of: peer)
    }
  }

  private func take(_ bytes: [UInt8], of peer: Peer) -> Bool {
    let request: NetworkRequest
    do throws(NotUnderstood) { request = try NetworkRequest(bytes) } catch {
      return send(
        .refused(ServiceRefusal(.notUnderstood, detail: error.reason)), peer.connection)
    }
    guard let thread = thread(for: request) else {
      return send(answer(request), peer.connection)
    }
    _ = busy.withLock { $0.insert(peer.id) }
    thread.submit { [self] in
      _ = send(answer(request), peer.connection)
      _ = busy.withLock { $0.remove(peer.id) }
    }
    return true
  }

  /// Where the request is answered; nil for here and now.
  private func thread(for request: NetworkRequest) -> WorkThread? {
    switch request {
    case .person(let node, let asked):
      cases.isCostly(asked, at: clock.now(), by: .node(node)) ? secrets : nil
    case .audit, .upload: pages
    case .standing, .sign, .propose, .proposals, .proposal, .withdraw, .report: nil
    }
  }

  private func answer(_ request: NetworkRequest) -> NetworkAnswer {
    do throws(NetworkIdentity.Failure) {
      switch request {
      case .propose(let peer, let key, let session, let draft):
        // SEC-044: what a node may is the service's to say, whatever the gateway says.
        guard let node = try node(peer.node), node.mayPropose else {
          return .refused(ServiceRefusal(.notPermitted))
        }
        return cases.propose(draft, from: peer, key: key, session: session, at: clock.now())
      case .person(let peer, let asked):
        guard try node(peer.node) != nil else { return .refused(ServiceRefusal(.notPermitted)) }
        return .person(cases.answer(asked, at: clock.now(), by: .node(peer)))
      case .report(let reports):
        return cases.note(reports, at: clock.now()) ? .noted : .refused(ServiceRefusal(.busy))
      case .audit(let peer, let session, let question):
        guard try node(peer.node) != nil else { return .refused(ServiceRefusal(.notPermitted)) }
        return .audit(
          cases.audit(question, session: session, by: .node(peer), at: clock.now()))
      case .upload(let peer, let session, let key, let length):
        guard try node(peer.node) != nil else { return .refused(ServiceRefusal(.notPermitted)) }
        return cases.upload(session: session, key: key, length: length, by: peer, at: clock.now())
      case .proposals(let name): return .proposals(cases.proposals(of: name, at: clock.now()))
      case .proposal(let name, let number):
        return cases.proposal(number, of: name, at: clock.now())
      case .withdraw(let peer, let session, let number):
        guard try node(peer.node) != nil else { return .refused(ServiceRefusal(.notPermitted)) }
        return cases.withdraw(number, of: peer, session: session, at: clock.now())
      case .standing: return try identity.standing().map { .standing($0) } ?? .none
      case .sign(let content): return .signature(try identity.sign(content))
      }
    } catch {
      switch error {
      case .unavailable: return .refused(ServiceRefusal(.unavailable))
      case .notTaken(let why): return .refused(ServiceRefusal(.notACertificate, detail: why))
      case .notAHandshake:
        return .refused(ServiceRefusal(.notPermitted, detail: "not of a handshake"))
      case .none: return .none
      }
    }
  }

  /// The node of this name, if the pump knows one now.
  private func node(_ name: String) throws(NetworkIdentity.Failure) -> NetworkNode? {
    try identity.standing()?.nodes.first { $0.name == name }
  }

  private func send(_ answer: NetworkAnswer, _ peer: Connection) -> Bool {
    peer.send(text: answer.bytes) == .sent
  }
}
