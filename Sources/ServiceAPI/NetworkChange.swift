// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// What is new about the pump's place on a network; nil stays as it is.
public struct NetworkChange: Hashable, Sendable {
  /// The pump's certificate in PEM, for the key of the newest request.
  public var certificate: String?
  /// The authority's certificate in PEM.
  public var authority: String?
  /// The authority's revocation list in PEM; never an older one than is kept.
  public var list: String?
  public var nodes: [NetworkNode]?

  public init(
    certificate: String? = nil, authority: String? = nil, list: String? = nil,
    nodes: [NetworkNode]? = nil
  ) {
    self.certificate = certificate
    self.authority = authority
    self.list = list
    self.nodes = nodes
  }

  init(_ fields: inout Fields) throws(NotUnderstood) {
    func text(_ key: String, _ longest: Int) throws(NotUnderstood) -> String? {
      guard let node = fields.optional(key) else { return nil }
      var own = try Fields(.object([(key, node)]))
      return try own.string(key, longest: longest)
    }
    certificate = try text("certificate", NetworkStanding.longestCertificate)
    authority = try text("authority", NetworkStanding.longestCertificate)
    list = try text("list", NetworkStanding.longestList)
    if let node = fields.optional("nodes") { nodes = try NetworkNode.list(node) }
  }

  var members: [(String, JSONNode)] {
    (certificate.map { [("certificate", .string($0))] } ?? [])
      + (authority.map { [("authority", .string($0))] } ?? [])
      + (list.map { [("list", .string($0))] } ?? [])
      + (nodes.map { [("nodes", .array($0.map(\.json)))] } ?? [])
  }
}

/// The pump's place on a network, as the service shows it.
public struct NetworkView: Hashable, Sendable {
  /// Seconds since 1970 until which the pump's certificate is valid; nil when the pump is on no network.
  public var certificateUntil: Int64?
  /// The same of the revocation list: without a newer one nobody is let in from then on.
  public var listUntil: Int64?
  public var nodes: [NetworkNode]

  public init(certificateUntil: Int64?, listUntil: Int64?, nodes: [NetworkNode]) {
    self.certificateUntil = certificateUntil
    self.listUntil = listUntil
    self.nodes = nodes
  }

  init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    certificateUntil = fields.optional("certificate_until")?.integer
    listUntil = fields.optional("list_until")?.integer
    nodes = try NetworkNode.list(fields.take("nodes"))
    try fields.end()
  }

  var json: JSONNode {
    .object(
      (certificateUntil.map { [("certificate_until", .integer($0))] } ?? [])
        + (listUntil.map { [("list_until", .integer($0))] } ?? [])
        + [("nodes", .array(nodes.map(\.json)))])
  }
}
