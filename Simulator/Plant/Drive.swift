// SPDX-License-Identifier: Apache-2.0

/// Motor, screw and pusher: what becomes of the microsteps that are sent.
///
/// The rotor follows its commands unless it has no current, is blocked, is asked to go faster than it
/// can, or would have to push harder than its torque allows. The nut stands still without current: an
/// M5 screw of 0.8 mm lead locks itself. Between nut and pusher lies the backlash.
struct Drive: Sendable {
  /// How far the plunger lets the nut go before the thrust limit is reached, in nanometres of travel.
  struct Reach {
    var forward_nm: Double
    var backward_nm: Double
    static let free = Reach(forward_nm: .infinity, backward_nm: -.infinity)
  }

  private var commanded: Int64 = 0
  private var pendingLoss = 0.0
  private var pendingRunaway = 0.0
  private var slipped = 0.0

  /// Where the rotor is, in microsteps.
  private(set) var rotor: Int64 = 0
  /// Where the nut is, in nanometres.
  private(set) var nut_nm = 0.0
  /// Whole turns of the screw, rounded down.
  private(set) var turns: Int64 = 0
  /// The angle that a magnet on the screw shows, in 1/4096 turn, 0..<4096.
  private(set) var magnetAngle = 0
  private(set) var lost: Int64 = 0
  /// Whether the rotor failed to follow the last time it was asked to move.
  private(set) var stalled = false

  /// Takes a commanded position; returns the microsteps that lead to it.
  @inline(__always)
  mutating func take(_ position: Int64) -> Int64 {
    let sent = position &- commanded
    commanded = position
    return sent
  }

  /// Follows, or fails to follow, the microsteps of one step.
  ///
  /// Without any, and without a runaway, nothing would change.
  mutating func move(
    _ sent: Int64, powered: Bool, reach: Reach, _ parameters: Parameters
  ) {
    let limit = Plant.pullOutMicrosteps
    guard powered, sent >= -limit, sent <= limit else {
      stalled = powered || stalled
      lose(sent)
      return
    }
    var wanted = sent
    if parameters.lostPart > 0 {
      pendingLoss += Double(sent) * parameters.lostPart
      let slips = Scaling.whole(pendingLoss)
      pendingLoss -= Double(slips)
      lose(slips)
      wanted -= slips
    }
    pendingRunaway += parameters.runawayPerStep
    let extra = Scaling.whole(pendingRunaway)
    pendingRunaway -= Double(extra)
    wanted += extra

    guard wanted != 0 else { return }
    let made = parameters.rotorBlocked ? 0 : possible(wanted, reach, parameters)
    stalled = made != wanted
    lose(wanted &- made)
    turn(made, parameters)
  }

  /// The part of a move that stays within the thrust limit.
  private func possible(_ wanted: Int64, _ reach: Reach, _ parameters: Parameters) -> Int64 {
    let per = parameters.travelPerMicrostep_nm
    if wanted > 0 {
      let room = (reach.forward_nm - nut_nm) / per
      return room >= Double(wanted) ? wanted : max(Scaling.whole(room), 0)
    }
    let room = (reach.backward_nm - nut_nm) / per
    return room <= Double(wanted) ? wanted : min(Scaling.whole(room), 0)
  }

  private mutating func turn(_ made: Int64, _ parameters: Parameters) {
    rotor &+= made
    nut_nm += Double(made) * parameters.travelPerMicrostep_nm
    slipped += Double(made) * parameters.encoderSlipPart
    // Worked out where the rotor turns: in most steps it does not.
    turns = floorDivide(rotor, Plant.microstepsPerTurn)
    let seen = slipped == 0 ? rotor : rotor &- Scaling.whole(slipped)
    let inTurn = seen &- floorDivide(seen, Plant.microstepsPerTurn) &* Plant.microstepsPerTurn
    magnetAngle = Int(inTurn &* Plant.encoderCountsPerTurn / Plant.microstepsPerTurn)
  }

  /// Counts lost microsteps, whichever their direction; the counter stops at its end.
  private mutating func lose(_ steps: Int64) {
    let (sum, overflow) = lost.addingReportingOverflow(Int64(clamping: steps.magnitude))
    lost = overflow ? .max : sum
  }

  private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return quotient &* divisor > value ? quotient &- 1 : quotient
  }
}
