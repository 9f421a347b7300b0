// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Waits for SIGINT or SIGTERM, so that everything started is stopped before the program ends.
final class SignalWatch: Sendable {
  private let arrived = Mutex(false)
  private let sources: [any DispatchSourceSignal]

  init() {
    var made: [any DispatchSourceSignal] = []
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      made.append(DispatchSource.makeSignalSource(signal: number, queue: .global()))
    }
    sources = made
    for source in made {
      source.setEventHandler { [self] in arrived.withLock { $0 = true } }
      source.resume()
    }
  }

  /// Returns when a signal came or `ended` says that there is nothing left to wait for.
  func wait(until ended: () -> Bool) async {
    while !arrived.withLock({ $0 }) && !ended() {
      try? await Task.sleep(for: .milliseconds(50))
    }
  }
}

/// A mark that one task sets and another looks at.
final class Flag: Sendable {
  private let state = Mutex(false)
  var isRaised: Bool { state.withLock { $0 } }
  func raise() { state.withLock { $0 = true } }
}
