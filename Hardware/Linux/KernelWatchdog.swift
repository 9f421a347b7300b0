// SPDX-License-Identifier: Apache-2.0

import CI2C
public import Units

/// The kernel's watchdog, which restarts the machine when nobody strokes it.
///
/// The last net under the gate's own watchdog (RC-019): that one takes the motor's power within 60 ms,
/// this one brings a hung machine back to a state that it can alarm from.
// SRS-126: a hung machine restarts.
// RC-040: a monitor that hangs or dies without an orderly end stops stroking, and the machine restarts.
public final class KernelWatchdog {
  /// How long it waits, as the kernel granted it.
  public let timeout: Interval
  private var device: OwnedDevice?
  private var strokedAt: Instant?

  /// Opens and starts the watchdog, asking for a time of whole seconds; the kernel may grant another,
  /// but none is taken that is longer than `longest`.
  public init(path: String, timeout: Interval, longest: Interval) throws(DeviceError) {
    var granted: Int32 = 0
    let asked = Int32(clamping: timeout.native / 1_000_000_000)
    let number = unsafe ci_watchdog_open(path, asked, &granted)
    guard number >= 0 else { throw DeviceError(.watchdog(path), code: number) }
    let owned = OwnedDevice(number)
    self.timeout = .seconds(Int64(granted))
    guard granted > 0, self.timeout <= longest else {
      // It started with the opening: stop it, the process is not going to stroke it.
      _ = ci_watchdog_disarm(owned.release())
      device = nil
      throw DeviceError(.watchdog(path), .unsupported)
    }
    device = consume owned
  }

  /// Strokes it, at most four times in its timeout; call it in every cycle.
  ///
  /// `false` when the kernel refused.
  @discardableResult
  public func keepAlive(at now: Instant) -> Bool {
    if let strokedAt, now - strokedAt < Interval(native: timeout.native / 4) { return true }
    guard let number = device?.number else { return false }
    strokedAt = now
    return ci_watchdog_keep_alive(number) >= 0
  }

  /// Stops it at an orderly end; `false` when the kernel lets it run on (nowayout).
  ///
  /// Without this call it takes the end of the process for a crash.
  @discardableResult
  public func disarm() -> Bool {
    guard let owned = device.take() else { return false }
    return ci_watchdog_disarm(owned.release()) >= 0
  }
}
