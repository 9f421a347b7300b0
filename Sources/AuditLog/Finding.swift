// SPDX-License-Identifier: Apache-2.0

/// Something in a log that should not be.
public struct Finding: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// A record is not what was recorded.
    case edited
    /// Records are missing.
    case deleted
    /// A record does not belong where it stands.
    case misplaced
    /// Records at the end are missing.
    case truncated
    /// The records are not those of a checkpoint.
    case rewritten
    /// The records contradict what was remembered.
    case forked
    /// The log is older than the counter.
    case rolledBack
    /// The log is of another device.
    case foreign
    /// Something that happened was not recorded.
    case suppressed
    /// A checkpoint without a signature that counts.
    case unsigned
    /// No witness has seen the newest checkpoint.
    case unwitnessed
  }

  public let kind: Kind
  /// The first record that cannot be trusted.
  public let first: UInt64
  /// The last of those it may be; the same where the place is known.
  public let last: UInt64
  /// For a person.
  public let text: String
}

/// What an inspector knows from elsewhere.
public struct Expectations: Sendable {
  /// The key that the log began with; its name is the log's origin.
  public var key: NoteKey
  /// Checkpoints seen before.
  public var remembered: [Checkpoint] = []
  /// The device's counter.
  public var counter: UInt64?
  /// A witness that has to have seen the newest checkpoint.
  public var witness: NoteKey?

  public init(key: NoteKey) { self.key = key }
}

/// What an inspection found.
public struct Verdict: Sendable {
  public internal(set) var findings: [Finding] = []
  /// How many records there are.
  public internal(set) var size: UInt64 = 0
  /// The newest checkpoint that fits records and keys.
  public internal(set) var checkpoint: Checkpoint?
  /// Records after it: durable, and not yet protected.
  public var uncovered: UInt64 { size - min(size, checkpoint?.size ?? 0) }
  /// How often the log was opened.
  public internal(set) var starts: UInt64 = 0
  /// How many keys signed, one after the other.
  public internal(set) var epochs = 0
  /// When the witness saw the newest checkpoint, in seconds since 1970.
  public internal(set) var cosigned: UInt64?
  public var isGood: Bool { findings.isEmpty }
}
