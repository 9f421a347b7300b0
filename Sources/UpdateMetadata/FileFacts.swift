// SPDX-License-Identifier: Apache-2.0

import Cryptography
import StrictJSON

/// Hashes that were announced for a file; those of unknown algorithms are ignored.
public struct FileHashes: Hashable, Sendable {
  public var sha256: [UInt8]?
  public var sha512: [UInt8]?

  init(_ node: JSONNode, _ role: MetadataRole) throws(UpdateRefusal) {
    guard node.members != nil else { throw .malformed(role, "hashes is not an object") }
    sha256 = try Self.hash(node["sha256"], SHA256.size, role)
    sha512 = try Self.hash(node["sha512"], SHA512.size, role)
    // SEC-302: announced hashes that cannot be checked are no check.
    guard sha256 != nil || sha512 != nil else {
      throw .malformed(role, "hashes holds neither sha256 nor sha512")
    }
  }

  private static func hash(_ node: JSONNode?, _ size: Int, _ role: MetadataRole)
    throws(UpdateRefusal) -> [UInt8]?
  {
    guard let node else { return nil }
    guard let text = node.string, let bytes = Hex.decode(text), bytes.count == size else {
      throw .malformed(role, "a hash has the wrong form")
    }
    return bytes
  }

  public func match(_ bytes: [UInt8]) -> Bool {
    (sha256 == nil || sha256 == SHA256.hash(bytes))
      && (sha512 == nil || sha512 == SHA512.hash(bytes))
  }
}

/// What timestamp and snapshot announce of another metadata file.
struct MetaFile {
  var version: Int64
  var length: Int64?
  var hashes: FileHashes?

  init(_ node: JSONNode, _ role: MetadataRole) throws(UpdateRefusal) {
    guard let version = node["version"]?.integer, version >= 1 else {
      throw .malformed(role, "an announced version is not a whole number from 1")
    }
    self.version = version
    if let node = node["length"] {
      guard let length = node.integer, length >= 1 else {
        throw .malformed(role, "an announced length is not a whole number from 1")
      }
      self.length = length
    }
    if let node = node["hashes"] { hashes = try FileHashes(node, role) }
  }

  func check(_ bytes: [UInt8], _ name: String) throws(UpdateRefusal) {
    if let length, Int64(bytes.count) != length { throw .wrongLength(name) }
    if let hashes, !hashes.match(bytes) { throw .wrongHash(name) }
  }
}

struct TimestampMetadata {
  var version: Int64
  var expires: UnixTime
  var snapshot: MetaFile

  init(_ envelope: SignedEnvelope) throws(UpdateRefusal) {
    version = envelope.version
    expires = envelope.expires
    guard let meta = envelope.signed["meta"], let members = meta.members, members.count == 1,
      let node = meta["snapshot.json"]
    else { throw .malformed(.timestamp, "meta must hold snapshot.json alone") }
    snapshot = try MetaFile(node, .timestamp)
  }
}

struct SnapshotMetadata {
  var version: Int64
  var expires: UnixTime
  /// In the order of the text.
  var files: [(name: String, file: MetaFile)]

  init(_ envelope: SignedEnvelope) throws(UpdateRefusal) {
    version = envelope.version
    expires = envelope.expires
    guard let members = envelope.signed["meta"]?.members else {
      throw .malformed(.snapshot, "needs meta")
    }
    files = []
    for member in members {
      files.append((member.key, try MetaFile(member.node, .snapshot)))
    }
  }

  subscript(_ name: String) -> MetaFile? {
    files.first { $0.name.utf8.elementsEqual(name.utf8) }?.file
  }
}
