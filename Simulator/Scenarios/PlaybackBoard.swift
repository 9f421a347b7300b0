// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import DeviceInterface
import Units

/// A control board that plays a recording and drives nothing.
struct PlaybackBoard: ControlBoard {
  /// What the next cycle senses.
  var readings = ControlReadings()
  /// What its memory's writes came to; `nil` when the recording does not say.
  var writes: [UInt8]?
  /// What the controller gave since the last checkpoint.
  var output = RecordedOutput()
  /// The controller wrote where the recorded one did not.
  private(set) var strayed = false
  private var written = 0

  var simulated: Bool { true }
  var memorySize: Int { 512 }

  mutating func begin(_ readings: ControlReadings, writes: [UInt8]?) {
    self.readings = readings
    self.writes = writes
    written = 0
    output.beginCycle()
  }

  mutating func prepare() throws(BusError) {}
  mutating func sense(at now: Instant) -> ControlReadings { readings }
  mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant) {
    output.acted(order, outputs)
  }

  mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError) {
    var code: UInt8 = 0
    if let writes {
      if written < writes.count { code = writes[written] } else { strayed = true }
    }
    written += 1
    let error = BusError(rawValue: code)
    output.wrote(block, at: address, error)
    if let error { throw error }
  }

  /// Only a start reads, and a replay begins after it.
  mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    strayed = true
    return MemoryBlock()
  }
}
