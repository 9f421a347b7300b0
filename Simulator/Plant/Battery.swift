// SPDX-License-Identifier: Apache-2.0

/// One lithium-ion cell, its charger and its fuel gauge.
///
/// Voltage is the open-circuit voltage at the true charge, less the drop over the internal resistance.
/// Ageing takes capacity away and raises the resistance. The fuel gauge (a model-based one, as the
/// MAX17048) has no view of the charge itself: its belief carries an error and moves at most 1 % a
/// minute, so that a cell that collapses looks healthy for a while.
struct Battery: Sendable {
  /// Capacity of the new cell, in milliampere-hours.
  static let capacity_mAh = 2_600.0
  /// Resistance of the new cell, in ohms.
  static let resistance = 0.08
  /// The gauge's fastest movement per slow step: 1 % a minute.
  private static let gaugeStep = 0.6 / Scaling.slowStepsPerHour

  /// The true charge, 0...1 of what the aged cell holds.
  private(set) var charge: Double
  private(set) var gauge: Double
  private(set) var rate_perHour = 0.0
  private(set) var voltage = 0.0

  init(charge: Double, gaugeError: Double) {
    self.charge = charge
    gauge = Battery.bounded(charge + gaugeError)
  }

  /// Charges the cell to a level and lets the gauge know.
  mutating func setCharge(_ level: Double, gaugeError: Double) {
    self = Battery(charge: level, gaugeError: gaugeError)
  }

  /// Takes charge away at once, unseen by the gauge.
  mutating func collapse(by part: Double) { charge = Battery.bounded(charge - part) }

  @inline(__always)
  mutating func advance(load_mA: Int, _ parameters: Parameters) {
    let capacity = Battery.capacity_mAh * (1 - parameters.batteryAge)
    // The adapter carries the load and charges at half the capacity per hour.
    let charging = charge < 1 ? 0.5 * capacity : 0
    let load = Double(min(max(load_mA, 0), 10_000))
    let current_mA = parameters.mainsPresent ? charging : (charge > 0 ? -load : 0)
    rate_perHour = current_mA / capacity
    charge = Battery.bounded(charge + rate_perHour / Scaling.slowStepsPerHour)

    let believed = Battery.bounded(charge + parameters.gaugeError)
    let change = believed - gauge
    gauge += min(max(change, -Battery.gaugeStep), Battery.gaugeStep)

    let resistance = Battery.resistance * (1 + 4 * parameters.batteryAge)
    let terminal = Battery.openCircuit(at: charge) + current_mA * 0.001 * resistance
    voltage = min(max(terminal, 0), 4.2)
  }

  /// Open-circuit voltage of a lithium-cobalt cell: a steep foot, a long plateau, a last rise.
  private static func openCircuit(at charge: Double) -> Double {
    if charge < 0.05 { return 2.5 + (charge / 0.05) * 0.9 }
    if charge < 0.20 { return 3.4 + ((charge - 0.05) / 0.15) * 0.25 }
    if charge < 0.70 { return 3.65 + ((charge - 0.20) / 0.50) * 0.25 }
    return 3.9 + ((charge - 0.70) / 0.30) * 0.3
  }

  @inline(__always)
  private static func bounded(_ value: Double) -> Double { min(max(value, 0), 1) }
}
