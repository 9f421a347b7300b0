// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// The monitor's bounds, each with what it has to leave room for.
///
/// A bound on motion has two parts: what the encoder cannot tell, as travel, and what two processes
/// cannot know of each other in time, as flow. The first is the same in every syringe, the second
/// grows with the rate.
enum MonitorLimits {
  /// What the encoder cannot tell: 32 counts, 6.25 µm of travel; 3.5 µL in the 50 mL barrel, 0.11 µL
  /// in the 1 mL barrel.
  ///
  /// AS5600 datasheet: integral nonlinearity ± 1° (23 counts from end to end). Add noise of ± 2
  /// counts at both ends of a stretch, and one count of rounding at each.
  static var encoderCounts: Int64 { 32 }

  /// What the processes cannot know of each other: a status is at most 50 ms old and a frame 20 ms
  /// on its way, and the motion controller takes up to 150 ms to change its speed.
  // SRS-037: the monitor is silent over right motion.
  static var settling: Interval { .milliseconds(250) }

  /// Missing flow is tolerated for 2 s: it harms slowly, and a stop must not come from a hiccup.
  static var shortfallTime: Interval { .seconds(2) }

  /// A stretch may displace 11 tenths of what is asked (GIP 1.2.2: more than 10 % over).
  static var mostTenths: Int64 { 11 }
  /// A stretch must displace 9 tenths of what is asked (GIP 1.2.3: less than 90 %).
  // SRS-034: under-delivery is found.
  static var leastTenths: Int64 { 9 }

  /// A bound must be broken for this long: one bad reading, or a rate that the controller has
  /// raised and the monitor has not yet been told of, is no objection.
  static var persistence: Interval { .milliseconds(50) }

  /// An eighth of a turn between two readings is the encoder's jump and not the screw's.
  ///
  /// 0.1 mm in 10 ms is fifteen times ``DeviceLimits/fastestTravel``.
  static var encoderJump: Int64 { DriveGeometry.encoderCountsPerTurn / 8 }

  /// The infusion may exceed its VTBI by a twentieth, and by what nobody can tell, before the monitor
  /// ends it.
  static func mostInfused(of plan: InfusionPlan) -> Volume {
    plan.vtbi + Volume(native: plan.vtbi.native / 20)
      + ScrewTravel.volume(encoderCounts, in: plan.syringe) + plan.rate.volume(over: settling)
  }

  /// A controller whose cycle counter stands still for longer is lost (RC-017).
  static var controllerSilence: Interval { .milliseconds(100) }

  /// Pressure must be wrong for this long.
  static var pressurePersistence: Interval { .seconds(1) }
  /// A pressure that is the same to the pascal for this long is not measured: the noise of the
  /// converter alone does not leave a thousand samples alike.
  static var pressureStandstill: Interval { .seconds(10) }
  /// The two pressure sensors may differ by this much.
  static var pressureDifference: Pressure { .kilopascals(30) }
  /// The controller stops at the occlusion limit; the monitor at 1.2 times that and 10 kPa.
  static func highestPressure(for limit: Pressure) -> Pressure {
    limit + Pressure(native: limit.native / 5) + .kilopascals(10)
  }

  /// With the gate open the motor must have been without power for this long (RC-028).
  static var proofOfOpen: Interval { .milliseconds(50) }
  /// Power may take this long to leave the motor, or to reach it.
  static var powerDelay: Interval { .milliseconds(100) }

  /// An objection shows for at least this long, however short its cause.
  static var shortestTrip: Interval { .seconds(1) }
  /// The controller has this long to announce an objection before the backup buzzer does.
  static var announcement: Interval { .seconds(1) }
}
