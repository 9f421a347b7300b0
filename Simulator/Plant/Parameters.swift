// SPDX-License-Identifier: Apache-2.0

/// The knobs that physics reads at every step, in the plant's internal units.
struct Parameters: Sendable {
  // The syringe and its plunger.
  let seated: Bool
  let engaged: Bool
  let syringeCompliance_fLPerPa: Double
  let leak_fLPerPaStep: Double
  let staticFriction_N: Double
  let coulombFriction_N: Double
  let stribeck_nmPerStep: Double
  let viscous_NPerNmStep: Double

  // The line and its ends.
  let lineConductance_fLPerPaStep: Double
  let lineCompliance_fLPerPa: Double
  let lineConnected: Bool
  let antiSiphonValve: Bool
  let outletPressure_Pa: Double
  let upstreamOcclusion: Ramp
  let downstreamOcclusion: Ramp
  let entrainedPart: Double
  let detectorPart: Double

  // The drive.
  let backlash_nm: Double
  let stiffness_NPerNm: Double
  let travelPerMicrostep_nm: Double
  let thrustLimit_N: Double
  let rotorBlocked: Bool
  let lostPart: Double
  let runawayPerStep: Double
  let encoderSlipPart: Double

  // Power and heat.
  let batteryAge: Double
  let gaugeError: Double
  let mainsPresent: Bool
  let ambient_C: Double

  let primed: Bool

  init(_ settings: KnobSettings) {
    func on(_ knob: Knob) -> Bool { settings.value(of: knob) != 0 }
    func part(_ knob: Knob) -> Double { settings.value(of: knob) * 0.01 }

    let compliance = Scaling.femtolitresPerPascalFromMillilitresPerKilopascal
    seated = on(.syringeSeated)
    engaged = on(.plungerEngaged)
    syringeCompliance_fLPerPa = settings.value(of: .syringeCompliance) * compliance
    leak_fLPerPaStep =
      settings.value(of: .syringeLeak)
      * Scaling.stepConductanceFromMillilitresPerHourPerKilopascal
    let coulomb = settings.value(of: .plungerFrictionCoulomb)
    coulombFriction_N = coulomb
    staticFriction_N = max(settings.value(of: .plungerFrictionStatic), coulomb)
    stribeck_nmPerStep =
      settings.value(of: .plungerFrictionStribeck) * 1e6 * Scaling.stepSeconds
    viscous_NPerNmStep =
      settings.value(of: .plungerFrictionViscous) * 1e-6 / Scaling.stepSeconds

    lineConductance_fLPerPaStep =
      Scaling.stepConductanceFromMillilitresPerHourPerKilopascal
      / settings.value(of: .lineResistance)
    lineCompliance_fLPerPa = settings.value(of: .lineCompliance) * compliance
    lineConnected = on(.lineConnected)
    antiSiphonValve = on(.siphonValve)
    let head = settings.value(of: .patientHeight) * Scaling.pascalsPerMetreOfWater
    let vessel = settings.value(of: .patientPressure) * Scaling.pascalsPerMillimetreOfMercury
    outletPressure_Pa = on(.lineConnected) ? vessel + head : head
    upstreamOcclusion = Ramp(
      target: part(.occlusionUpstream),
      seconds: settings.value(of: .occlusionUpstreamRampTime))
    downstreamOcclusion = Ramp(
      target: part(.occlusionDownstream),
      seconds: settings.value(of: .occlusionDownstreamRampTime))
    entrainedPart = part(.airEntrainment)
    detectorPart = part(.sensorAirPosition)

    backlash_nm = settings.value(of: .driveBacklash) * 1e6
    stiffness_NPerNm =
      settings.value(of: .driveStiffness) * Scaling.perNanometreFromPerMillimetre
    travelPerMicrostep_nm = 125 * (1 + settings.value(of: .screwPitchError) * 1e-6)
    thrustLimit_N = settings.value(of: .motorTorqueLimit)
    rotorBlocked = on(.motorStall)
    lostPart = part(.motorStepLoss)
    runawayPerStep = settings.value(of: .motorRunaway) * Scaling.stepSeconds
    encoderSlipPart = part(.sensorEncoderSlip)

    batteryAge = part(.batteryAge)
    gaugeError = part(.batteryGaugeError)
    mainsPresent = on(.mainsPresent)
    ambient_C = settings.value(of: .ambientTemperature)

    primed = on(.startPrimed)
  }
}

/// A value from 0 to 1 that a knob sets and that may take its time to arrive.
struct Ramp: Sendable {
  let target: Double
  private let perStep: Double

  /// - Parameter seconds: the time from 0 to 1; 0 arrives at once.
  init(target: Double, seconds: Double) {
    self.target = target
    perStep = seconds > Scaling.stepSeconds ? Scaling.stepSeconds / seconds : 1
  }

  /// The value one step after `value`.
  @inline(__always)
  func next(after value: Double) -> Double {
    value < target ? min(value + perStep, target) : max(value - perStep, target)
  }
}
