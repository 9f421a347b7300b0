// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why the storage did not do what it was asked.
public enum StorageError: Error, Hashable, Sendable {
  /// No file or folder of that name.
  case notFound
  /// The name is taken.
  case exists
  /// Not one path component of 1 to 100 letters, digits, `.`, `_` or `-` that begins with none of
  /// the last three.
  case badName
  /// No room, or the quota is used up (ENOSPC, EDQUOT).
  ///
  /// A write may have left a part of its bytes.
  case noSpace
  /// The medium failed (EIO).
  ///
  /// After a write it is unknown what was written; after a sync nothing that was written since the last
  /// good one may be counted on, and a sync that succeeds later does not change that.
  case io
  /// The file system refuses this user (EACCES, EPERM).
  case permission
  /// The file system can only be read (EROFS).
  case readOnly
  /// Another process holds the folder.
  case inUse
  /// The medium is gone: unplugged (ENODEV, ENXIO), or without power.
  case gone
  /// An offset, count or size below zero.
  case badOffset
  /// Longer than the reader is ready to take.
  case tooLarge
  /// Anything else, by its errno.
  case system(Int32)

  /// What an errno stands for.
  public init(errno number: Int32) {
    self =
      switch number {
      case ENOENT: .notFound
      case EEXIST, ENOTEMPTY: .exists
      case ENOSPC, EDQUOT: .noSpace
      case EIO: .io
      case EACCES, EPERM: .permission
      case EROFS: .readOnly
      case EWOULDBLOCK: .inUse
      case ENODEV, ENXIO: .gone
      case EFBIG: .tooLarge
      default: .system(number)
      }
  }
}

extension StorageError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFound: "no such file or folder"
    case .exists: "the name is taken"
    case .badName: "not a name for a file"
    case .noSpace: "no space left"
    case .io: "the medium failed"
    case .permission: "permission denied"
    case .readOnly: "read-only file system"
    case .inUse: "another process holds the folder"
    case .gone: "the medium is gone"
    case .badOffset: "an offset below zero"
    case .tooLarge: "too large"
    case .system(let number): unsafe String(cString: strerror(number))
    }
  }
}
