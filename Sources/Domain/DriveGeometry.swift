// SPDX-License-Identifier: Apache-2.0

public import Units

/// What one step of the reference drive does: an M5 screw, 0.8 mm a turn, 200 × 32 microsteps.
public enum DriveGeometry {
  /// Travel of the pusher per microstep: exactly 125 nm.
  @inlinable public static var travelPerMicrostep: Length { .nanometres(125) }
  /// Microsteps in one turn of the screw.
  @inlinable public static var microstepsPerTurn: Int64 { 6_400 }
  /// Counts of the screw's encoder in one turn (AS5600: 12 bits).
  @inlinable public static var encoderCountsPerTurn: Int64 { 4_096 }
  /// Travel of the pusher per turn.
  @inlinable public static var travelPerTurn: Length { .nanometres(800_000) }

  /// The fluid that a number of microsteps displaces.
  @inlinable public static func volume(ofMicrosteps count: Int64, in syringe: Syringe) -> Volume {
    syringe.barrel.volume(over: travelPerMicrostep * count)
  }

  /// The drive speed that gives a rate, in microsteps per 10 000 s (the Tic's unit).
  @inlinable public static func speed(for rate: FlowRate, in syringe: Syringe) -> DriveSpeed {
    // nL/h ÷ (µm² × 125 nm ÷ 10⁹ nL) microsteps per hour; × 10 000 s ÷ 3600 s per hour: in lowest
    // terms 2 × 10⁸ ÷ 9, which fits a machine word at every rate the pump has.
    DriveSpeed(
      native: Scale.multiplyDivide(rate.native, 200_000_000, syringe.barrel.native * 9) ?? 0)
  }
}

/// A signed speed of the drive in microsteps per 10 000 s; positive pushes fluid towards the patient.
public struct DriveSpeed: AdditiveQuantity {
  public let native: Int64
  @inlinable public init(native: Int64) { self.native = native }
  /// The value in microsteps per 10 000 s.
  @inlinable public var microstepsPer10000Seconds: Int64 { native }
}
