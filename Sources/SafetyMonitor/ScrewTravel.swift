// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Unwraps the screw's encoder into a count that goes on over the turns.
///
/// Two successive readings are less than half a turn apart: half a turn takes 0.6 s at the fastest
/// travel, and an encoder that is silent for 50 ms is a fault.
struct ScrewTravel: Sendable {
  /// Counts since the first reading, signed; forward is towards the patient.
  private(set) var counts: Int64 = 0
  /// Whether ``counts`` rests on a reading of this cycle.
  private(set) var valid = false

  private var angle: Int64?
  private var absence = Persistence()

  /// Takes a reading in.
  ///
  /// - Returns: Whether the encoder is at fault: silent, outside its range, or jumping.
  mutating func read(_ reading: Int64?, at now: Instant) -> Bool {
    let turn = DriveGeometry.encoderCountsPerTurn
    valid = false
    // RC-029 SRS-060: an encoder that is absent or out of its range is a fault.
    guard let reading, reading >= 0, reading < turn else {
      if absence.lasts(true, for: MonitorLimits.persistence, at: now) {
        // What the screw did meanwhile is unknown: the next reading starts a new count.
        angle = nil
        return true
      }
      return false
    }
    _ = absence.lasts(false, for: .zero, at: now)
    defer { angle = reading }
    guard let last = angle else {
      valid = true
      return false
    }
    var step = reading - last
    if step >= turn / 2 { step -= turn }
    if step < -turn / 2 { step += turn }
    guard step.magnitude <= MonitorLimits.encoderJump.magnitude else { return true }
    counts = Scale.saturatingAdd(counts, step)
    valid = true
    return false
  }

  /// The pusher's travel for a number of counts.
  static func travel(_ counts: Int64) -> Length {
    let lead = DriveGeometry.travelPerTurn.native
    let turn = DriveGeometry.encoderCountsPerTurn
    return Length(native: Scale.multiplyDivide(counts, lead, turn) ?? 0)
  }

  /// The fluid that a number of counts displaces, worked out when counts or barrel change: the screw
  /// stands still in most cycles.
  struct Displacement: Sendable, BitwiseCopyable {
    private var counts: Int64 = 0
    private var syringe = Syringe.mL50
    private(set) var volume = Volume.zero

    mutating func of(_ counts: Int64, in syringe: Syringe) -> Volume {
      if counts != self.counts || syringe != self.syringe {
        self.counts = counts
        self.syringe = syringe
        volume = ScrewTravel.volume(counts, in: syringe)
      }
      return volume
    }
  }

  /// The fluid that a number of counts displaces in a barrel.
  static func volume(_ counts: Int64, in syringe: Syringe) -> Volume {
    syringe.barrel.volume(over: travel(counts))
  }
}
