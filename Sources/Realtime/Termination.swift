// SPDX-License-Identifier: Apache-2.0

import CRealtime

/// The wish of the service manager or a person that the process should end.
public enum Termination {
  /// From now on SIGTERM and SIGINT are remembered instead of ending the process at once, so that
  /// it can let its outputs go first; `false` when the kernel refuses.
  public static func watch() -> Bool { rp_watch_termination() == 0 }

  /// Whether one of them came.
  public static var requested: Bool { rp_termination_requested() }
}
