// SPDX-License-Identifier: Apache-2.0

import DurableFiles

/// Files of this user that decide whom they believe and who they are.
enum PrivateFile {
  static func read(_ path: String, longest: Int, secret: Bool) throws(Failure) -> [UInt8] {
    do throws(OwnFile.Refusal) {
      return try OwnFile.contents(of: path, limit: longest, secret: secret)
    } catch {
      switch error {
      case .unreadable: throw .badInput("'\(path)' cannot be read")
      case .notAFile: throw .badInput("'\(path)' is no file")
      case .others:
        throw .badInput(
          "'\(path)' is not this user's alone; use 'chmod \(secret ? "600" : "go-w") \(path)'")
      case .tooLarge(let size):
        throw .badInput("'\(path)' has \(size) bytes, more than \(longest)")
      }
    }
  }
}
