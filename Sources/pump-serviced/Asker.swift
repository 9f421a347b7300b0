// SPDX-License-Identifier: Apache-2.0

import AccessControl
import ServiceAPI

/// On which way somebody asks.
enum Asker: Hashable, Sendable {
  /// Somebody at the pump's own sockets.
  case local
  /// The panel's user, as the kernel knows it.
  case panel
  /// A person at a node of the network.
  case node(NetworkPeer)

  /// Where a session of theirs counts.
  var way: SessionWay {
    switch self {
    case .local, .panel: .pump
    case .node(let peer): .network(certificate: peer.certificate)
    }
  }

  /// The token of a session that comes on this way.
  func token(_ session: String) throws(AccessRefusal) -> SessionToken {
    guard let token = SessionToken(hex: session, via: way) else { throw .notSignedIn }
    return token
  }

  /// The node, for a record.
  var node: String? {
    guard case .node(let peer) = self else { return nil }
    return peer.node
  }
}

extension ServiceRequest {
  // SEC-406: a closed list; no command, no code of the panel, no PIN, no place on the network.
  /// Whether it may be asked over the network at all; who may, the table says.
  var isOfNetwork: Bool {
    switch self {
    case .signIn(_, let credential), .stepUp(_, let credential): credential.badge == nil
    case .signOut, .whoAmI, .people, .addPerson, .setPerson, .resetPerson: true
    case .setup, .commission, .badgeSignIn, .may, .setSecret, .requestCertificate, .setNetwork,
      .network, .leaveNetwork, .proposals, .takeProposal, .dropProposal, .panel, .emergencyUsed,
      .agreeUpdate, .command:
      false
    }
  }
}
