// SPDX-License-Identifier: Apache-2.0

import StrictJSON
public import UpdateMetadata

/// What a hospital decided for its pumps: signed, versioned and activated like a drug library.
///
/// ```json
/// {"format": 1, "site": "Example hospital", "approval": {"threshold": 2, "keys": […]}}
/// ```
///
/// `approval` may be missing; see ``SiteApprovers``. Once one is active, a change of it needs it as well.
public struct SiteConfiguration: Sendable {
  /// Bytes of its text.
  public static var largest: Int { 65_536 }

  /// Whose pump it is: 1 to 64 bytes of printable ASCII.
  public let site: String
  /// Whose approval libraries and configurations need; nil for nobody's.
  public let approvers: SiteApprovers?

  // SEC-381: any bytes give a configuration or a reason.
  public init(_ bytes: [UInt8]) throws(UpdateRefusal) {
    let limits = JSONLimits(depth: 6, size: Self.largest, integer: JSONLimits.exactInteger)
    let node: JSONNode
    do { node = try JSONReader.read(bytes, limits: limits) } catch {
      throw .badContent("\(error.place.line):\(error.place.column): \(error.reason)")
    }
    guard let members = node.members, node["format"]?.integer == 1 else {
      throw .badContent("the format is not 1")
    }
    for member in members where !["format", "site", "approval"].contains(member.key) {
      throw .badContent("unknown key \"\(member.key)\"")
    }
    guard let site = node["site"]?.string, (1...64).contains(site.utf8.count),
      site.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
    else { throw .badContent("site is not 1 to 64 printable ASCII characters") }
    self.site = site
    if let node = node["approval"] {
      approvers = try SiteApprovers(node)
    } else {
      approvers = nil
    }
  }
}
