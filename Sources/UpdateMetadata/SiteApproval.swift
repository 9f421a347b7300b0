// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import StrictJSON

/// The people of a hospital without whom no library and no configuration is taken in.
///
/// ```json
/// {"threshold": 2, "keys": [{"person": "a.meier", "keytype": "ed25519", "scheme": "ed25519",
///                            "keyval": {"public": "…"}}, …]}
/// ```
///
/// A key stands for one person, so that the threshold counts people. It is at least two.
public struct SiteApprovers: Sendable {
  /// People who can be named.
  public static var most: Int { 16 }
  public let threshold: Int64
  /// In the order of the text.
  public let people: [String]
  private let keys: [MetadataKey]

  // SEC-383: two people at least, each with a key of their own.
  public init(_ node: JSONNode) throws(UpdateRefusal) {
    guard let nodes = node["keys"]?.array, nodes.count <= Self.most,
      let threshold = node["threshold"]?.integer, threshold >= 2, threshold <= nodes.count,
      node.members?.count == 2
    else {
      throw .badContent("approval needs a threshold from 2 and as many of at most 16 keys")
    }
    var people: [String] = []
    var keys: [MetadataKey] = []
    for node in nodes {
      guard let person = node["person"]?.string, (1...64).contains(person.utf8.count),
        person.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), node.members?.count == 4
      else { throw .badContent("a key of the approval needs a person's name and nothing else") }
      people.append(person)
      keys.append(try MetadataKey(approver: node))
    }
    guard Set(people).count == people.count, Set(keys.map(\.identity)).count == keys.count else {
      throw .badContent("a person or a key of the approval stands twice")
    }
    self.threshold = threshold
    self.people = people
    self.keys = keys
  }

  /// Refuses an approval that is not for exactly this content, or by too few people.
  ///
  /// - Returns: who approved, in the order of the configuration.
  // SEC-384: countersigned for this kind, release and content, by the people of this hospital.
  public func check(
    _ approval: [UInt8], of target: TargetFile, _ terms: ImageTerms, now: UnixTime
  ) throws(UpdateRefusal) -> [String] {
    let limits = JSONLimits(
      depth: 6, size: SiteApproval.largest, integer: JSONLimits.exactInteger)
    guard let node = try? JSONReader.read(approval, limits: limits), let signed = node["signed"],
      let signatures = node["signatures"]?.array, signatures.count <= Self.most,
      signed["_type"]?.string == SiteApproval.type, let sha256 = target.hashes.sha256,
      let expires = signed["expires"]?.string.flatMap({ UnixTime($0) })
    else { throw .notApproved("it is not of the form of an approval") }
    guard signed["kind"]?.string == terms.kind.rawValue,
      signed["version"]?.string == terms.version,
      signed["releaseCounter"]?.integer == terms.releaseCounter,
      signed["sha256"]?.string == Hex.encode(sha256)
    else { throw .notApproved("it is for something else") }
    guard expires > now else { throw .notApproved("its time is over") }
    let message = CanonicalJSON.bytes(signed)
    var signers: Set<Int> = []
    for node in signatures {
      guard let id = node["keyid"]?.string, let bytes = node["sig"]?.string.flatMap(Hex.decode),
        let index = keys.firstIndex(where: { $0.id == id }),
        keys[index].isValid(bytes, for: message)
      else { continue }
      signers.insert(index)
    }
    guard signers.count >= threshold else {
      throw .notApproved("\(signers.count) of \(threshold) people approved it")
    }
    return signers.sorted().map { people[$0] }
  }
}

/// What the people of a hospital sign: an entry of the bundle beside the manufacturer's metadata.
///
/// ```json
/// {"signed": {"_type": "site-approval", "kind": "drug-library", "version": "4.2", "releaseCounter": 7,
///             "sha256": "…", "expires": "2027-01-01T00:00:00Z"},
///  "signatures": [{"keyid": "…", "sig": "…"}, …]}
/// ```
public enum SiteApproval {
  /// Its name in a bundle.
  public static var name: String { "site-approval.json" }
  /// Bytes.
  public static var largest: Int { 16_384 }
  static var type: String { "site-approval" }
}
