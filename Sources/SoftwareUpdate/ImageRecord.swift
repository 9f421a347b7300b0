// SPDX-License-Identifier: Apache-2.0

import Cryptography
import StrictJSON
public import UpdateMetadata

/// What is known of an image in a slot, as it was signed.
public struct ImageRecord: Hashable, Sendable {
  public var name: String
  public var version: String
  public var releaseCounter: Int64
  public var securityVersion: Int64
  /// Bytes.
  public var length: Int64
  public var sha256: [UInt8]
  public var notes: String

  public init(
    name: String, version: String, releaseCounter: Int64, securityVersion: Int64, length: Int64,
    sha256: [UInt8], notes: String
  ) {
    self.name = name
    self.version = version
    self.releaseCounter = releaseCounter
    self.securityVersion = securityVersion
    self.length = length
    self.sha256 = sha256
    self.notes = notes
  }

  /// The record of a target with its terms; a target without a SHA-256 is refused.
  public init(_ target: TargetFile, _ terms: ImageTerms) throws(UpdateRefusal) {
    guard let sha256 = target.hashes.sha256 else {
      throw .badTerms("an image needs a SHA-256")
    }
    self.init(
      name: target.name, version: terms.version, releaseCounter: terms.releaseCounter,
      securityVersion: terms.securityVersion, length: target.length, sha256: sha256,
      notes: terms.notes)
  }

  var json: JSONNode {
    .object([
      ("length", .integer(length)), ("name", .string(name)), ("notes", .string(notes)),
      ("releaseCounter", .integer(releaseCounter)), ("securityVersion", .integer(securityVersion)),
      ("sha256", .string(Hex.encode(sha256))), ("version", .string(version)),
    ])
  }

  init?(json node: JSONNode) {
    guard let name = node["name"]?.string, let version = node["version"]?.string,
      let releaseCounter = node["releaseCounter"]?.integer,
      let securityVersion = node["securityVersion"]?.integer,
      let length = node["length"]?.integer, length >= 0,
      let sha256 = node["sha256"]?.string.flatMap({ Hex.decode($0) }), sha256.count == SHA256.size,
      let notes = node["notes"]?.string
    else { return nil }
    self.init(
      name: name, version: version, releaseCounter: releaseCounter,
      securityVersion: securityVersion, length: length, sha256: sha256, notes: notes)
  }
}
