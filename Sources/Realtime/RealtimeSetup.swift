// SPDX-License-Identifier: Apache-2.0

import CRealtime

/// What a process needs from the kernel to keep a 10 ms cycle, and which of it is missing.
public struct RealtimeGaps: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// SCHED_FIFO was refused: needs CAP_SYS_NICE or RLIMIT_RTPRIO.
  public static var scheduling: RealtimeGaps { RealtimeGaps(rawValue: 1) }
  /// mlockall was refused: needs CAP_IPC_LOCK or RLIMIT_MEMLOCK.
  public static var memory: RealtimeGaps { RealtimeGaps(rawValue: 2) }
  /// The monotonic clock is coarser than 1 µs: no high-resolution timer.
  public static var timer: RealtimeGaps { RealtimeGaps(rawValue: 4) }
}

extension RealtimeGaps: CustomStringConvertible {
  /// The missing parts in words, or "none".
  public var description: String {
    var missing: [String] = []
    if contains(.scheduling) { missing.append("SCHED_FIFO") }
    if contains(.memory) { missing.append("locked memory") }
    if contains(.timer) { missing.append("a high-resolution timer") }
    return missing.isEmpty ? "none" : missing.joined(separator: ", ")
  }
}

/// Makes the calling thread a real-time one; call it once, before the first cycle.
///
/// Locks all memory, touches the stack that the cycle will use and takes SCHED_FIFO at a priority of
/// 1…99. It does what it can and returns what it could not: the caller decides what that means.
// RC-025: what is missing is told, so that the controller refuses to infuse on a device.
public func prepareRealtime(priority: Int32) -> RealtimeGaps {
  var gaps: RealtimeGaps = []
  if rp_lock_memory() != 0 { gaps.insert(.memory) }
  rp_prefault_stack()
  if !takeRealtimePriority(priority) { gaps.insert(.scheduling) }
  // A help and no condition: what it is worth depends on the processor, and lateness is measured.
  _ = rp_keep_awake()
  if rp_clock_resolution() > 1_000 { gaps.insert(.timer) }
  return gaps
}

/// Makes the calling thread run before every ordinary one: SCHED_FIFO at a priority of 1…99; `false`
/// when the kernel refuses.
public func takeRealtimePriority(_ priority: Int32) -> Bool { rp_set_fifo(priority) == 0 }
