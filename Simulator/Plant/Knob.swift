// SPDX-License-Identifier: Apache-2.0

/// Every parameter and fault of the simulated pump that can be turned while it runs.
///
/// The raw value is the knob's one name: in scenarios, on the command line, on the bedside page and in
/// the documents. ``spec`` is its unit, range, default and meaning.
public enum Knob: String, Sendable, CaseIterable {
  // Syringe
  case syringeSize = "syringe.size"
  case syringeFill = "syringe.fill"
  case syringeAir = "syringe.air"
  case syringeSeated = "syringe.seated"
  case syringeCompliance = "syringe.compliance"
  case syringeLeak = "syringe.leak"

  // Plunger and door
  case plungerEngaged = "plunger.engaged"
  case plungerFrictionStatic = "plunger.friction.static"
  case plungerFrictionCoulomb = "plunger.friction.coulomb"
  case plungerFrictionStribeck = "plunger.friction.stribeck"
  case plungerFrictionViscous = "plunger.friction.viscous"
  case doorClosed = "door.closed"

  // Line and patient
  case lineResistance = "line.resistance"
  case lineCompliance = "line.compliance"
  case lineVolume = "line.volume"
  case lineConnected = "line.connected"
  case siphonValve = "siphon.valve"
  case patientPressure = "patient.pressure"
  case patientHeight = "patient.height"

  // Occlusion
  case occlusionUpstream = "occlusion.upstream"
  case occlusionUpstreamRampTime = "occlusion.upstream.rampTime"
  case occlusionDownstream = "occlusion.downstream"
  case occlusionDownstreamRampTime = "occlusion.downstream.rampTime"

  // Air
  case airBubble = "air.bubble"
  case airPosition = "air.position"
  case airEntrainment = "air.entrainment"
  case sensorAirPosition = "sensor.air.position"

  // Drive
  case driveBacklash = "drive.backlash"
  case driveStiffness = "drive.stiffness"
  case screwPitchError = "screw.pitchError"
  case motorTorqueLimit = "motor.torque.limit"
  case motorStall = "motor.stall"
  case motorStepLoss = "motor.stepLoss"
  case motorRunaway = "motor.runaway"

  // Power and heat
  case batteryCharge = "battery.charge"
  case batteryAge = "battery.age"
  case batteryGaugeError = "battery.gaugeError"
  case batteryCollapse = "battery.collapse"
  case mainsPresent = "mains.present"
  case ambientTemperature = "ambient.temperature"

  // Sensors and keys
  case sensorPressureANoise = "sensor.pressureA.noise"
  case sensorPressureADrift = "sensor.pressureA.drift"
  case sensorPressureAStuck = "sensor.pressureA.stuck"
  case sensorPressureADisconnected = "sensor.pressureA.disconnected"
  case sensorPressureBNoise = "sensor.pressureB.noise"
  case sensorPressureBDrift = "sensor.pressureB.drift"
  case sensorPressureBStuck = "sensor.pressureB.stuck"
  case sensorPressureBDisconnected = "sensor.pressureB.disconnected"
  case sensorEncoderNoise = "sensor.encoder.noise"
  case sensorEncoderSlip = "sensor.encoder.slip"
  case sensorEncoderStuck = "sensor.encoder.stuck"
  case sensorEncoderMagnetLost = "sensor.encoder.magnetLost"
  case sensorEncoderDisconnected = "sensor.encoder.disconnected"
  case sensorAirStuck = "sensor.air.stuck"
  case sensorAirDisconnected = "sensor.air.disconnected"
  case batteryGaugeStuck = "battery.gauge.stuck"
  case sensorSyringeStuck = "sensor.syringe.stuck"
  case sensorPlungerStuck = "sensor.plunger.stuck"
  case sensorDoorStuck = "sensor.door.stuck"
  case keyStopStuck = "key.stop.stuck"
  case keyConfirmStuck = "key.confirm.stuck"
  case keySilenceStuck = "key.silence.stuck"

  // Start
  case startPrimed = "start.primed"
}
