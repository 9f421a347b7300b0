// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// The times and counts that supervision keeps between cycles.
struct Watch: Sendable {
  var door = Steady()
  var plunger = Steady()
  var syringe = Steady()
  var lines = Steady()
  var pressure = Steady()
  var drive = Steady()
  var power = Steady()
  var deviation = Steady()
  var mains = Steady()
  var gauge = Steady()
  var service = Steady()
  var panel = Steady()
  var journal = Steady()
  /// Cycles in a row with the pressure at or above the limit.
  var pressureCount = 0
  var occluded = false
  var monitorCycle: UInt64 = 0
  var monitorAt: Instant?
  var monitorFresh = false
  var clampSyringe: Syringe?
  var clampSince: Instant = .zero
  var servicePresent = true
  var panelPresent = true
  init() {}
}
