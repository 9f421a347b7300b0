// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Remembers SIGTERM and SIGINT, so that the records are complete when the process ends.
enum Termination {
  private static let flag = Atomic(false)

  static var requested: Bool { flag.load(ordering: .relaxed) }

  static func watch() {
    // Read once here: a static must not come into being inside a signal handler.
    _ = requested
    signal(SIGTERM) { _ in Termination.flag.store(true, ordering: .relaxed) }
    signal(SIGINT) { _ in Termination.flag.store(true, ordering: .relaxed) }
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow is an error of the write, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
  }
}
