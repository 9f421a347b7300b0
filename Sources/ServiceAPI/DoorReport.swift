// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// What happened at the gateway's door since it last told: counts, so that a crowd makes it no longer.
public enum DoorReport: Hashable, Sendable {
  /// Connections of a node that began and that ended.
  case node(String, opened: Int64, closed: Int64)
  /// Connections that were not let in, or not any more, with the address of the last one.
  case refused(DoorRefusal, count: Int64, address: String)

  /// The most in one report: every node that can be known, and every reason.
  public static let most = NetworkStanding.mostNodes + DoorRefusal.allCases.count
}

/// Why somebody was not let in.
public enum DoorRefusal: String, CaseIterable, Sendable {
  /// The handshake did not come to its end: no certificate, an older protocol, no bytes, no service.
  case handshake
  /// Other connections took its place before its handshake ended.
  case crowd
  /// A node has its connections, or all have theirs.
  case places
  /// The certificate was good at the handshake and is not any more.
  case standing
  case malformed, issuer
  case notYetValid = "not-yet-valid"
  case expired, revoked, usage, name
  case revocationList = "revocation-list"
  case other
}

extension DoorReport {
  init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    if fields.has("node") {
      self = .node(
        try fields.string("node", longest: 64),
        opened: try fields.integer("opened", in: 0...JSONLimits.exactInteger),
        closed: try fields.integer("closed", in: 0...JSONLimits.exactInteger))
    } else {
      self = .refused(
        try fields.word("refused", as: DoorRefusal.self),
        count: try fields.integer("count", in: 1...JSONLimits.exactInteger),
        address: try fields.string("address", longest: 64))
    }
    try fields.end()
  }

  var json: JSONNode {
    switch self {
    case .node(let name, let opened, let closed):
      .object([
        ("node", .string(name)), ("opened", .integer(opened)), ("closed", .integer(closed)),
      ])
    case .refused(let reason, let count, let address):
      .object([
        ("refused", .string(reason.rawValue)), ("count", .integer(count)),
        ("address", .string(address)),
      ])
    }
  }

  static func list(_ node: JSONNode) throws(NotUnderstood) -> [DoorReport] {
    guard let nodes = node.array, (1...most).contains(nodes.count) else {
      throw NotUnderstood("\"reports\": expected a list of 1 to \(most)")
    }
    var list: [DoorReport] = []
    for node in nodes { list.append(try DoorReport(json: node)) }
    return list
  }
}
