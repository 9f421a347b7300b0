// SPDX-License-Identifier: Apache-2.0

public import DurableFiles

/// Why the log could not do what it was asked.
public enum AuditError: Error, Hashable, Sendable {
  /// The storage did not take or give it; what was acknowledged before stands.
  case storage(StorageError)
  /// The files do not belong together: somebody, or a broken medium, changed them.
  case damaged(String)
  /// No signature could be had; records are kept without a new checkpoint.
  case keys(String)
  /// The counter could not be read or moved.
  case counter(String)
}

extension AuditError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .storage(let why): "the audit log's storage: \(why)"
    case .damaged(let what): "the audit log is damaged: \(what)"
    case .keys(let what): "the audit log's keys: \(what)"
    case .counter(let what): "the audit log's counter: \(what)"
    }
  }
}

/// The files of a log; in full in `Docs/Security/audit-log.md`.
enum Layout {
  static let checkpoints = "checkpoints"
  /// Room for safety-relevant records on a full disk.
  static let reserve = "reserve"
  private static let prefix = "records-"
  private static let digits = 12

  static func records(from first: UInt64) -> String {
    let number = String(first)
    return prefix + String(repeating: "0", count: max(0, digits - number.count)) + number
  }

  /// The first index of a file of records; nil for another file.
  static func first(of name: String) -> UInt64? {
    guard name.hasPrefix(prefix), let first = UInt64(name.dropFirst(prefix.count)),
      records(from: first) == name
    else { return nil }
    return first
  }

  /// Roots of complete subtrees of 256^level leaves, one after the other.
  static func hashes(level: Int) -> String { "hashes-\(level)" }
}

/// A frame: the length of its content in two bytes, the content, and the first eight bytes of its check.
enum Frame {
  static let overhead = 10

  static func append(_ content: [UInt8], check: UInt64, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: content.count >> 8))
    bytes.append(UInt8(truncatingIfNeeded: content.count))
    bytes += content
    var shift: UInt64 = 64
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(truncatingIfNeeded: check >> shift))
    }
  }

  /// The content of the frame at a position and its check; nil when the bytes end within it or it is
  /// empty.
  static func read(_ bytes: [UInt8], at position: Int) -> (content: Range<Int>, check: UInt64)? {
    guard bytes.count - position >= overhead else { return nil }
    let count = Int(bytes[position]) << 8 | Int(bytes[position + 1])
    guard count > 0, bytes.count - position >= count + overhead else { return nil }
    let end = position + 2 + count
    var check: UInt64 = 0
    for place in end..<end + 8 { check = check << 8 | UInt64(bytes[place]) }
    return (position + 2..<end, check)
  }
}

/// Calls to the storage, with the log's error.
func stored<Result>(_ body: () throws(StorageError) -> Result) throws(AuditError) -> Result {
  do { return try body() } catch { throw .storage(error) }
}
