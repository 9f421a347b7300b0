// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import StrictJSON

/// A file that the metadata vouches for.
public struct TargetFile: Hashable, Sendable {
  /// Its name in the repository; may hold `/` and anything else, and is no path on this machine.
  public var name: String
  /// Bytes, 0 to 2^53.
  public var length: Int64
  public var hashes: FileHashes
  /// The signed `custom` field as it stands.
  public var custom: JSONNode?

  /// Its name where files are named by their content.
  ///
  /// The hash goes before the last component: `folder/<hash>.name`.
  public func nameInRepository(consistent: Bool) -> String {
    guard consistent, let hash = hashes.sha256 ?? hashes.sha512 else { return name }
    let hex = Hex.encode(hash)
    guard let slash = name.lastIndex(of: "/") else { return "\(hex).\(name)" }
    return "\(name[...slash])\(hex).\(name[name.index(after: slash)...])"
  }

  /// Refuses bytes that are not the target.
  public func check(_ bytes: [UInt8]) throws(UpdateRefusal) {
    guard Int64(bytes.count) == length else { throw .wrongLength(name) }
    guard hashes.match(bytes) else { throw .wrongHash(name) }
  }
}

struct TargetsMetadata {
  var version: Int64
  var expires: UnixTime
  /// In the order of the text.
  var targets: [TargetFile]

  init(_ envelope: SignedEnvelope) throws(UpdateRefusal) {
    version = envelope.version
    expires = envelope.expires
    guard let members = envelope.signed["targets"]?.members else {
      throw .malformed(.targets, "needs targets")
    }
    targets = []
    for member in members {
      guard let length = member.node["length"]?.integer, length >= 0,
        let hashes = member.node["hashes"]
      else { throw .malformed(.targets, "a target needs length and hashes") }
      targets.append(
        TargetFile(
          name: member.key, length: length, hashes: try FileHashes(hashes, .targets),
          custom: member.node["custom"]))
    }
    // SEC-303: a delegation that nobody walks must not look as if it had been.
    if let delegations = envelope.signed["delegations"] {
      guard delegations.members != nil else {
        throw .malformed(.targets, "delegations is not an object")
      }
      guard delegations["roles"]?.array?.isEmpty ?? true, delegations["succinct_roles"] == nil
      else { throw .delegates }
    }
  }

  subscript(_ name: String) -> TargetFile? {
    targets.first { $0.name.utf8.elementsEqual(name.utf8) }
  }
}
