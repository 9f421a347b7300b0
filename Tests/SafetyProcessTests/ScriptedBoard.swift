// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Units

/// A board that reads what the test says and remembers what it was told.
struct ScriptedBoard: SafetyBoard {
  var simulated = true
  var readings = SafetyReadings()
  /// Power follows the gate, as it does with the controller's enable raised.
  var powerFollowsGate = true
  var failures = 0
  private(set) var preparations = 0
  private(set) var outputs: [SafetyOutputs] = []

  init() {
    readings.encoder = 100
    readings.pressure = .kilopascals(10)
  }

  mutating func prepare() throws(BusError) {
    preparations += 1
    if preparations <= failures { throw .noAcknowledge }
  }

  mutating func sense(at now: Instant) -> SafetyReadings { readings }

  mutating func act(_ outputs: SafetyOutputs, at now: Instant) {
    self.outputs.append(outputs)
    if powerFollowsGate { readings.motorPowered = outputs.gate }
  }
}
