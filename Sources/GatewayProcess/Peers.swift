// SPDX-License-Identifier: Apache-2.0

import Cryptography
import NIOCore
import ServiceAPI
import Synchronization

/// Who is at the door: connections in a handshake, and nodes that were let in.
final class Peers: Sendable {
  /// Connections of nodes at a time, and of one node.
  static let capacity = 64
  static let capacityOfNode = 16
  /// Connections in a handshake at a time.
  static let handshakes = 64

  /// What was found of a certificate in one second of one identity.
  private struct Verdict {
    let identity: Identity
    let second: Int64
    let node: NetworkNode?
  }

  private struct Peer {
    let certificate: Certificate
    let peer: NetworkPeer
    var verdict: Verdict
  }

  private struct Contents {
    /// The oldest first.
    var handshakes: [any Channel] = []
    var peers: [ObjectIdentifier: Peer] = [:]
    var refused: Int64 = 0
  }

  private let contents = Mutex(Contents())

  // SRS-190: strangers take places from strangers, and from nobody who was let in.
  /// Takes a new connection in; gives the one that has to make room for it.
  func arrive(_ channel: any Channel) -> (any Channel)? {
    contents.withLock { contents in
      contents.handshakes.append(channel)
      guard contents.handshakes.count > Self.handshakes else { return nil }
      contents.refused += 1
      return contents.handshakes.removeFirst()
    }
  }

  /// Lets a connection in as this node; false when there is no place for it.
  func letIn(
    _ id: ObjectIdentifier, _ certificate: Certificate, as node: NetworkNode,
    by identity: Identity, at second: Int64
  ) -> Bool {
    contents.withLock { contents in
      contents.handshakes.removeAll { ObjectIdentifier($0) == id }
      let own = contents.peers.values.count { $0.peer.node == node.name }
      guard contents.peers.count < Self.capacity, own < Self.capacityOfNode else {
        contents.refused += 1
        return false
      }
      contents.peers[id] = Peer(
        certificate: certificate,
        peer: NetworkPeer(node: node.name, certificate: SHA256.hash(certificate.der)),
        verdict: Verdict(identity: identity, second: second, node: node))
      return true
    }
  }

  // SEC-368: revoked, expired or struck off while connected, a node gets no further answer.
  // SEC-376: the verdict on a certificate is a matter of the identity and the second; in the next one, or
  // under another identity, it is found anew.
  /// The node at the far end of a connection, if it has one now.
  func peer(_ id: ObjectIdentifier, by identity: Identity, at second: Int64) -> NetworkPeer? {
    guard let peer = contents.withLock({ $0.peers[id] }) else { return nil }
    if peer.verdict.identity === identity, peer.verdict.second == second {
      return peer.verdict.node == nil ? nil : peer.peer
    }
    let node = try? identity.check(peer.certificate, at: second)
    let verdict = Verdict(identity: identity, second: second, node: node)
    contents.withLock { $0.peers[id]?.verdict = verdict }
    return node == nil ? nil : peer.peer
  }

  func leave(_ id: ObjectIdentifier) {
    contents.withLock { contents in
      contents.peers[id] = nil
      contents.handshakes.removeAll { ObjectIdentifier($0) == id }
    }
  }

  func isLetIn(_ id: ObjectIdentifier) -> Bool { contents.withLock { $0.peers[id] != nil } }

  /// Somebody was not let in, or not any more.
  func refuse() { contents.withLock { $0.refused += 1 } }

  var count: Int64 { contents.withLock { Int64($0.peers.count) } }
  var refusedCount: Int64 { contents.withLock { $0.refused } }
}
