// SPDX-License-Identifier: Apache-2.0

public import Domain
import Glibc

extension StartVerdict {
  /// The verdict that `pump-verify` left at `path`; nil without a path: nobody asks for one.
  ///
  /// A file that is not there, cannot be read, is a symbolic link or is too long proves nothing.
  // SRS-211: asked for and not there is no proof.
  public init?(at path: String?) {
    guard let path else { return nil }
    self.init(reading: Self.read(path))
  }

  private static func read(_ path: String) -> [UInt8]? {
    let number = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { return nil }
    defer { close(number) }
    var failed = false
    let room = longest + 1
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, done in
      while done < room {
        let result = unsafe Glibc.read(number, buffer.baseAddress?.advanced(by: done), room - done)
        if result == 0 { return }
        if result > 0 {
          done += result
        } else if errno != EINTR {
          failed = true
          return
        }
      }
    }
    return failed ? nil : bytes
  }
}
