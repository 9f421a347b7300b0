// SPDX-License-Identifier: Apache-2.0

/// What the electronics do to the mechanics during one step.
public struct PlantInput: Sendable, Equatable {
  /// Where the motion controller has sent the motor since power-up, in microsteps.
  ///
  /// A microstep is 1/32 step: 6400 a turn, 125 nm of screw travel each. Positive pushes fluid towards
  /// the patient.
  /// Only its changes count. A change of more than ``Plant/pullOutMicrosteps`` in one step is faster
  /// than the rotor can follow: it stalls and those microsteps are lost.
  public var motorPosition: Int64

  /// Whether the motor has current.
  ///
  /// Without it the screw locks itself, the rotor stays where it is
  /// and the microsteps sent to it are lost.
  public var motorPowered: Bool

  /// What the electronics draw from the battery, in milliamperes.
  ///
  /// Values outside 0...10 000 count as the nearer end.
  public var loadCurrent_mA: Int

  public init(motorPosition: Int64 = 0, motorPowered: Bool = true, loadCurrent_mA: Int = 300) {
    self.motorPosition = motorPosition
    self.motorPowered = motorPowered
    self.loadCurrent_mA = loadCurrent_mA
  }
}
