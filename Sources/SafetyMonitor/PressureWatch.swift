// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Compares the monitor's own pressure sensor with its limit and with its twin (RC-029).
struct PressureWatch: Sendable {
  private var absent = Persistence()
  private var high = Persistence()
  private var apart = Persistence()
  private var still = Standstill()

  /// - Parameters:
  ///   - own: Sensor B; `nil` without a valid reading.
  ///   - twin: Sensor A as the controller reports it; its absence is the controller's to announce.
  ///   - limit: The occlusion limit while delivering; `nil` otherwise.
  /// - Returns: Whether pressure is a reason to object.
  mutating func check(
    own: Pressure?, twin: Pressure?, limit: Pressure?, at now: Instant
  ) -> Bool {
    let time = MonitorLimits.pressurePersistence
    var isHigh = false
    var isApart = false
    if let own {
      if let limit { isHigh = own > MonitorLimits.highestPressure(for: limit) }
      if let twin { isApart = (own - twin).magnitude > MonitorLimits.pressureDifference }
    }
    // RC-029 SRS-062: every timer runs in every cycle, whatever the others say.
    let gone = absent.lasts(own == nil, for: time, at: now)
    let over = high.lasts(isHigh, for: time, at: now)
    let differs = apart.lasts(isApart, for: time, at: now)
    // RC-029 SRS-141: a sensor that is held would hide an occlusion from the monitor too.
    let frozen = still.lasts(own?.native, for: MonitorLimits.pressureStandstill, at: now)
    return gone || over || differs || frozen
  }
}
