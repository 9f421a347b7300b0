// SPDX-License-Identifier: Apache-2.0

import Domain

/// Why a recording cannot be replayed at all.
public enum RecordingRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  case notARecording
  case version(UInt8)
  /// The header, or no segment at all, is in the file.
  case empty
  /// A segment's own account of itself does not fit the file.
  case damaged(segment: UInt64)
  /// An entry of a segment is cut, unknown, or has another sum than its content.
  case entry(segment: UInt64, offset: Int)

  public var description: String {
    switch self {
    case .notARecording: "this is not a recording"
    case .version(let version): "version \(version) of the recording is not known"
    case .empty: "the recording holds no cycle"
    case .damaged(let segment): "segment \(segment) of the recording is damaged"
    case .entry(let segment, let offset):
      "segment \(segment) of the recording is damaged at its byte \(offset)"
    }
  }
}
