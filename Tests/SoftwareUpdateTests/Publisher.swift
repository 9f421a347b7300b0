// SPDX-License-Identifier: Apache-2.0

import Cryptography
import SoftwareUpdate
import UpdateMetadata

/// Signs small repositories and bundles for the tests of this target.
///
/// The judge of the verifier is python-tuf; this is the quick way to a good bundle.
struct Publisher {
  static let hardware = "reference-pump-1"
  static let now = UnixTime(seconds: 1_800_000_000)

  private let key: Ed25519.PrivateKey
  private let keyID: String
  let root: [UInt8]

  init() throws {
    key = try Ed25519.PrivateKey()
    let bytes =
      #"{"keytype":"ed25519","keyval":{"public":"\#(Hex.encode(key.publicKey.bytes))"},"#
      + #""scheme":"ed25519"}"#
    keyID = Hex.encode(SHA256.hash(Array(bytes.utf8)))
    let role = #"{"keyids":["\#(keyID)"],"threshold":1}"#
    root = try Self.signed(
      #"{"_type":"root","consistent_snapshot":true,"expires":"2030-01-01T00:00:00Z","#
        + #""keys":{"\#(keyID)":\#(bytes)},"roles":{"root":\#(role),"snapshot":\#(role),"#
        + #""targets":\#(role),"timestamp":\#(role)},"spec_version":"1.0.31","version":1}"#,
      key, keyID)
  }

  private static func signed(_ text: String, _ key: Ed25519.PrivateKey, _ keyID: String) throws
    -> [UInt8]
  {
    let signature = Hex.encode(try key.sign(Array(text.utf8)))
    return Array(
      #"{"signatures":[{"keyid":"\#(keyID)","sig":"\#(signature)"}],"signed":\#(text)}"#.utf8)
  }

  /// A bundle with metadata of this version and one image.
  func bundle(
    _ version: Int64, _ content: [UInt8], release: Int64, security: Int64,
    hardware: String = Publisher.hardware
  ) throws -> [UInt8] {
    let head = #""expires":"2030-01-01T00:00:00Z""#
    let tail = #""spec_version":"1.0.31""#
    let custom =
      #"{"hardware":["\#(hardware)"],"kind":"firmware","notes":"n","releaseCounter":\#(release),"#
      + #""securityVersion":\#(security),"version":"\#(version).0"}"#
    let hash = Hex.encode(SHA256.hash(content))
    let targets = try sign(
      #"{"_type":"targets",\#(head),\#(tail),"targets":{"image":{"custom":\#(custom),"#
        + #""hashes":{"sha256":"\#(hash)"},"length":\#(content.count)}},"version":\#(version)}"#)
    let snapshot = try sign(
      #"{"_type":"snapshot",\#(head),"meta":{"targets.json":{"version":\#(version)}},"#
        + #"\#(tail),"version":\#(version)}"#)
    let timestamp = try sign(
      #"{"_type":"timestamp",\#(head),"meta":{"snapshot.json":{"version":\#(version)}},"#
        + #"\#(tail),"version":\#(version)}"#)
    return Self.bundle([
      ("timestamp.json", timestamp), ("\(version).snapshot.json", snapshot),
      ("\(version).targets.json", targets), ("image", content),
    ])
  }

  private func sign(_ text: String) throws -> [UInt8] { try Self.signed(text, key, keyID) }

  static func bundle(_ entries: [(String, [UInt8])]) -> [UInt8] {
    var bytes = Array("PUMPUPD1".utf8) + big(UInt64(entries.count), 4)
    for (name, content) in entries {
      bytes += [UInt8(name.utf8.count)] + Array(name.utf8) + big(UInt64(content.count), 8)
    }
    return entries.reduce(into: bytes) { $0 += $1.1 }
  }

  static func big(_ number: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64(count - 1 - $0))) }
  }
}
