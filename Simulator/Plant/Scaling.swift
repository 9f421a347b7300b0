// SPDX-License-Identifier: Apache-2.0

/// The plant's internal units, and the conversions from the units that people use.
///
/// Mechanics: nanometres, newtons, pascals, all `Double`. Fluid: whole femtolitres, `Int64`, so that
/// moving a volume from one place to another cannot lose any of it. Flow: femtolitres per step.
enum Scaling {
  static let stepSeconds = 0.01
  static let stepsPerHour = 360_000.0
  /// Battery and housing follow once in so many steps.
  static let stepsPerSlowStep = 10
  static let slowStepsPerHour = 36_000.0
  static let femtolitresPerMillilitre: Int64 = 1_000_000_000_000
  static let femtolitresPerMicrolitre: Int64 = 1_000_000_000

  /// 1 mm² × 1 nm = 10⁻¹⁵ m³ = 1000 fL.
  static let femtolitresPerNanometrePerSquareMillimetre = 1_000.0
  /// 1 mm² × 1 Pa = 10⁻⁶ N.
  static let newtonsPerPascalPerSquareMillimetre = 1e-6
  /// 1 N/mm = 10⁻⁶ N/nm.
  static let perNanometreFromPerMillimetre = 1e-6
  /// 1 mL/kPa = 10⁹ fL/Pa.
  static let femtolitresPerPascalFromMillilitresPerKilopascal = 1e9
  /// 1 mL/(h·kPa) = 10⁹ fL/(h·Pa), spread over the steps of an hour.
  static let stepConductanceFromMillilitresPerHourPerKilopascal = 1e9 / stepsPerHour

  static let pascalsPerMillimetreOfMercury = 133.322
  /// Water at 20 °C, 998.2 kg/m³, under standard gravity, 9.80665 m/s².
  static let pascalsPerMetreOfWater = 998.2 * 9.80665
  /// The standard atmosphere.
  static let atmosphere_Pa = 101_325.0

  /// The whole number next to `value` towards zero; what no plant can produce counts as nothing.
  @inline(__always)
  static func whole(_ value: Double) -> Int64 {
    value > -1e18 && value < 1e18 ? Int64(value) : 0
  }
}
