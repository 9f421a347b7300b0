// SPDX-License-Identifier: Apache-2.0

/// When checkpoints are made: the windows in which records could vanish unnoticed.
///
/// A record is durable before it is acknowledged. What a checkpoint adds is that its loss is noticed by
/// whoever knows the counter or an earlier checkpoint. Until then, at most ``spacing`` of safety-relevant
/// records, and at most ``records`` or ``interval`` of others, are unprotected against an attacker who
/// has the medium.
public struct AuditPolicy: Hashable, Sendable {
  /// After this many records at the latest.
  public var records: UInt64 = 256
  /// After this many nanoseconds at the latest, when there is a record.
  public var interval: UInt64 = 300_000_000_000
  /// No two within this many nanoseconds, so that a flood does not wear out the counter.
  public var spacing: UInt64 = 1_000_000_000
  /// Without any record for this many nanoseconds the log says that it is alive.
  public var heartbeat: UInt64 = 600_000_000_000
  /// A new key signs after this many nanoseconds, and at every start.
  public var epoch: UInt64 = 86_400_000_000_000
  /// Bytes held back for safety-relevant records on a full disk.
  public var reserve = 1 << 18
  /// Records in a file: a multiple of 256.
  public var segment: UInt64 = 4_096

  public init() {}
}
