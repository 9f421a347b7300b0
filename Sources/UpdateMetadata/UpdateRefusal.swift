// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// The four roles of the metadata (The Update Framework 1.0, §2.1).
public enum MetadataRole: String, Hashable, Sendable, CaseIterable {
  case root, timestamp, snapshot, targets
}

/// Why an update was not taken; the running version is kept in every case.
public enum UpdateRefusal: Error, Hashable, Sendable {
  /// Not JSON as the reader takes it: duplicate keys, depth, size, fractions, broken UTF-8.
  case notJSON(MetadataRole, JSONError)
  /// JSON, but not metadata of this role; the text says which field.
  case malformed(MetadataRole, String)
  /// More bytes than the role may have.
  case tooLarge(String)
  /// The source does not have it.
  case notFound(String)
  /// The source did not answer, stopped, or was slower than it may be.
  case unavailable(String)
  /// Fewer valid signatures by different keys than the role's threshold.
  case tooFewSignatures(MetadataRole, valid: Int, needed: Int)
  /// Its time is over by the trusted time.
  case expired(MetadataRole)
  /// A version below one that was trusted before.
  case rollback(MetadataRole, trusted: Int64, offered: Int64)
  /// Not the version that was announced for it (mix-and-match), or a root that is not the next.
  case wrongVersion(MetadataRole, expected: Int64, offered: Int64)
  /// Not as long as was announced.
  case wrongLength(String)
  /// Not the content that was announced.
  case wrongHash(String)
  /// The snapshot names no such file, or no longer names one that it named before.
  case notInSnapshot(String)
  /// Not a bundle as a device takes it.
  case notABundle(String)
  /// Delegated roles are refused by design.
  case delegates
  /// The targets metadata names no such target.
  case unknownTarget(String)
  /// The target's `custom` field is missing or not of our form.
  case badTerms(String)
  /// Made for other hardware.
  case wrongHardware(offered: String)
  /// A release counter below that of the image that is installed.
  case oldRelease(installed: Int64, offered: Int64)
  /// A security version below the floor.
  case insecureVersion(floor: Int64, offered: Int64)
  /// A drug library or a configuration whose content is not of its form.
  case badContent(String)
  /// The hospital's people have not approved it, or have approved something else.
  case notApproved(String)

  /// A short word that never changes its meaning: for logs, tests and programs.
  public var code: String {
    switch self {
    case .notJSON: "not-json"
    case .malformed: "malformed"
    case .tooLarge: "too-large"
    case .notFound: "not-found"
    case .unavailable: "unavailable"
    case .tooFewSignatures: "too-few-signatures"
    case .expired: "expired"
    case .rollback: "rollback"
    case .wrongVersion: "wrong-version"
    case .wrongLength: "wrong-length"
    case .wrongHash: "wrong-hash"
    case .notInSnapshot: "not-in-snapshot"
    case .notABundle: "not-a-bundle"
    case .delegates: "delegates"
    case .unknownTarget: "unknown-target"
    case .badTerms: "bad-terms"
    case .wrongHardware: "wrong-hardware"
    case .oldRelease: "old-release"
    case .insecureVersion: "insecure-version"
    case .badContent: "bad-content"
    case .notApproved: "not-approved"
    }
  }
}

extension UpdateRefusal: CustomStringConvertible {
  /// One line for a person, without bytes of the refused file beyond short names.
  public var description: String {
    switch self {
    case .notJSON(let role, let error):
      "\(role.rawValue).json:\(error.place.line):\(error.place.column): \(error.reason)"
    case .malformed(let role, let what): "\(role.rawValue) metadata: \(what)"
    case .tooLarge(let name): "\(name) is larger than it may be"
    case .notFound(let name): "the source has no \(name)"
    case .unavailable(let why): "the source is not available: \(why)"
    case .tooFewSignatures(let role, let valid, let needed):
      "\(role.rawValue) metadata has \(valid) valid signatures and needs \(needed)"
    case .expired(let role): "\(role.rawValue) metadata is expired"
    case .rollback(let role, let trusted, let offered):
      "\(role.rawValue) version \(offered) is older than \(trusted)"
    case .wrongVersion(let role, let expected, let offered):
      "\(role.rawValue) has version \(offered), not \(expected)"
    case .wrongLength(let name): "\(name) does not have the signed length"
    case .wrongHash(let name): "\(name) does not have the signed content"
    case .notInSnapshot(let name): "the snapshot does not name \(name)"
    case .notABundle(let why): "not a bundle: \(why)"
    case .delegates: "the targets metadata delegates, which this device refuses"
    case .unknownTarget(let name): "no signed target is named \(name)"
    case .badTerms(let what): "the target's terms: \(what)"
    case .wrongHardware(let offered): "the image is for \(offered)"
    case .oldRelease(let installed, let offered):
      "release \(offered) is older than release \(installed)"
    case .insecureVersion(let floor, let offered):
      "security version \(offered) is below the floor \(floor)"
    case .badContent(let what): "the content: \(what)"
    case .notApproved(let what): "the hospital's approval: \(what)"
    }
  }
}
