// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// How much metadata is taken before it is refused.
public struct MetadataLimits: Hashable, Sendable {
  /// Roots that one refresh walks through.
  public var rootRotations: Int
  public var root: Int
  public var timestamp: Int
  /// Bytes of a snapshot whose length is not announced.
  public var snapshot: Int
  /// Bytes of a targets file whose length is not announced.
  public var targets: Int

  /// What a device takes: 64 roots, 64 KiB of each role.
  public static let device = MetadataLimits(
    rootRotations: 64, root: 65_536, timestamp: 16_384, snapshot: 65_536, targets: 65_536)

  /// What a general client takes: the figures of the specification's reference client.
  public static let general = MetadataLimits(
    rootRotations: 256, root: 512_000, timestamp: 16_384, snapshot: 2_000_000,
    targets: 5_000_000)

  /// The largest that any role may be.
  public var largest: Int64 { Int64(max(max(root, timestamp), max(snapshot, targets))) }

  func size(_ role: MetadataRole) -> Int {
    switch role {
    case .root: root
    case .timestamp: timestamp
    case .snapshot: snapshot
    case .targets: targets
    }
  }

  func json(_ role: MetadataRole) -> JSONLimits {
    JSONLimits(depth: 16, size: size(role), integer: JSONLimits.exactInteger)
  }
}
