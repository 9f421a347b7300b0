// SPDX-License-Identifier: Apache-2.0

import Cryptography
import StrictJSON

/// The root of trust: which keys, and how many of them, sign each role.
struct RootMetadata {
  struct Role: Hashable {
    var keyIDs: [String]
    var threshold: Int64
  }

  var version: Int64
  var expires: UnixTime
  /// Whether files are named by their version or hash.
  var consistentSnapshot: Bool
  private var keys: [String: MetadataKey]
  private var roles: [MetadataRole: Role]

  init(_ envelope: SignedEnvelope) throws(UpdateRefusal) {
    version = envelope.version
    expires = envelope.expires
    let signed = envelope.signed
    switch signed["consistent_snapshot"]?.content {
    case nil: consistentSnapshot = true
    case .bool(let truth): consistentSnapshot = truth
    default: throw .malformed(.root, "consistent_snapshot is not true or false")
    }
    guard let keyMembers = signed["keys"]?.members, let roleNodes = signed["roles"] else {
      throw .malformed(.root, "needs keys and roles")
    }
    keys = [:]
    for member in keyMembers {
      keys[member.key] = try MetadataKey(id: member.key, member.node, .root)
    }
    roles = [:]
    for role in MetadataRole.allCases {
      guard let node = roleNodes[role.rawValue] else {
        throw .malformed(.root, "has no role \(role.rawValue)")
      }
      roles[role] = try Self.role(node)
    }
  }

  private static func role(_ node: JSONNode) throws(UpdateRefusal) -> Role {
    guard let nodes = node["keyids"]?.array, let threshold = node["threshold"]?.integer,
      threshold >= 1
    else { throw .malformed(.root, "a role needs keyids and a threshold from 1") }
    var keyIDs: [String] = []
    for node in nodes {
      guard let keyID = node.string, !keyIDs.contains(keyID) else {
        throw .malformed(.root, "a keyid of a role stands twice or is no text")
      }
      keyIDs.append(keyID)
    }
    return Role(keyIDs: keyIDs, threshold: threshold)
  }

  /// How many different keys have to sign for a role.
  func threshold(of role: MetadataRole) -> Int64 { roles[role]?.threshold ?? 0 }

  /// Whether the keys of a role are not those of another root.
  func rotated(_ role: MetadataRole, since other: RootMetadata) -> Bool {
    Set(roles[role]?.keyIDs ?? []) != Set(other.roles[role]?.keyIDs ?? [])
  }

  /// Refuses metadata with fewer valid signatures by different keys than its role's threshold.
  func verify(_ envelope: SignedEnvelope) throws(UpdateRefusal) {
    guard let role = roles[envelope.role] else {
      throw .malformed(.root, "has no role \(envelope.role.rawValue)")
    }
    var signers = Set<String>()
    for keyID in role.keyIDs {
      guard let key = keys[keyID],
        let signature = envelope.signatures.first(where: { $0.keyID == keyID }),
        let bytes = Hex.decode(signature.hex), key.isValid(bytes, for: envelope.message)
      else { continue }
      signers.insert(key.identity)
    }
    // SEC-030 SEC-300: a threshold of keys, never one key twice.
    guard signers.count >= role.threshold else {
      throw .tooFewSignatures(
        envelope.role, valid: signers.count, needed: Int(clamping: role.threshold))
    }
  }
}
