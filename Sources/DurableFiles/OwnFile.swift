// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that its user alone decides about.
public enum OwnFile {
  /// Why one is not read.
  public enum Refusal: Error, Hashable, Sendable {
    /// It cannot be opened.
    case unreadable
    /// A folder, a device, a pipe.
    case notAFile
    /// Somebody else owns it or may write it, or read it when it is secret.
    case others
    /// It has so many bytes, more than the limit.
    case tooLarge(Int)
  }

  // SEC-434: one that somebody else may write, or a secret that somebody else may read, is refused.
  /// The whole content of a file of this user or of root that they alone may write, and when it is `secret` alone read.
  ///
  /// What is looked at is what is read: the rights are those of the open file.
  public static func contents(
    of path: String, limit: Int, secret: Bool
  ) throws(Refusal) -> [UInt8] {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw .unreadable }
    defer { close(number) }
    var status = stat()
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .notAFile
    }
    guard status.st_uid == geteuid() || status.st_uid == 0,
      status.st_mode & (secret ? 0o077 : 0o022) == 0
    else { throw .others }
    guard status.st_size <= limit else { throw .tooLarge(status.st_size) }
    return unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      while count < limit {
        let result = unsafe Glibc.read(
          number, buffer.baseAddress?.advanced(by: count), limit - count)
        if result > 0 {
          count += result
        } else if result == 0 || errno != EINTR {
          return
        }
      }
    }
  }
}
