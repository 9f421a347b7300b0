// SPDX-License-Identifier: Apache-2.0

import Units

extension BoardMap {
  /// The reference board: a Raspberry Pi 4 with the motion controller on bus A.
  public static var reference: BoardMap {
    BoardMap(
      id: "reference", title: "Reference board, motion controller",
      lines: controlLines + safetyLines, buses: referenceBuses,
      chips: [
        BoardChip(
          "U1", "Tic", bus: "A", at: [0x0e], purpose: "motion controller of the screw's motor")
      ] + referenceChips, parts: [.tic] + BoardPart.reference)
  }

  /// The reference board with a step/direction driver in the motion controller's place.
  public static var referenceStepdir: BoardMap {
    BoardMap(
      id: "reference-stepdir", title: "Reference board, step and direction",
      lines: controlLines + safetyLines + stepperLines, buses: referenceBuses,
      chips: referenceChips, stepRateCap: 5_200, parts: [.stepDriver] + BoardPart.reference)
  }

  /// Long enough for the bounce of a membrane key, short against the 50 ms of STOP (RC-002).
  private static var debounce: Interval { .milliseconds(5) }

  private static var controlLines: [BoardLine] {
    [
      BoardLine(
        "pump-stop-key", .control, bit: ControlLine.stopKey.rawValue, .key(debounce: debounce),
        activeLow: true, bias: .up, gpio: 17, pin: 11, meaning: "STOP is down",
        wiring: "S1, key to ground"),
      BoardLine(
        "pump-confirm-key", .control, bit: ControlLine.confirmKey.rawValue,
        .key(debounce: debounce), activeLow: true, bias: .up, gpio: 27, pin: 13,
        meaning: "CONFIRM is down", wiring: "S2, key to ground"),
      BoardLine(
        "pump-door-closed", .control, bit: ControlLine.doorClosed.rawValue, .input,
        activeLow: true, bias: .up, gpio: 22, pin: 15, meaning: "the door is closed",
        wiring: "S3, closes to ground; a broken wire reads as open"),
      BoardLine(
        "pump-plunger-engaged", .control, bit: ControlLine.plungerEngaged.rawValue, .input,
        activeLow: true, bias: .up, gpio: 23, pin: 16, meaning: "the plunger is held",
        wiring: "S4, closes to ground; a broken wire reads as not held"),
      BoardLine(
        "pump-air-detected", .control, bit: ControlLine.airDetected.rawValue,
        .key(debounce: debounce), bias: .up, gpio: 24, pin: 18, meaning: "gas in the line",
        wiring: "B1, pulls down while it sees fluid; a broken wire reads as gas"),
      BoardLine(
        "pump-mains", .control, bit: ControlLine.mains.rawValue, .input, bias: .down, gpio: 25,
        pin: 22, meaning: "mains is there", wiring: "K1, optocoupler of the mains adapter"),
      BoardLine(
        "pump-motor-enable-a", .control, bit: ControlLine.motorEnable.rawValue,
        .output(safe: false), bias: .none, gpio: 16, pin: 36,
        meaning: "EN_A: the controller's half of the motor's power", wiring: "Q1, pull-down 10 kΩ"),
      BoardLine(
        "pump-buzzer-a", .control, bit: ControlLine.buzzer.rawValue, .output(safe: false),
        gpio: 26, pin: 37, meaning: "buzzer A sounds", wiring: "LS1"),
      BoardLine(
        "pump-lamp-red", .control, bit: ControlLine.lampRed.rawValue, .output(safe: false),
        gpio: 6, pin: 31, meaning: "the red lamp is lit", wiring: "D1, 330 Ω"),
      BoardLine(
        "pump-lamp-yellow", .control, bit: ControlLine.lampYellow.rawValue, .output(safe: false),
        gpio: 19, pin: 35, meaning: "the yellow lamp is lit", wiring: "D2, 330 Ω"),
      BoardLine(
        "pump-lamp-green", .control, bit: ControlLine.lampGreen.rawValue, .output(safe: false),
        gpio: 20, pin: 38, meaning: "the green lamp is lit", wiring: "D3, 330 Ω"),
    ]
  }

  private static var safetyLines: [BoardLine] {
    [
      BoardLine(
        "pump-motor-powered", .safety, bit: SafetyLine.motorPowered.rawValue, .input, bias: .down,
        gpio: 21, pin: 40, meaning: "voltage is at the motor",
        wiring: "behind the gate, divider 33 kΩ / 10 kΩ"),
      BoardLine(
        "pump-motor-gate-b", .safety, bit: SafetyLine.gate.rawValue, .output(safe: false), gpio: 7,
        pin: 26, meaning: "EN_B: the monitor's half of the motor's power",
        wiring: "U8, pull-down 10 kΩ"),
      BoardLine(
        "pump-gate-stroke", .safety, bit: SafetyLine.stroke.rawValue, .output(safe: false), gpio: 8,
        pin: 24, meaning: "an edge is a stroke of the gate's watchdog", wiring: "U8, WDI"),
      BoardLine(
        "pump-buzzer-b", .safety, bit: SafetyLine.buzzer.rawValue, .output(safe: false), gpio: 9,
        pin: 21, meaning: "buzzer B sounds", wiring: "LS2"),
    ]
  }

  static var stepperLines: [BoardLine] {
    [
      BoardLine(
        "pump-step-supply", .stepper, bit: StepLine.supplied.rawValue, .input, bias: .down,
        gpio: 15, pin: 10, meaning: "the driver's motor supply is there",
        wiring: "VMOT behind the gate, divider 33 kΩ / 10 kΩ"),
      BoardLine(
        "pump-step-fault", .stepper, bit: StepLine.fault.rawValue, .input, activeLow: true,
        bias: .up, gpio: 14, pin: 8, meaning: "the driver reports a fault", wiring: "U1 nFAULT"),
      BoardLine(
        "pump-step", .stepper, bit: StepLine.step.rawValue, .output(safe: false), gpio: 18, pin: 12,
        meaning: "a rise is one microstep", wiring: "U1 STEP"),
      BoardLine(
        "pump-step-direction", .stepper, bit: StepLine.direction.rawValue, .output(safe: false),
        gpio: 10, pin: 19, meaning: "steps go backwards", wiring: "U1 DIR"),
      BoardLine(
        "pump-step-enable", .stepper, bit: StepLine.enable.rawValue, .output(safe: false),
        activeLow: true, gpio: 11, pin: 23, meaning: "the motor is energised",
        wiring: "U1 nENBL, pull-up 10 kΩ"),
    ]
  }

  /// One bus for each process, so that none can disturb another one's chips.
  private static var referenceBuses: [BoardBus] {
    [
      BoardBus("A", owner: "pump-controld", adapter: 1, data: (2, 3), clock: (3, 5)),
      BoardBus("B", owner: "pump-safetyd", adapter: 3, data: (4, 7), clock: (5, 29)),
      BoardBus("C", owner: "pump-paneld", adapter: 5, data: (12, 32), clock: (13, 33)),
    ]
  }

  private static var referenceChips: [BoardChip] {
    [
      BoardChip("U2", "ADS1115", bus: "A", at: [0x48], purpose: "pressure A and the barrel clamp"),
      BoardChip("U3", "MAX17048", bus: "A", at: [0x36], purpose: "battery gauge"),
      BoardChip("U4", "MB85RC04", bus: "A", at: [0x50, 0x51], purpose: "journal of the volume"),
      BoardChip("U5", "AS5600", bus: "B", at: [0x36], purpose: "encoder of the screw"),
      BoardChip("U6", "ADS1115", bus: "B", at: [0x49], purpose: "pressure B"),
      BoardChip("U7", "SSD1306", bus: "C", at: [0x3c], purpose: "display"),
      BoardChip("U9", "PCF8574", bus: "C", at: [0x20], purpose: "keypad"),
    ]
  }
}
