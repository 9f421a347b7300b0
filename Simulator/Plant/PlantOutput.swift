// SPDX-License-Identifier: Apache-2.0

/// What the media of the sensors see after a step, before any sensor electronics quantises it.
///
/// Faults of a sensing element (noise, drift, stuck, disconnected) are already in these numbers. A
/// disconnected sensor reads 0 and says so; the chip in front of it decides what the bus then shows.
public struct PlantOutput: Sendable, Equatable {
  /// True travel of the screw's nut since power-up in nanometres, after stalls and lost microsteps.
  public var screwPosition_nm: Int64 = 0
  /// True angle of the screw since power-up, in whole turns, rounded down.
  public var screwTurns: Int64 = 0

  /// The screw's angle as its magnetic encoder sees it, in 1/4096 turn, 0..<4096.
  public var encoderAngle: Int = 0
  /// Whether the encoder's chip is there at all.
  public var encoderConnected: Bool = true
  /// Whether the encoder's chip sees its magnet; without it the angle is meaningless.
  public var encoderMagnetDetected: Bool = true

  /// Gauge pressure at the line's sensor A, which the delivery control reads, in pascals.
  public var linePressureA_Pa: Int = 0
  /// Whether sensor A is connected.
  public var pressureAConnected: Bool = true
  /// Gauge pressure at the line's sensor B, which the safety monitor reads, in pascals.
  public var linePressureB_Pa: Int = 0
  /// Whether sensor B is connected.
  public var pressureBConnected: Bool = true

  /// Whether gas stands in, or passed during this step through, the tube at the air detector.
  public var airAtDetector: Bool = false
  /// Whether the air detector is connected.
  public var airDetectorConnected: Bool = true

  /// The barrel that the barrel clamp feels; `nil` when it feels none.
  public var syringeSize: Barrel? = .mL50
  /// Whether the plunger's flange is held by the driver.
  public var plungerEngaged: Bool = true
  /// Whether the door is closed.
  public var doorClosed: Bool = true
  /// Whether the contacts of STOP, CONFIRM and the audio-pause key stick closed.
  public var stopStuck: Bool = false
  public var confirmStuck: Bool = false
  public var silenceStuck: Bool = false
  /// The force of the driver on the plunger in millinewtons; positive pushes.
  public var plungerForce_mN: Int = 0

  /// The battery's terminal voltage in microvolts.
  public var batteryVoltage_uV: Int = 0
  /// The charge truly left, in parts per million of what the aged cell holds when full.
  public var batteryCharge_ppm: Int = 0
  /// The charge that the fuel gauge's model believes, in parts per million.
  public var gaugeCharge_ppm: Int = 0
  /// The rate of charge in parts per million per hour; negative while discharging.
  public var batteryChargeRate_ppmPerHour: Int = 0
  /// Whether the gauge's chip holds its last answers.
  public var gaugeStuck: Bool = false
  /// Whether the mains adapter supplies the pump.
  public var mainsPresent: Bool = true
  /// The temperature inside the housing in thousandths of a degree Celsius.
  public var temperature_mC: Int = 0

  public init() {}
}
