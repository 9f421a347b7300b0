// SPDX-License-Identifier: Apache-2.0

import Cryptography
import StrictJSON

/// A public key of the metadata.
///
/// Known are `ed25519`, `ecdsa` on P-256 with SHA-256 and `rsa` with PSS and SHA-256. A key of another
/// type may stand in the metadata and verifies nothing.
struct MetadataKey {
  /// Hex SHA-256 of the key's canonical form.
  var id: String
  private var type: String
  private var scheme: String
  private var value: String

  init(id: String, _ node: JSONNode, _ role: MetadataRole) throws(UpdateRefusal) {
    guard let type = node["keytype"]?.string, let scheme = node["scheme"]?.string,
      let keyval = node["keyval"], keyval.members != nil
    else { throw .malformed(role, "a key needs keytype, scheme and keyval") }
    // SEC-301: an id that is not computed would let one key count twice.
    guard
      id == Self.id(of: Self.bare(node, type, scheme, keyval)) || id == Self.id(of: node)
    else {
      throw .malformed(role, "a keyid is not the hash of its key")
    }
    self.id = id
    self.type = type
    self.scheme = scheme
    value = keyval["public"]?.string ?? ""
  }

  /// A key of a person who approves; its id is always the hash of the three fields.
  init(approver node: JSONNode) throws(UpdateRefusal) {
    guard let type = node["keytype"]?.string, let scheme = node["scheme"]?.string,
      let keyval = node["keyval"], let value = keyval["public"]?.string
    else { throw .badContent("a key needs keytype, scheme and keyval") }
    id = Self.id(of: Self.bare(node, type, scheme, keyval))
    self.type = type
    self.scheme = scheme
    self.value = value
  }

  /// The id is over the three fields that the specification names or over every field of the key:
  /// signers that annotate a key differ in this.
  private static func id(of node: JSONNode) -> String {
    Hex.encode(SHA256.hash(CanonicalJSON.bytes(node)))
  }

  private static func bare(_ node: JSONNode, _ type: String, _ scheme: String, _ keyval: JSONNode)
    -> JSONNode
  {
    let members = [
      ("keytype", JSONNode(content: .string(type), place: node.place)),
      ("scheme", JSONNode(content: .string(scheme), place: node.place)), ("keyval", keyval),
    ]
    return JSONNode(
      content: .object(
        members.map { JSONNode.Member(key: $0.0, place: node.place, node: $0.1) }),
      place: node.place)
  }

  /// What the key is, whatever it is called: two ids of one key are one signer.
  // SEC-301: nor do two spellings of one key make two.
  var identity: String {
    let text = String(value.filter { !$0.isWhitespace })
    return "\(type) " + (type == "ed25519" ? text.lowercased() : text)
  }

  func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    guard !signature.isEmpty else { return false }
    switch (type, scheme) {
    case ("ed25519", "ed25519"):
      guard let bytes = Hex.decode(value), let key = try? Ed25519.PublicKey(bytes) else {
        return false
      }
      return key.isValid(signature, for: message)
    case ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"):
      guard let key = try? P256.PublicKey(pem: value) else { return false }
      return key.isValid(signature, for: message)
    case ("rsa", "rsassa-pss-sha256"):
      guard let key = try? RSAPSS.PublicKey(pem: value) else { return false }
      return key.isValid(signature, for: message)
    default: return false
    }
  }
}
