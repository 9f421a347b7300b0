// SPDX-License-Identifier: Apache-2.0

extension Knob {
  /// The knob's unit, range, default and meaning: the one table behind scenarios, page and documents.
  ///
  /// Ranges of compliance, friction, backlash and height hold what bench studies of syringe pumps
  /// report (compliance 0.009 to 0.021 mL/kPa: Snijder et al. 2015, doi 10.1515/bmt-2014-0148;
  /// plunger friction of some 5 N) and leave room for worse.
  public var spec: KnobSpec {
    switch self {
    // Syringe
    case .syringeSize:
      .barrel(self, default: 50, "Nominal volume of the syringe; a change loads a fresh one.")
    case .syringeFill:
      .continuous(
        self, "mL", 0...60, default: 50,
        "Liquid in the syringe, at most what its barrel holds; a change loads a fresh one.")
    case .syringeAir:
      .continuous(
        self, "mL", 0...5, default: 0,
        "Air in the syringe beside the liquid; it leaves last; a change loads a fresh one.")
    case .syringeSeated:
      .toggle(
        self, default: 1,
        "Whether the barrel lies in its clamp; out of it nothing holds the plunger.")
    case .syringeCompliance:
      .continuous(
        self, "mL/kPa", 0.001...0.03, default: 0.009,
        "Volume that barrel and stopper give way by.")
    case .syringeLeak:
      .continuous(
        self, "mL/(h·kPa)", 0...1, default: 0,
        "Leak past the plunger's seal: liquid out under pressure, air in under suction.")

    // Plunger and door
    case .plungerEngaged:
      .toggle(
        self, default: 1,
        "Whether the driver holds the plunger's flange; if not, it can push but not hold back.")
    case .plungerFrictionStatic:
      .continuous(
        self, "N", 0...20, default: 5,
        "Force that starts the plunger; counts as at least the Coulomb friction.")
    case .plungerFrictionCoulomb:
      .continuous(
        self, "N", 0...20, default: 4.8,
        "Friction of the plunger in fast motion, without its viscous part.")
    case .plungerFrictionStribeck:
      .continuous(
        self, "mm/s", 0.001...10, default: 0.05,
        "Speed at which half the way from static to Coulomb friction is done.")
    case .plungerFrictionViscous:
      .continuous(
        self, "N·s/mm", 0...20, default: 0.5,
        "Friction that grows with the plunger's speed.")
    case .doorClosed: .toggle(self, default: 1, "Whether the door is closed.")

    // Line and patient
    case .lineResistance:
      .continuous(
        self, "kPa·h/mL", 0.001...10, default: 0.05,
        "Laminar resistance of line and cannula.")
    case .lineCompliance:
      .continuous(
        self, "mL/kPa", 0.0001...0.02, default: 0.001,
        "Volume that the line's wall gives way by.")
    case .lineVolume:
      .continuous(
        self, "mL", 0.1...20, default: 1.5,
        "Volume of the line; a change fits a fresh line.")
    case .lineConnected:
      .toggle(
        self, default: 1,
        "Whether the line ends in the patient; if not, it ends open in the room.")
    case .siphonValve:
      .toggle(
        self, default: 0,
        "Whether an anti-siphon valve, opening at 10 kPa, sits at the line's end.")
    case .patientPressure:
      .continuous(
        self, "mmHg", -100...300, default: 0,
        "Back-pressure in the patient's vessel.")
    case .patientHeight:
      .continuous(
        self, "m", -2...2, default: 0,
        "Height of the patient's access above the pump; below it, fluid siphons out.")

    // Occlusion
    case .occlusionUpstream:
      .continuous(
        self, "%", 0...100, default: 0,
        "Closed part of the passage between syringe and pressure sensors.")
    case .occlusionUpstreamRampTime:
      .continuous(
        self, "s", 0...86400, default: 0,
        "Time that an upstream occlusion takes from 0 to 100 %, and back.")
    case .occlusionDownstream:
      .continuous(
        self, "%", 0...100, default: 0,
        "Closed part of the passage between pressure sensors and patient.")
    case .occlusionDownstreamRampTime:
      .continuous(
        self, "s", 0...86400, default: 0,
        "Time that a downstream occlusion takes from 0 to 100 %, and back.")

    // Air
    case .airBubble:
      .impulse(
        self, "µL", 0...5000, default: 0,
        "Puts one bubble into the line now, in the place of liquid.")
    case .airPosition:
      .continuous(
        self, "%", 0...100, default: 0,
        "Where along the line the next bubble is put, 0 at the syringe.")
    case .airEntrainment:
      .continuous(
        self, "%", 0...50, default: 0,
        "Part of the flow that a loose joint at the syringe replaces by air.")
    case .sensorAirPosition:
      .continuous(
        self, "%", 0...100, default: 10,
        "Where along the line the air detector sits, 0 at the syringe.")

    // Drive
    case .driveBacklash:
      .continuous(
        self, "mm", 0...1, default: 0.02,
        "Free travel between screw and pusher when the direction turns.")
    case .driveStiffness:
      .continuous(
        self, "N/mm", 10...1000, default: 100,
        "Stiffness of the drive train between screw and plunger seal.")
    case .screwPitchError:
      .continuous(
        self, "ppm", -20000...20000, default: 0,
        "Error of the screw's lead, which no encoder on the screw can see.")
    case .motorTorqueLimit:
      .continuous(
        self, "N", 5...500, default: 150,
        "Thrust at which the rotor stops following and loses its steps.")
    case .motorStall: .toggle(self, default: 0, "Whether the rotor is blocked.")
    case .motorStepLoss:
      .continuous(
        self, "%", 0...100, default: 0,
        "Part of the microsteps that the rotor loses.")
    case .motorRunaway:
      .continuous(
        self, "microsteps/s", -20000...20000, default: 0,
        "Speed at which a failed driver turns the powered motor by itself.")

    // Power and heat
    case .batteryCharge:
      .continuous(
        self, "%", 0...100, default: 100,
        "Charge of the battery; a change sets it at once.")
    case .batteryAge:
      .continuous(
        self, "%", 0...90, default: 0,
        "Part of its capacity that the cell has lost; its resistance rises with it.")
    case .batteryGaugeError:
      .continuous(
        self, "%", -50...50, default: 0,
        "Error of the charge that the fuel gauge believes.")
    case .batteryCollapse:
      .impulse(
        self, "%", 0...100, default: 0,
        "Charge that a failing cell loses at once and its gauge only slowly notices.")
    case .batteryGaugeStuck:
      .toggle(self, default: 0, "Whether the fuel gauge holds its last voltage, charge and rate.")
    case .mainsPresent: .toggle(self, default: 1, "Whether the mains adapter supplies the pump.")
    case .ambientTemperature:
      .continuous(
        self, "°C", -20...60, default: 22,
        "Temperature of the room.")

    // Sensors and keys
    case .sensorPressureANoise:
      .continuous(
        self, "Pa", 0...5000, default: 20,
        "Standard deviation of line pressure sensor A's noise.")
    case .sensorPressureADrift:
      .continuous(
        self, "Pa/h", -100000...100000, default: 0,
        "Rate at which the zero of line pressure sensor A walks away.")
    case .sensorPressureAStuck:
      .toggle(self, default: 0, "Whether line pressure sensor A holds its last value.")
    case .sensorPressureADisconnected:
      .toggle(self, default: 0, "Whether line pressure sensor A is disconnected.")
    case .sensorPressureBNoise:
      .continuous(
        self, "Pa", 0...5000, default: 20,
        "Standard deviation of line pressure sensor B's noise.")
    case .sensorPressureBDrift:
      .continuous(
        self, "Pa/h", -100000...100000, default: 0,
        "Rate at which the zero of line pressure sensor B walks away.")
    case .sensorPressureBStuck:
      .toggle(self, default: 0, "Whether line pressure sensor B holds its last value.")
    case .sensorPressureBDisconnected:
      .toggle(self, default: 0, "Whether line pressure sensor B is disconnected.")
    case .sensorEncoderNoise:
      .continuous(
        self, "counts", 0...100, default: 0,
        "Standard deviation of the screw encoder's noise, in 1/4096 turn.")
    case .sensorEncoderSlip:
      .continuous(
        self, "%", 0...100, default: 0,
        "Part of the screw's turning that a loose magnet does not follow.")
    case .sensorEncoderStuck:
      .toggle(self, default: 0, "Whether the screw encoder holds its last angle.")
    case .sensorEncoderMagnetLost:
      .toggle(self, default: 0, "Whether the screw encoder's magnet has come off.")
    case .sensorEncoderDisconnected:
      .toggle(self, default: 0, "Whether the screw encoder is disconnected.")
    case .sensorAirStuck:
      .toggle(self, default: 0, "Whether the air detector holds its last answer.")
    case .sensorAirDisconnected:
      .toggle(self, default: 0, "Whether the air detector is disconnected.")
    case .sensorSyringeStuck:
      .toggle(self, default: 0, "Whether the barrel clamp's switches hold their last answer.")
    case .sensorPlungerStuck:
      .toggle(self, default: 0, "Whether the plunger's switch holds its last answer.")
    case .sensorDoorStuck:
      .toggle(self, default: 0, "Whether the door's switch holds its last answer.")
    case .keyStopStuck:
      .toggle(self, default: 0, "Whether the STOP key is jammed down; the board presses it.")
    case .keyConfirmStuck:
      .toggle(self, default: 0, "Whether the CONFIRM key is jammed down; the board presses it.")
    case .keySilenceStuck:
      .toggle(self, default: 0, "Whether the AUDIO PAUSE key is jammed down; the board presses it.")

    // Start
    case .startPrimed:
      .toggle(
        self, default: 1,
        "Whether backlash, friction and compliance are taken up when a syringe is seated.")
    }
  }
}
