// SPDX-License-Identifier: Apache-2.0

/// The plunger's rubber seal between the driver's spring and the fluid.
///
/// Inertia is left out: a seal of some grams settles within milliseconds. What remains is a balance
/// of forces, solved at the end of the step (backward Euler): the spring of the drive train, the
/// fluid's pressure, and friction. At rest the seal holds up to the static friction. In motion the
/// friction follows a Stribeck curve with a rational transition in place of the usual exponential,
///
///     F(v) = Coulomb + (static − Coulomb) / (1 + (v / v_s)²) + viscous · v
///
/// so that a slow plunger sticks, is loaded by the drive, breaks loose and slips ahead: stick-slip.
struct PlungerSeal: Sendable {
  /// Where the seal is along the drive, in nanometres.
  var position_nm = 0.0

  /// −1, 0, +1: the direction it slides in; 0 sticks.
  private var sliding = 0.0

  /// How far the seal moves in this step, in nanometres.
  ///
  /// - Parameters:
  ///   - drive_N: the net force on the seal if it stayed where it is; positive is forward.
  ///   - stiffness_NPerNm: by how much that force falls for each nanometre the seal gives way.
  @inline(__always)
  mutating func travel(
    under drive_N: Double, stiffness_NPerNm: Double, _ parameters: Parameters
  ) -> Double {
    let force = drive_N < 0 ? -drive_N : drive_N
    let direction = drive_N < 0 ? -1.0 : 1.0
    if sliding != direction {
      guard force > parameters.staticFriction_N else {
        sliding = 0
        return 0
      }
      sliding = direction
    }
    return direction
      * slide(under: force, damping: stiffness_NPerNm + parameters.viscous_NPerNmStep, parameters)
  }

  /// Solves the balance for the slide's length by fixed-point iteration from the fastest slide down.
  ///
  /// Five rounds settle it to well under a nanometre; a solution that vanishes on the way means that
  /// the friction of slower motion catches the seal, and it sticks.
  private mutating func slide(
    under force: Double, damping: Double, _ parameters: Parameters
  ) -> Double {
    let excess = parameters.staticFriction_N - parameters.coulombFriction_N
    var length = (force - parameters.coulombFriction_N) / damping
    for _ in 0..<5 where length > 0 {
      let speed = length / parameters.stribeck_nmPerStep
      let friction = parameters.coulombFriction_N + excess / (1 + speed * speed)
      length = (force - friction) / damping
    }
    guard length > 0 else {
      sliding = 0
      return 0
    }
    return length
  }

  /// Brings the seal to rest, as a stop or a fresh syringe does.
  mutating func rest() { sliding = 0 }
}
