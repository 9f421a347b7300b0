// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// A program on the network that the pump knows, by the name in its certificate.
public struct NetworkNode: Hashable, Sendable {
  /// A DNS name in lower case, 1 to 64 bytes; no wildcard.
  public var name: String
  /// Whether it may propose orders; every node may look.
  public var mayPropose: Bool

  public init(name: String, mayPropose: Bool) {
    self.name = name
    self.mayPropose = mayPropose
  }

  /// Whether a name is one that a node can have.
  public static func isName(_ name: String) -> Bool {
    guard (1...64).contains(name.utf8.count) else { return false }
    return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      guard let first = label.utf8.first, let last = label.utf8.last else { return false }
      return first != UInt8(ascii: "-") && last != UInt8(ascii: "-")
        && label.utf8.allSatisfy { byte in
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
    }
  }
}

extension NetworkNode {
  init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    self.init(name: try fields.string("name"), mayPropose: try fields.bool("propose"))
    try fields.end()
  }

  var json: JSONNode {
    .object([("name", .string(name)), ("propose", .bool(mayPropose))])
  }

  static func list(_ node: JSONNode) throws(NotUnderstood) -> [NetworkNode] {
    guard let nodes = node.array, nodes.count <= NetworkStanding.mostNodes else {
      throw NotUnderstood("\"nodes\": expected a list of at most \(NetworkStanding.mostNodes)")
    }
    var list: [NetworkNode] = []
    for node in nodes { list.append(try NetworkNode(json: node)) }
    return list
  }
}

/// What the pump is on the network, and whom it takes for whom.
public struct NetworkStanding: Hashable, Sendable {
  /// The most nodes.
  public static let mostNodes = 32
  /// The longest certificate in PEM, in bytes.
  public static let longestCertificate = 2_048
  /// The longest revocation list in PEM, in bytes: about 100 certificates.
  public static let longestList = 6_144

  /// The pump's certificate in PEM.
  public var certificate: String
  /// The authority's certificate in PEM: the one issuer that is trusted.
  public var authority: String
  /// The authority's revocation list in PEM.
  public var list: String
  public var nodes: [NetworkNode]

  public init(certificate: String, authority: String, list: String, nodes: [NetworkNode]) {
    self.certificate = certificate
    self.authority = authority
    self.list = list
    self.nodes = nodes
  }

  /// Reads one out of JSON.
  public init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    try self.init(&fields)
    try fields.end()
  }

  init(_ fields: inout Fields) throws(NotUnderstood) {
    self.init(
      certificate: try fields.string("certificate", longest: Self.longestCertificate),
      authority: try fields.string("authority", longest: Self.longestCertificate),
      list: try fields.string("list", longest: Self.longestList),
      nodes: try NetworkNode.list(fields.take("nodes")))
  }

  public var json: JSONNode { .object(members) }

  var members: [(String, JSONNode)] {
    [
      ("authority", .string(authority)), ("certificate", .string(certificate)),
      ("list", .string(list)), ("nodes", .array(nodes.map(\.json))),
    ]
  }
}
