// SPDX-License-Identifier: Apache-2.0

import CRealtime

/// Words of a daemon to a person, on standard error: never waits, so that a full pipe stops nothing.
public struct Console: Sendable {
  private let program: String
  private var nextCount: UInt32 = 1

  public init(program: String) { self.program = program }

  /// Writes one line; it is lost when nobody takes it.
  public func say(_ text: String) { unsafe rp_say("\(program): \(text)\n") }

  /// Writes a line about a growing count when it has reached 1, 2, 4, 8 …: a flood of the same
  /// trouble is told, and does not become a flood of words.
  public mutating func say(_ text: @autoclosure () -> String, count: UInt32) {
    guard count >= nextCount else { return }
    while nextCount <= count && nextCount < 1 << 31 { nextCount <<= 1 }
    say("\(text()) (\(count) so far)")
  }
}
