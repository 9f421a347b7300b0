// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a socket could not be had.
public enum TransportError: Error, Hashable, Sendable {
  /// The path is empty or longer than a socket's name may be (107 bytes).
  case pathTooLong
  /// Another process listens there.
  case inUse
  /// Nobody listens there.
  case nobodyThere
  /// The file system refuses.
  case permission
  /// The far end is a user who is not on the list.
  case peerNotAllowed(user: UInt32)
  /// Anything else, by its errno.
  case system(Int32)

  /// From a negative errno.
  init(_ result: Int32) {
    self =
      switch -result {
      case ENAMETOOLONG: .pathTooLong
      case EADDRINUSE: .inUse
      case ENOENT, ECONNREFUSED: .nobodyThere
      case EACCES, EPERM: .permission
      default: .system(-result)
      }
  }
}

extension TransportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .pathTooLong: "the socket's path is empty or longer than 107 bytes"
    case .inUse: "another process already listens there"
    case .nobodyThere: "nobody listens there"
    case .permission: "permission denied"
    case .peerNotAllowed(let user): "the process there runs as user \(user), who is not allowed"
    case .system(let number): unsafe "\(String(cString: strerror(number)))"
    }
  }
}
