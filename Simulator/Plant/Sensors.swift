// SPDX-License-Identifier: Apache-2.0

/// The sensing elements with their faults: between the true state and the electronics.
struct Sensors: Sendable {
  private var pressureA: PressureElement
  private var pressureB: PressureElement
  private var encoder: EncoderElement
  private var air: Switch<Bool>
  private var airDisconnected = false
  private var barrel: Switch<Barrel?>
  private var plunger: Switch<Bool>
  private var door: Switch<Bool>
  private var doorClosed = true
  private var stopStuck = false
  private var confirmStuck = false
  private var silenceStuck = false
  private var gaugeStuck = false

  init(seed: UInt64) {
    // Each element has its own stream, so that a fault of one leaves the noise of the others as it was.
    pressureA = PressureElement(seed: seed)
    pressureB = PressureElement(seed: seed ^ 0x5052_4553_5355_5242)
    encoder = EncoderElement(seed: seed ^ 0x0041_5335_3630_3045)
    air = Switch(false)
    barrel = Switch(nil)
    plunger = Switch(false)
    door = Switch(true)
  }

  /// Takes the faults over from the knobs.
  mutating func configure(_ settings: KnobSettings) {
    func on(_ knob: Knob) -> Bool { settings.value(of: knob) != 0 }
    pressureA.noise_Pa = settings.value(of: .sensorPressureANoise)
    pressureA.driftPerStep_Pa = settings.value(of: .sensorPressureADrift) / Scaling.stepsPerHour
    pressureA.stuck = on(.sensorPressureAStuck)
    pressureA.disconnected = on(.sensorPressureADisconnected)
    pressureB.noise_Pa = settings.value(of: .sensorPressureBNoise)
    pressureB.driftPerStep_Pa = settings.value(of: .sensorPressureBDrift) / Scaling.stepsPerHour
    pressureB.stuck = on(.sensorPressureBStuck)
    pressureB.disconnected = on(.sensorPressureBDisconnected)
    encoder.noise = settings.value(of: .sensorEncoderNoise)
    encoder.stuck = on(.sensorEncoderStuck)
    encoder.magnetLost = on(.sensorEncoderMagnetLost)
    encoder.disconnected = on(.sensorEncoderDisconnected)
    air.stuck = on(.sensorAirStuck)
    airDisconnected = on(.sensorAirDisconnected)
    barrel.stuck = on(.sensorSyringeStuck)
    plunger.stuck = on(.sensorPlungerStuck)
    door.stuck = on(.sensorDoorStuck)
    doorClosed = on(.doorClosed)
    stopStuck = on(.keyStopStuck)
    confirmStuck = on(.keyConfirmStuck)
    silenceStuck = on(.keySilenceStuck)
    gaugeStuck = on(.batteryGaugeStuck)
  }

  /// Fills in what the elements show of the true state.
  @inline(__always)
  mutating func read(
    linePressure_Pa: Double, magnetAngle: Int, airPresent: Bool, barrel seated: Barrel?,
    plungerHeld: Bool, into output: inout PlantOutput
  ) {
    output.linePressureA_Pa = pressureA.read(linePressure_Pa)
    output.pressureAConnected = !pressureA.disconnected
    output.linePressureB_Pa = pressureB.read(linePressure_Pa)
    output.pressureBConnected = !pressureB.disconnected
    output.encoderAngle = encoder.read(magnetAngle)
    output.encoderConnected = !encoder.disconnected
    output.encoderMagnetDetected = !encoder.disconnected && !encoder.magnetLost
    output.airAtDetector = air.read(airPresent) && !airDisconnected
    output.airDetectorConnected = !airDisconnected
    output.syringeSize = barrel.read(seated)
    output.plungerEngaged = plunger.read(plungerHeld)
    output.doorClosed = door.read(doorClosed)
    output.stopStuck = stopStuck
    output.confirmStuck = confirmStuck
    output.silenceStuck = silenceStuck
    output.gaugeStuck = gaugeStuck
  }
}

/// A pressure sensor's bridge: gauge pressure with noise, a walking zero, or a last value held.
struct PressureElement: Sendable {
  var noise_Pa = 0.0
  var driftPerStep_Pa = 0.0
  var stuck = false
  var disconnected = false

  private var random: Random
  private var zero_Pa = 0.0
  private var shown = 0

  init(seed: UInt64) { random = Random(seed: seed) }

  @inline(__always)
  mutating func read(_ pressure_Pa: Double) -> Int {
    let noise = random.bell() * noise_Pa
    zero_Pa += driftPerStep_Pa
    if !stuck { shown = Int(Scaling.whole(pressure_Pa + zero_Pa + noise)) }
    return disconnected ? 0 : shown
  }
}

/// A magnetic angle sensor over a magnet on the screw, in 1/4096 turn.
struct EncoderElement: Sendable {
  var noise = 0.0
  var stuck = false
  var magnetLost = false
  var disconnected = false

  private var random: Random
  private var shown = 0

  init(seed: UInt64) { random = Random(seed: seed) }

  @inline(__always)
  mutating func read(_ angle: Int) -> Int {
    if !stuck {
      // Without noise no number is drawn: the stream belongs to the encoder alone.
      let error = noise == 0 ? 0 : Int(Scaling.whole(random.bell() * noise))
      shown = (angle &+ error) & 4_095
    }
    return disconnected || magnetLost ? 0 : shown
  }
}

/// A contact that can jam in its last position.
struct Switch<Value: Sendable>: Sendable {
  var stuck = false
  private var shown: Value

  init(_ value: Value) { shown = value }

  @inline(__always)
  mutating func read(_ value: Value) -> Value {
    if !stuck { shown = value }
    return shown
  }
}
