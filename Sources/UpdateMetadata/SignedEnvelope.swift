// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Metadata as it arrived: the signed part, the bytes its signatures are made over, the signatures.
struct SignedEnvelope {
  struct Signature {
    var keyID: String
    var hex: String
  }

  var role: MetadataRole
  var signed: JSONNode
  /// Canonical bytes of everything in `signed`, known or not: an unknown field is signed as well.
  var message: [UInt8]
  var signatures: [Signature]
  var version: Int64
  var expires: UnixTime

  init(_ bytes: [UInt8], _ role: MetadataRole, _ limits: MetadataLimits) throws(UpdateRefusal) {
    guard bytes.count <= limits.size(role) else { throw .tooLarge("\(role.rawValue).json") }
    let node: JSONNode
    // SEC-312: two readers must not see two different values in one signed text.
    do { node = try JSONReader.read(bytes, limits: limits.json(role)) } catch {
      throw .notJSON(role, error)
    }
    guard let signed = node["signed"], signed.members != nil,
      let signatures = node["signatures"]?.array
    else { throw .malformed(role, "needs signed and signatures") }
    self.role = role
    self.signed = signed
    message = CanonicalJSON.bytes(signed)
    self.signatures = []
    var keyIDs = Set<String>()
    for node in signatures {
      guard let keyID = node["keyid"]?.string, let hex = node["sig"]?.string else {
        throw .malformed(role, "a signature needs keyid and sig")
      }
      guard keyIDs.insert(keyID).inserted else {
        throw .malformed(role, "two signatures by one key")
      }
      self.signatures.append(Signature(keyID: keyID, hex: hex))
    }
    guard signed["_type"]?.string == role.rawValue else {
      throw .malformed(role, "_type is another role's")
    }
    guard let specification = signed["spec_version"]?.string, specification.hasPrefix("1.") else {
      throw .malformed(role, "spec_version is not 1.x")
    }
    guard let version = signed["version"]?.integer, version >= 1 else {
      throw .malformed(role, "version is not a whole number from 1")
    }
    guard let text = signed["expires"]?.string, let expires = UnixTime(text) else {
      throw .malformed(role, "expires is not YYYY-MM-DDTHH:MM:SSZ")
    }
    self.version = version
    self.expires = expires
  }
}
