// SPDX-License-Identifier: Apache-2.0

import CRealtime
public import Units

/// The service manager's watch over this process (systemd's `WatchdogSec=`).
///
/// A process that hangs, or whose cycles do not end in time any more, falls silent and is started
/// again. Without a service manager, or where it does not watch, a stroke does nothing.
// RC-050: only a cycle that was whole and in time tells the service manager that the process lives.
public struct ServiceWatchdog: Sendable {
  /// How long the service manager bears silence; `nil` when it does not watch.
  public let patience: Interval?
  private let socket: Descriptor?
  private var nextAt: Int64 = .min

  /// Reads from the environment whether somebody watches.
  public init() {
    var nanoseconds: Int64 = 0
    let number = unsafe rp_watchdog_open(&nanoseconds)
    socket = number >= 0 ? Descriptor(number) : nil
    patience = number >= 0 ? Interval(native: nanoseconds) : nil
  }

  /// Call it at the end of every cycle; says a word at most eight times in the time allowed.
  ///
  /// `good` says that this cycle did all its work and began in time.
  public mutating func stroke(good: Bool) {
    guard good, let socket, let patience else { return }
    let now = rp_clock()
    guard now >= nextAt else { return }
    // A word that cannot be said now is said in the next cycle.
    guard rp_watchdog_stroke(socket.number) >= 0 else { return }
    nextAt = Scale.saturatingAdd(now, patience.native / 8)
  }
}
