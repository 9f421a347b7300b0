// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport
import ServiceAPI
import Synchronization
import Units

/// Where the gateway asks what the pump is on the network, and for signatures; on a thread of its own.
///
/// **What is promised.** Nothing that is said here becomes a command to the pump. A gateway has
/// ``capacity`` connections, and each of them one request at a time.
final class NetworkSocket: Sendable {
  static let capacity = 4

  private let listener: Listener
  private let identity: NetworkIdentity
  private let cases: UseCases
  private let clock: MonotonicSource
  private let ending = Mutex(false)
  private let ended = Mutex(false)

  init(
    path: String, gateways: PeerPolicy, identity: NetworkIdentity, cases: UseCases,
    clock: MonotonicSource
  ) throws(TransportError) {
    listener = try Listener(path: path, allowing: gateways)
    self.identity = identity
    self.cases = cases
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
    var peers: [Connection] = []
    while !ending.withLock({ $0 }) {
      _ = waitForInput(
        on: [listener.descriptor] + peers.map(\.descriptor), upTo: .milliseconds(100))
      // SEC-371: beyond its places a gateway is sent away unheard.
      if case .connection(let connection) = listener.accept(), peers.count < Self.capacity {
        peers.append(connection)
      }
      peers.removeAll { !hear($0) }
    }
  }

  /// Takes at most one request; false when the connection is to be closed.
  private func hear(_ peer: Connection) -> Bool {
    switch peer.receiveText() {
    case .nothing: true
    case .closed: false
    case .tooLong:
      send(
        .refused(ServiceRefusal(.notUnderstood, detail: "the request is too long")), peer)
    case .text(let bytes): send(answer(bytes), peer)
    }
  }

  private func answer(_ bytes: [UInt8]) -> NetworkAnswer {
    let request: NetworkRequest
    do throws(NotUnderstood) { request = try NetworkRequest(bytes) } catch {
      return .refused(ServiceRefusal(.notUnderstood, detail: error.reason))
    }
    do throws(NetworkIdentity.Failure) {
      switch request {
      case .propose(let name, let key, let draft):
        // SEC-044: what a node may is the service's to say, whatever the gateway says.
        let node = try identity.standing()?.nodes.first { $0.name == name }
        guard let node, node.mayPropose else { return .refused(ServiceRefusal(.notPermitted)) }
        return cases.propose(draft, from: node.name, key: key, at: clock.now())
      case .proposals(let name): return .proposals(cases.proposals(of: name, at: clock.now()))
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

  private func send(_ answer: NetworkAnswer, _ peer: Connection) -> Bool {
    peer.send(text: answer.bytes) == .sent
  }
}
