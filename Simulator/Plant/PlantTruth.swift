// SPDX-License-Identifier: Apache-2.0

/// Where every femtolitre is, and what really happened; no firmware sees this.
public struct PlantTruth: Sendable, Equatable {
  /// What has entered the patient less what came back, liquid and air together.
  public var delivered_fL: Int64
  /// The liquid part of ``delivered_fL``; negative when more was drawn back than given.
  public var infusedFluid_fL: Int64
  /// The air part of ``delivered_fL``.
  public var deliveredAir_fL: Int64
  /// Air that has passed the air detector towards the patient, less what went back past it.
  public var bubblePassed_fL: Int64
  /// Liquid and air in the syringe.
  public var inSyringe_fL: Int64
  /// Air in the syringe.
  public var syringeAir_fL: Int64
  /// Liquid and air in the line, with what its walls have stretched to hold.
  public var inLine_fL: Int64
  /// Air in the line.
  public var lineAir_fL: Int64
  /// Liquid lost: past the seal, at a loose joint, from an open end, or thrown away with a syringe.
  public var spilled_fL: Int64
  /// Everything that ever flowed backwards out of the patient.
  public var reverseFlow_fL: Int64
  /// The flow into the patient during the last step; negative flows back.
  public var flow_nLPerHour: Int64
  /// True gauge pressure in the syringe.
  public var syringePressure_Pa: Int
  /// True gauge pressure at the line's sensors.
  public var linePressure_Pa: Int
  /// Whether the rotor, with current, failed to follow when it was last asked to move.
  public var motorStalled: Bool
  /// Microsteps sent and never made, each direction counted up.
  public var lostSteps: Int64
}
