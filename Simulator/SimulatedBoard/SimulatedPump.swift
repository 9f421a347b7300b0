// SPDX-License-Identifier: Apache-2.0

public import Board
public import DeviceInterface
public import Devices
import Domain
public import Drivers
public import Plant
public import Units

/// The controller's side of the simulated board with a step/direction drive.
public typealias SteppedControlBoard = DrivenControlBoard<
  SimulatedI2C, SimulatedLines, OwnPort<DRV8825<SimulatedStepper>, SimulatedI2C>
>

/// The whole pump but its programs: chips, lines, gate and plant, in fixed steps of 10 ms.
///
/// Not safe to share between threads without a lock. The same knobs, seed and calls give the same
/// bytes on every machine.
public final class SimulatedPump {
  public let busA: SimulatedI2C
  public let busB: SimulatedI2C
  public let busC: SimulatedI2C
  public let controlLines = SimulatedLines()
  public let safetyLines: SimulatedLines
  public var plant: Plant
  /// What the sensors saw of the plant in the last step.
  private var output = PlantOutput()
  /// The pump's clock: where the next step begins.
  public private(set) var now: Instant { didSet { gate.now = now } }
  /// Voltage is at the motor: EN_A, EN_B and the watchdog agree.
  public private(set) var motorPowered = false
  /// When the motor last lost its voltage; `nil` while it has it.
  public private(set) var motorUnpoweredSince: Instant?
  /// The journal's memory.
  public let memory = SimMB85RC04()

  private let converterA = SimADS1115(address: 0x48)
  private let converterB = SimADS1115(address: 0x49)
  private let encoder = SimAS5600()
  private let gauge = SimMAX17048()
  private let tic = SimTic()
  /// The step generator, on a board that has one instead of the motion controller.
  public let stepper: SimulatedStepper?
  /// The driver chip of a board whose step lines are played from outside; `nil` on the others.
  public let stepChip: SimDRV8825?
  private let display = SimSSD1306()
  private let keypad = SimPCF8574()
  private let gate = GateWires()
  /// The keys that are down: the controller's as its lines, the panel's as its keypad has them.
  private var controlKeys: UInt32 = 0
  private var panelKeys = PanelKeys()
  /// Those whose contacts stick closed.
  private var stuckKeys: UInt32 = 0
  private var silenceStuck = false
  private var counter: UInt32 = 0

  /// A pump at rest; `start` is where its clock begins.
  public init(
    knobs: KnobSettings = KnobSettings(), seed: UInt64,
    start: Instant = .nanoseconds(1_000_000_000), stepDirection: Bool = false,
    stepChip: SimDRV8825? = nil
  ) {
    self.stepChip = stepChip
    let cap = BoardMap.referenceStepdir.stepRateCap ?? 0
    stepper = stepDirection ? SimulatedStepper(rateCap: cap, at: start) : nil
    plant = Plant(knobs: knobs, seed: seed)
    now = start
    gate.now = start
    motorUnpoweredSince = start
    let drive: [Chip] = stepper == nil && stepChip == nil ? [tic] : []
    busA = Self.bus(drive + [converterA, gauge, memory])
    busB = Self.bus([encoder, converterB])
    busC = Self.bus([display, keypad])
    safetyLines = SimulatedLines(listener: gate)
    advance()
  }

  /// The addresses of the chips are constants of the reference board, and a test has them all on it.
  private static func bus(_ chips: [Chip]) -> SimulatedI2C {
    do { return try SimulatedI2C(chips) } catch { preconditionFailure("\(error)") }
  }

  // MARK: Boards

  public func controlBoard() -> ReferenceControlBoard<SimulatedI2C, SimulatedLines> {
    ReferenceControlBoard(bus: busA, lines: controlLines, simulated: true)
  }

  /// The controller's side with the step/direction drive; `nil` on a board with the motion controller.
  public func stepControlBoard() -> SteppedControlBoard? {
    guard let stepper else { return nil }
    let cap = BoardMap.referenceStepdir.stepRateCap ?? 0
    return SteppedControlBoard(
      bus: busA, lines: controlLines, drive: OwnPort(DRV8825(rateCap: cap), on: stepper),
      simulated: true)
  }

  public func safetyBoard() -> ReferenceSafetyBoard<SimulatedI2C, SimulatedLines> {
    ReferenceSafetyBoard(bus: busB, lines: safetyLines, simulated: true)
  }

  public func panelBoard() -> ReferencePanelBoard<SimulatedI2C> {
    ReferencePanelBoard(bus: busC, simulated: true)
  }

  // MARK: Truth

  /// Where every femtolitre is, and what really happened.
  public var truth: PlantTruth { plant.truth }
  /// The true pressure in the line.
  public var linePressure: Pressure { .pascals(Int64(plant.linePressure_Pa)) }

  // MARK: A person

  public func setKey(_ key: PumpKey, down: Bool) {
    switch key {
    case .stop: hold(ControlLine.stopKey.bit, down)
    case .confirm: hold(ControlLine.confirmKey.bit, down)
    case .up, .down, .left, .right, .ok, .start, .pause, .silence:
      guard let key = key.panel else { return }
      if down { panelKeys.insert(key) } else { panelKeys.remove(key) }
    }
    driveKeys()
  }

  public var picture: FrameBuffer { display.picture }
  public var buzzerA: Bool { controlLines.outputs & ControlLine.buzzer.bit != 0 }
  public var buzzerB: Bool { safetyLines.outputs & SafetyLine.buzzer.bit != 0 }
  public var lampRed: Bool { controlLines.outputs & ControlLine.lampRed.bit != 0 }
  public var lampYellow: Bool { controlLines.outputs & ControlLine.lampYellow.bit != 0 }
  public var lampGreen: Bool { controlLines.outputs & ControlLine.lampGreen.bit != 0 }
  /// Microsteps that the motor has made, as the chip that drives it counts.
  public private(set) var motorPosition: Int64 = 0
  /// The monitor's gate conducts.
  public var gateClosed: Bool {
    gate.watchdog.conducts(enabled: safetyLines.outputs & SafetyLine.gate.bit != 0, at: now)
  }

  // MARK: Time

  /// Leaves out time that nobody simulated: the host slept.
  public func skip(to later: Instant) { if later > now { now = later } }

  /// One step of 10 ms: electronics, then mechanics, then what the chips see of them.
  public func advance() {
    // SRS-032: the motor needs both enables.
    let powered =
      controlLines.outputs & ControlLine.motorEnable.bit != 0 && gateClosed
    if powered != motorPowered {
      motorPowered = powered
      motorUnpoweredSince = powered ? nil : now
    }
    let motor = turnMotor(supplied: powered)
    motorPosition = motor.position
    plant.advance(
      PlantInput(
        motorPosition: motor.position, motorPowered: motor.energised,
        loadCurrent_mA: motor.energised ? 700 : 300),
      into: &output)
    now = now + .milliseconds(10)
    show(powered)
    counter &+= 1
  }

  private func turnMotor(supplied: Bool) -> (position: Int64, energised: Bool) {
    if let stepChip {
      stepChip.supplied = supplied
      return (stepChip.position, stepChip.energised)
    }
    guard let stepper else {
      let seen = tic.advance(milliseconds: 10, supplied: supplied)
      return (seen.position, seen.energised)
    }
    stepper.advance(to: now + .milliseconds(10), supplied: supplied)
    return (stepper.chip.position, stepper.chip.energised)
  }

  private func show(_ powered: Bool) {
    converterA.set(
      wire(output.linePressureA_Pa, connected: output.pressureAConnected), at: 0)
    converterB.set(
      wire(output.linePressureB_Pa, connected: output.pressureBConnected), at: 0)
    converterA.set(clamp(output.syringeSize), at: 1)
    encoder.show(
      angle: UInt16(clamping: output.encoderAngle),
      magnetDetected: output.encoderMagnetDetected, connected: output.encoderConnected)
    if counter % 100 == 0 && !output.gaugeStuck {
      gauge.voltage = Voltage(native: Int64(output.batteryVoltage_uV))
      gauge.charge = Fraction(native: Int64(output.gaugeCharge_ppm))
      gauge.chargePerHour = Fraction(native: Int64(output.batteryChargeRate_ppmPerHour))
    }
    var levels: UInt32 = 0
    if output.doorClosed { levels |= ControlLine.doorClosed.bit }
    if output.plungerEngaged { levels |= ControlLine.plungerEngaged.bit }
    // SRS-063: an open air detector is gas.
    // RC-029: the detector pulls the line down while it sees fluid; an open wire reads as gas.
    if output.airAtDetector || !output.airDetectorConnected {
      levels |= ControlLine.airDetected.bit
    }
    if output.mainsPresent { levels |= ControlLine.mains.bit }
    let mask: UInt32 =
      ControlLine.doorClosed.bit | ControlLine.plungerEngaged.bit | ControlLine.airDetected.bit
      | ControlLine.mains.bit
    controlLines.drive(levels, mask: mask)
    safetyLines.drive(
      powered ? SafetyLine.motorPowered.bit : 0, mask: SafetyLine.motorPowered.bit)
    if counter % 10 == 0 {
      stuckKeys = output.stopStuck ? ControlLine.stopKey.bit : 0
      if output.confirmStuck { stuckKeys |= ControlLine.confirmKey.bit }
      silenceStuck = output.silenceStuck
      driveKeys()
    }
  }

  /// An open wire is pulled to the rail, which no transducer gives.
  private func wire(_ pascals: Int, connected: Bool) -> Voltage {
    guard connected else { return .millivolts(5_000) }
    let voltage = BoardScale.voltage(of: Pressure(native: Int64(pascals)))
    return Swift.max(.zero, Swift.min(.millivolts(5_000), voltage))
  }

  private func clamp(_ barrel: Barrel?) -> Voltage {
    guard let barrel, let syringe = Syringe(rawValue: UInt8(clamping: barrel.rawValue)) else {
      return .millivolts(200)
    }
    return BoardScale.voltage(ofClamp: Self.clampOpening(of: syringe))
  }

  /// A BD barrel's inner diameter and 2 mm of wall.
  private static func clampOpening(of syringe: Syringe) -> Length {
    switch syringe {
    case .mL1: .micrometres(6_700)
    case .mL3: .micrometres(10_580)
    case .mL5: .micrometres(13_990)
    case .mL10: .micrometres(16_430)
    case .mL20: .micrometres(21_050)
    case .mL30: .micrometres(23_590)
    case .mL50: .micrometres(28_560)
    }
  }

  private func hold(_ line: UInt32, _ down: Bool) {
    controlKeys = down ? controlKeys | line : controlKeys & ~line
  }

  private func driveKeys() {
    controlLines.drive(
      controlKeys | stuckKeys, mask: ControlLine.stopKey.bit | ControlLine.confirmKey.bit)
    keypad.keys = silenceStuck ? panelKeys.union(.silence) : panelKeys
  }
}

/// The wires from the monitor's lines to the gate's watchdog.
private final class GateWires: LineListener {
  var watchdog = GateWatchdog()
  var now = Instant.zero

  func heard(_ before: UInt32, _ after: UInt32) {
    if after & SafetyLine.gate.bit == 0 { watchdog.release() }
    if (before ^ after) & SafetyLine.stroke.bit != 0 { watchdog.stroke(at: now) }
  }
}
