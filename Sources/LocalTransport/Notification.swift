// SPDX-License-Identifier: Apache-2.0

import CRealtime

/// Tells the service manager that the process is ready (sd_notify(3), `READY=1`); `false` when there
/// is no service manager or it cannot be told.
@discardableResult
public func notifyReady() -> Bool { unsafe rp_notify("READY=1") == 1 }

/// Tells the service manager that the process is going.
@discardableResult
public func notifyStopping() -> Bool { unsafe rp_notify("STOPPING=1") == 1 }
