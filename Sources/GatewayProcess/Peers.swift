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
    let address: String
    let peer: NetworkPeer
    var verdict: Verdict
  }

  /// A connection whose handshake has not ended.
  private struct Handshake {
    let channel: any Channel
    let address: String
    /// It was told so, and holds its place until it is gone.
    var isRefused = false

    var id: ObjectIdentifier { ObjectIdentifier(channel) }
  }

  private struct Contents {
    /// The oldest first.
    var handshakes: [Handshake] = []
    var peers: [ObjectIdentifier: Peer] = [:]

    /// Takes a connection out of those in a handshake.
    mutating func leaveHandshake(_ id: ObjectIdentifier) -> Handshake? {
      handshakes.firstIndex { $0.id == id }.map { handshakes.remove(at: $0) }
    }
  }

  /// Who came, went and was refused.
  let book = DoorBook()

  private let contents = Mutex(Contents())

  // SRS-190: strangers take places from strangers, and from nobody who was let in.
  /// Takes a new connection in; gives the one that has to make room for it.
  func arrive(_ channel: any Channel) -> (any Channel)? {
    let address = channel.remoteAddress?.ipAddress ?? ""
    let last: Handshake? = contents.withLock { contents in
      contents.handshakes.append(Handshake(channel: channel, address: address))
      return contents.handshakes.count > Self.handshakes ? contents.handshakes.removeFirst() : nil
    }
    if let last, !last.isRefused { book.refused(.crowd, from: last.address) }
    return last?.channel
  }

  /// Lets a connection in as this node; false when there is no place for it.
  func letIn(
    _ id: ObjectIdentifier, _ certificate: Certificate, as node: NetworkNode,
    by identity: Identity, at second: Int64
  ) -> Bool {
    let isIn = contents.withLock { contents in
      let own = contents.peers.values.count { $0.peer.node == node.name }
      guard contents.peers.count < Self.capacity, own < Self.capacityOfNode else { return false }
      let address = contents.leaveHandshake(id)?.address ?? ""
      contents.peers[id] = Peer(
        certificate: certificate, address: address,
        peer: NetworkPeer(node: node.name, certificate: SHA256.hash(certificate.der)),
        verdict: Verdict(identity: identity, second: second, node: node))
      return true
    }
    if isIn { book.opened(node.name) } else { refuse(id, .places) }
    return isIn
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
    let (peer, handshake) = contents.withLock { contents in
      (contents.peers.removeValue(forKey: id), contents.leaveHandshake(id))
    }
    if let peer { book.closed(peer.peer.node) }
    if let handshake, !handshake.isRefused { book.refused(.handshake, from: handshake.address) }
  }

  func isLetIn(_ id: ObjectIdentifier) -> Bool { contents.withLock { $0.peers[id] != nil } }

  /// Somebody is not let in, or not any more.
  func refuse(_ id: ObjectIdentifier, _ reason: DoorRefusal) {
    let address = contents.withLock { contents in
      if let place = contents.handshakes.firstIndex(where: { $0.id == id }) {
        contents.handshakes[place].isRefused = true
        return contents.handshakes[place].address
      }
      return contents.peers[id]?.address ?? ""
    }
    book.refused(reason, from: address)
  }

  var count: Int64 { contents.withLock { Int64($0.peers.count) } }
}
