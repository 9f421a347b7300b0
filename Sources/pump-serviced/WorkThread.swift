// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Where what takes its time is done, one piece after the other: secrets are hashed, pages of the log are read.
///
/// No thread that others wait for waits for it. Whoever gives it work has one piece of each connection in it at a time, so that what waits is bounded and
/// each connection takes its turn.
final class WorkThread: Sendable {
  private struct Contents {
    var work: [@Sendable () -> Void] = []
    var closing = false
    var closed = false
  }

  private let contents = Mutex(Contents())
  private let name: String

  init(_ name: String) { self.name = name }

  func start() {
    let thread = Thread { [self] in
      run()
      contents.withLock { $0.closed = true }
    }
    thread.name = name
    thread.start()
  }

  func submit(_ work: @escaping @Sendable () -> Void) {
    contents.withLock { $0.work.append(work) }
  }

  /// Ends the thread; returns within a second.
  func close() {
    contents.withLock { $0.closing = true }
    for _ in 0..<100 where !contents.withLock({ $0.closed }) { Thread.sleep(forTimeInterval: 0.01) }
  }

  private func run() {
    while !contents.withLock({ $0.closing }) {
      let next = contents.withLock { contents in
        contents.work.isEmpty ? nil : contents.work.removeFirst()
      }
      if let next { next() } else { Thread.sleep(forTimeInterval: 0.005) }
    }
  }
}
