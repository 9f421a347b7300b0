// SPDX-License-Identifier: Apache-2.0

public import Units

/// The absolute limits of this device: nothing above may widen them.
///
/// One file, compiled into `pump-controld` and, separately, into `pump-safetyd`, which each refuse
/// what lies outside (RC-007). Clinical limits — soft and hard, per drug and care area — are the
/// drug library's and lie inside these.
public enum DeviceLimits {
  /// 0.01 to 1200 mL/h, further capped for a small barrel by ``fastestTravel``.
  public static var rate: Bounds<FlowRate> {
    Bounds(lower: .microlitresPerHour(10), width: .nLPerHour(1_199_990_000))
  }
  /// 0.1 to 999 mL (GIP 1.3); never more than the syringe holds.
  public static var vtbi: Bounds<Volume> {
    Bounds(lower: .microlitres(100), width: .microlitres(998_900))
  }
  /// 0.01 to 5 mL/h and never above the programmed rate.
  public static var kvo: Bounds<FlowRate> {
    Bounds(lower: .microlitresPerHour(10), width: .microlitresPerHour(4_990))
  }
  /// 50 to 900 mmHg, the span commercial pumps offer; in pascals 6 666 to 119 990.
  public static var occlusion: Bounds<Pressure> {
    Bounds(lower: .mmHg(50), width: .mmHg(900) - .mmHg(50))
  }
  /// The pusher never moves faster than 0.65 mm/s: 1200 mL/h from the widest barrel, and no more
  /// than the motion controller's command of 5 200 microsteps a second.
  public static var fastestTravel: DriveSpeed { DriveSpeed(native: 52_000_000) }
  /// How long a read-back waits for the CONFIRM key (RC-001).
  public static var confirmWindow: Interval { .seconds(60) }
  /// The longest audio pause (RC-024; GIP 3.2.1).
  public static var audioPause: Interval { .seconds(120) }
  /// The reverse travel that relieves an occlusion is at most this much fluid (RC-012, RC-020): 1 mL, and
  /// 1.5 mL from the widest barrel, which stores as much more at the highest limit.
  public static func relief(for syringe: Syringe) -> Volume {
    .microlitres(syringe == .mL50 ? 1_500 : 1_000)
  }
  /// A syringe that runs empty against this much pressure or more is relieved as an occlusion (RC-012);
  /// lines of the plant's compliance then hold 0.4 mL.
  public static var pressureAtEmpty: Pressure { .mmHg(300) }
  /// A single bubble above this stops the motor (RC-015): 100 µL; GIP 1.9.1 allows 200 µL.
  public static var singleBubble: Volume { .microlitres(100) }

  /// The highest rate for a syringe: the device's, or what ``fastestTravel`` gives in its barrel.
  public static func highestRate(for syringe: Syringe) -> FlowRate {
    // microsteps per 10 000 s × 125 nm × µm² ÷ 10⁹ = nL per 10 000 s; × 3600 ÷ 10 000 = nL/h.
    let numerator = Int128(fastestTravel.native) &* 125 &* Int128(syringe.barrel.native) &* 3_600
    let byTravel = FlowRate(native: Scale.narrow(numerator / (1_000_000_000 * 10_000)))
    return Swift.min(byTravel, rate.upper)
  }
}

/// A closed range that cannot be upside down: a lower end and a width that is not negative.
public struct Bounds<Value: AdditiveQuantity>: Hashable, Sendable, BitwiseCopyable {
  public let lower: Value
  public let upper: Value

  /// A negative width counts as its magnitude.
  public init(lower: Value, width: Value) {
    self.lower = lower
    self.upper = lower + width.magnitude
  }

  public func contains(_ value: Value) -> Bool { lower <= value && value <= upper }

  /// The nearest value inside.
  public func clamp(_ value: Value) -> Value {
    value < lower ? lower : (value > upper ? upper : value)
  }
}
