// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// The times and counts that supervision keeps between cycles.
struct Watch: Sendable {
  var door = Steady()
  var plunger = Steady()
  var lines = Steady()
  var pressure = Steady()
  var drive = Steady()
  var power = Steady()
  var deviation = Steady()
  var mains = Steady()
  var gauge = Steady()
  var pressureStill = Stillness()
  var voltageStill = Stillness()
  var chargeStill = Stillness()
  /// The pressure sensor stands still: no infusion begins with it.
  var pressureFrozen = false
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

extension Watch: Fielded {
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try door.fields(&visitor)
    try plunger.fields(&visitor)
    try lines.fields(&visitor)
    try pressure.fields(&visitor)
    try drive.fields(&visitor)
    try power.fields(&visitor)
    try deviation.fields(&visitor)
    try mains.fields(&visitor)
    try gauge.fields(&visitor)
    try pressureStill.fields(&visitor)
    try voltageStill.fields(&visitor)
    try chargeStill.fields(&visitor)
    try visitor.field(&pressureFrozen)
    try service.fields(&visitor)
    try panel.fields(&visitor)
    try journal.fields(&visitor)
    var count = Int64(pressureCount)
    try visitor.field(&count)
    pressureCount = Int(count)
    try visitor.field(&occluded)
    try visitor.field(&monitorCycle)
    try visitor.field(&monitorAt)
    try visitor.field(&monitorFresh)
    try visitor.field(&clampSyringe, absent: .mL50)
    try visitor.field(&clampSince)
    try visitor.field(&servicePresent)
    try visitor.field(&panelPresent)
  }
}
