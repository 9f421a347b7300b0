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

  /// One reading in a hundred is another: a sensor that measures is never still.
  private var samples: Int64 = 0

  mutating func sense(at now: Instant) -> SafetyReadings {
    samples += 1
    var seen = readings
    if samples % 100 == 50 { seen.pressure = readings.pressure.map { $0 - .pascals(1) } }
    return seen
  }

  mutating func act(_ outputs: SafetyOutputs, at now: Instant) {
    self.outputs.append(outputs)
    if powerFollowsGate { readings.motorPowered = outputs.gate }
  }
}
