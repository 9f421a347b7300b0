// SPDX-License-Identifier: Apache-2.0

/// The physics of the pump: motor, screw, syringe, line, patient, battery and heat, behind their sensors.
///
/// The plant is a value. It advances by fixed steps of 10 ms and reads no clock; the same settings, seed
/// and inputs give the same outputs on every machine, because it computes with + − × ÷ and integers
/// only. A step allocates nothing.
///
/// What each step does, in order: the drive follows its commands within its thrust (``PlantInput``);
/// forces on the plunger's seal and pressures in syringe and line are balanced at the end of the step;
/// volumes move between syringe, line, patient and room in whole femtolitres; battery and housing
/// follow their load in every tenth step; the sensing elements look at the result (``PlantOutput``).
///
/// What it leaves out: the plunger's inertia, the fluid's inertia, diffusion, change of viscosity with
/// temperature, and the compression of air beyond its linear part.
public struct Plant: Sendable {
  /// One step, in nanoseconds.
  public static let step_ns: Int64 = 10_000_000
  /// Microsteps in a turn of the screw: 200 full steps of 32, 0.8 mm of travel.
  public static let microstepsPerTurn: Int64 = 6_400
  /// Counts of the screw's encoder in a turn.
  public static let encoderCountsPerTurn: Int64 = 4_096
  /// The fastest that the rotor follows, in microsteps per step: 200 000 a second, 31 turns a second.
  public static let pullOutMicrosteps: Int64 = 2_000

  private var settings: KnobSettings
  private var parameters: Parameters
  private var drive = Drive()
  private var fluid: FluidPath
  private var battery: Battery
  private var housing: Housing
  /// Steps until battery and housing follow.
  private var stepsToSlow = 0
  private var sensors: Sensors

  /// A rig at rest.
  ///
  /// - Parameters:
  ///   - knobs: the initial value of every knob; an impulse among them acts before the first step.
  ///   - seed: picks the noise; the same seed, the same noise.
  public init(knobs: KnobSettings = KnobSettings(), seed: UInt64) {
    settings = knobs
    let initial = Parameters(knobs)
    parameters = initial
    fluid = FluidPath(knobs, initial, nut_nm: 0)
    battery = Battery(
      charge: knobs.value(of: .batteryCharge) * 0.01, gaugeError: initial.gaugeError)
    housing = Housing(temperature_C: initial.ambient_C)
    sensors = Sensors(seed: seed)
    sensors.configure(knobs)
    for knob in Knob.allCases where knob.spec.kind == .impulse {
      act(knob, knobs.value(of: knob))
      settings.rest(knob)
    }
  }

  // MARK: One step

  /// Advances by one step of 10 ms.
  ///
  /// Any input is possible: what no motor could do is lost as a stall. What the sensors then see takes
  /// the place of what they saw before. The cost is some hundred nanoseconds in a release build.
  public mutating func advance(_ input: PlantInput, into output: inout PlantOutput) {
    let sent = drive.take(input.motorPosition)
    if sent != 0 || parameters.runawayPerStep != 0 {
      drive.move(sent, powered: input.motorPowered, reach: fluid.reach(parameters), parameters)
    }
    fluid.advance(nut_nm: drive.nut_nm, parameters)
    if stepsToSlow == 0 {
      stepsToSlow = Scaling.stepsPerSlowStep
      advanceSlowly(load_mA: input.loadCurrent_mA, into: &output)
    }
    stepsToSlow -= 1

    output.screwPosition_nm = Scaling.whole(drive.nut_nm)
    output.screwTurns = drive.turns
    output.plungerForce_mN = Int(Scaling.whole(fluid.pushing_N * 1_000))
    output.mainsPresent = parameters.mainsPresent
    sensors.read(
      linePressure_Pa: fluid.linePressure_Pa, magnetAngle: drive.magnetAngle,
      airPresent: fluid.airAtDetector, barrel: parameters.seated ? fluid.barrel : nil,
      plungerHeld: parameters.seated && parameters.engaged, into: &output)
  }

  /// Battery and housing, whose own times are minutes, follow their load ten times a second.
  private mutating func advanceSlowly(load_mA: Int, into output: inout PlantOutput) {
    battery.advance(load_mA: load_mA, parameters)
    housing.advance(load_mA: load_mA, ambient_C: parameters.ambient_C)
    output.batteryVoltage_uV = Int(Scaling.whole(battery.voltage * 1e6))
    output.batteryCharge_ppm = Int(Scaling.whole(battery.charge * 1e6))
    output.gaugeCharge_ppm = Int(Scaling.whole(battery.gauge * 1e6))
    output.batteryChargeRate_ppmPerHour = Int(Scaling.whole(battery.rate_perHour * 1e6))
    output.temperature_mC = Int(Scaling.whole(housing.temperature_C * 1_000))
  }

  // MARK: Knobs

  /// Turns a knob; it acts from the next step on.
  ///
  /// Turning a knob of the syringe (size, fill, air) throws the present one away and seats a fresh one;
  /// `line.volume` does the same with the line. Seating the syringe or engaging its plunger brings the
  /// pusher up to the plunger, as the person who does it would.
  ///
  /// - Throws: ``KnobError`` for a value that is no number, out of range or not one of the choices; the
  ///   plant is then as it was.
  public mutating func set(_ knob: Knob, _ value: Double) throws(KnobError) {
    let before = parameters
    try settings.set(knob, value)
    parameters = Parameters(settings)
    fluid.apply(parameters)
    sensors.configure(settings)
    let laidIn = parameters.seated && !before.seated
    let gripped = parameters.engaged && !before.engaged
    if laidIn || gripped { fluid.seat(parameters, nut_nm: drive.nut_nm) }
    act(knob, value)
    if knob.spec.kind == .impulse { settings.rest(knob) }
  }

  /// What a knob was last set to, or its default; an impulse always reads as its default.
  public func value(of knob: Knob) -> Double { settings.value(of: knob) }

  /// Does what turning a knob does once, beyond the value that physics then reads.
  private mutating func act(_ knob: Knob, _ value: Double) {
    if knob == .syringeSize || knob == .syringeFill || knob == .syringeAir {
      fluid.loadSyringe(settings, parameters, nut_nm: drive.nut_nm)
    } else if knob == .lineVolume {
      fluid.fitLine(settings, parameters)
    } else if knob == .airBubble {
      fluid.injectBubble(value, at: settings.value(of: .airPosition) * 0.01)
    } else if knob == .batteryCharge {
      battery.setCharge(value * 0.01, gaugeError: parameters.gaugeError)
    } else if knob == .batteryCollapse {
      battery.collapse(by: value * 0.01)
    }
  }

  // MARK: Truth

  /// Where every femtolitre is, and what really happened.
  public var truth: PlantTruth {
    PlantTruth(
      delivered_fL: fluid.ledger.patient.total_fL,
      infusedFluid_fL: fluid.ledger.patient.liquid_fL,
      deliveredAir_fL: fluid.ledger.patient.air_fL,
      bubblePassed_fL: fluid.bubblePassed_fL,
      inSyringe_fL: fluid.syringe.total_fL,
      syringeAir_fL: fluid.syringe.air_fL,
      inLine_fL: fluid.line.contents.total_fL,
      lineAir_fL: fluid.line.contents.air_fL,
      spilled_fL: fluid.ledger.lost.liquid_fL,
      reverseFlow_fL: fluid.ledger.reverse_fL,
      // fL per step × 360 000 steps an hour ÷ 10⁶ fL per nL.
      flow_nLPerHour: fluid.outflow_fLPerStep &* 9 / 25,
      syringePressure_Pa: Int(Scaling.whole(fluid.syringePressure_Pa)),
      linePressure_Pa: Int(Scaling.whole(fluid.linePressure_Pa)),
      motorStalled: drive.stalled,
      lostSteps: drive.lost)
  }

  /// The gauge pressure in the line, of ``truth`` the part that is asked for most often; mutating, so that
  /// the plant is looked into where it lies and not copied.
  public var linePressure_Pa: Int { mutating get { Int(Scaling.whole(fluid.linePressure_Pa)) } }

  /// Everything brought in, less everything there and everything gone, for liquid and air apart and
  /// without their signs: always 0.
  public var conservationError_fL: Int64 { fluid.conservationError_fL }
}
