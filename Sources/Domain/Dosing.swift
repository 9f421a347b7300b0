// SPDX-License-Identifier: Apache-2.0

public import Units

/// What an amount of drug is counted in.
///
/// Amounts of different kinds never convert into each other.
public enum AmountKind: UInt8, Sendable, BitwiseCopyable {
  /// Native unit: picogram.
  case mass = 1
  /// Native unit: millionth of an international unit.
  case units = 2
  /// Native unit: nanomole (written as mmol).
  case substance = 3
  /// Native unit: millionth of a milliequivalent.
  case equivalents = 4
  /// Native unit: nanolitre.
  case volume = 5
  /// Native unit: millionth of a kilocalorie.
  case energy = 6
}

#if !hasFeature(Embedded)
  extension AmountKind: CaseIterable {}
#endif

/// The units an amount is written in.
public enum AmountUnit: UInt8, Sendable, BitwiseCopyable {
  case ng = 1
  case mcg = 2
  case mg = 3
  case g = 4
  case mU = 5
  case U = 6
  case kU = 7
  case MU = 8
  case mmol = 9
  case mEq = 10
  case mL = 11
  case kcal = 12

  public var kind: AmountKind {
    switch self {
    case .ng, .mcg, .mg, .g: .mass
    case .mU, .U, .kU, .MU: .units
    case .mmol: .substance
    case .mEq: .equivalents
    case .mL: .volume
    case .kcal: .energy
    }
  }

  /// Native units of the kind in one of this unit.
  public var native: Int64 {
    switch self {
    case .ng, .mU: 1_000
    case .mcg, .U, .mmol, .mEq, .mL, .kcal: 1_000_000
    case .mg, .kU: 1_000_000_000
    case .g, .MU: 1_000_000_000_000
    }
  }
}

#if !hasFeature(Embedded)
  extension AmountUnit: CaseIterable {}
#endif

/// What a dose rate is scaled by.
public enum PatientScale: UInt8, Sendable, BitwiseCopyable {
  case none = 0
  case perKilogram = 1
  case perSquareMetre = 2
}

#if !hasFeature(Embedded)
  extension PatientScale: CaseIterable {}
#endif

/// What a dose rate is counted over.
public enum DoseTime: UInt8, Sendable, BitwiseCopyable {
  case minute = 1
  case hour = 2
  case day = 3
}

#if !hasFeature(Embedded)
  extension DoseTime: CaseIterable {}
#endif

/// Why a dose could not be converted.
public enum DosingError: UInt8, Error, Sendable {
  /// Dose and concentration count different things, e.g. mg against units.
  case kindsDiffer = 1
  /// An amount or the diluent volume is not above zero.
  case notPositive = 2
  /// A value is beyond what any order can need; see ``Dosing`` for the bounds.
  case outOfRange = 3
  /// The dose is per kilogram or per m² and that measure of the patient is missing.
  case patientMissing = 4
  /// The dose comes to a rate of zero or one that the device's type cannot hold.
  case rateNotRepresentable = 5
}

#if !hasFeature(Embedded)
  extension DosingError: CaseIterable {}
#endif

/// A dose rate with all it takes to turn it into millilitres per hour, exactly.
///
/// `rate = dose × patient × time ÷ (amount ÷ diluent)`, computed in one 128-bit expression with one
/// rounding at the end (``Scale``). Bounds that keep the expression within 128 bits: dose and amount
/// up to 10¹⁵ native units (1 kg of drug), diluent up to 10 L, patient up to 1000 kg or 10 m².
public struct Dosing: Hashable, Sendable, BitwiseCopyable, Fielded {
  /// The dose per time in native units of ``doseUnit``'s kind.
  public var dose: Int64
  public var doseUnit: AmountUnit
  public var scale: PatientScale
  public var time: DoseTime
  /// The amount of drug in the syringe, in native units of the kind of ``amountUnit``.
  public var amount: Int64
  public var amountUnit: AmountUnit
  /// The volume that the amount is dissolved to.
  public var diluent: Volume
  /// Body mass; zero when the dose is not per kilogram.
  public var mass: Mass
  /// Body surface; zero when the dose is not per m².
  public var surface: BodySurface

  public init(
    dose: Int64, unit doseUnit: AmountUnit, scale: PatientScale, time: DoseTime,
    amount: Int64, amountUnit: AmountUnit, in diluent: Volume,
    mass: Mass = .zero, surface: BodySurface = .zero
  ) {
    self.dose = dose
    self.doseUnit = doseUnit
    self.scale = scale
    self.time = time
    self.amount = amount
    self.amountUnit = amountUnit
    self.diluent = diluent
    self.mass = mass
    self.surface = surface
  }

  /// The rate this dose asks for.
  public func rate() throws(DosingError) -> FlowRate {
    let patient = try patientFactor()
    let (per, over) = timeFactor
    let numerator = Int128(dose) &* Int128(patient.value) &* Int128(per) &* Int128(diluent.native)
    let denominator = Int128(amount) &* Int128(patient.one) &* Int128(over)
    let rate = Scale.divide(numerator, denominator)
    guard rate > 0, rate <= Int128(Int64.max) else { throw .rateNotRepresentable }
    return FlowRate(native: Scale.narrow(rate))
  }

  /// The dose, in native units per ``time``, that a rate gives with this drug and patient.
  public func dose(at rate: FlowRate) throws(DosingError) -> Int64 {
    let patient = try patientFactor()
    guard rate.native >= 0, rate.native <= 1_000_000_000_000 else { throw .outOfRange }
    let (per, over) = timeFactor
    let numerator = Int128(rate.native) &* Int128(amount) &* Int128(patient.one) &* Int128(over)
    let denominator = Int128(diluent.native) &* Int128(patient.value) &* Int128(per)
    return Scale.narrow(Scale.divide(numerator, denominator))
  }

  /// `1/time` in `1/h` as a fraction.
  private var timeFactor: (per: Int64, over: Int64) {
    switch time {
    case .minute: (60, 1)
    case .hour: (1, 1)
    case .day: (1, 24)
    }
  }

  private func patientFactor() throws(DosingError) -> (value: Int64, one: Int64) {
    guard doseUnit.kind == amountUnit.kind else { throw .kindsDiffer }
    guard dose > 0, amount > 0, diluent.native > 0 else { throw .notPositive }
    let most: Int64 = 1_000_000_000_000_000
    guard dose <= most, amount <= most, diluent <= .millilitres(10_000) else { throw .outOfRange }
    switch scale {
    case .none:
      return (1, 1)
    case .perKilogram:
      guard mass.native > 0 else { throw .patientMissing }
      guard mass <= .kilograms(1_000) else { throw .outOfRange }
      return (mass.native, 1_000)
    case .perSquareMetre:
      guard surface.native > 0 else { throw .patientMissing }
      guard surface <= .squareCentimetres(100_000) else { throw .outOfRange }
      return (surface.native, 10_000)
    }
  }

  /// Any well-formed value, to stand where no dosing is.
  public static var absent: Dosing {
    Dosing(
      dose: 0, unit: .mg, scale: .none, time: .hour, amount: 0, amountUnit: .mg, in: .zero)
  }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&dose)
    try visitor.field(&doseUnit)
    try visitor.field(&scale)
    try visitor.field(&time)
    try visitor.field(&amount)
    try visitor.field(&amountUnit)
    try visitor.field(&diluent)
    try visitor.field(&mass)
    try visitor.field(&surface)
  }
}
