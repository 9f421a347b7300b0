// SPDX-License-Identifier: Apache-2.0

public import Drivers
public import Units

/// The controller's lines on the reference board, by their bit.
// SRS-120: chips stand at their addresses.
public enum ControlLine: Int, Sendable {
  case stopKey = 0
  case confirmKey = 1
  case doorClosed = 2
  case plungerEngaged = 3
  case airDetected = 4
  case mains = 5
  /// EN_A.
  case motorEnable = 16
  case buzzer = 17
  case lampRed = 18
  case lampYellow = 19
  case lampGreen = 20

  @inlinable public var bit: UInt32 { 1 << UInt32(rawValue) }
  /// Every output of the bank.
  @inlinable public static var outputs: UInt32 { 0x1f_0000 }
}

/// The monitor's lines on the reference board, by their bit.
public enum SafetyLine: Int, Sendable {
  case motorPowered = 0
  /// EN_B.
  case gate = 16
  /// An edge each stroke of the gate's watchdog.
  case stroke = 17
  case buzzer = 18

  @inlinable public var bit: UInt32 { 1 << UInt32(rawValue) }
  /// Every output of the bank.
  @inlinable public static var outputs: UInt32 { 0x7_0000 }
}

/// What the analogue inputs of the reference board mean.
public enum BoardScale {
  /// A pressure transducer of 0.5 to 4.5 V for −50 to 250 kPa; `nil` outside 0.25 to 4.75 V, which
  /// an open or a shorted wire gives.
  @inlinable public static func pressure(of voltage: Voltage) -> Pressure? {
    // SRS-065: a transducer outside its wire range has no reading.
    guard voltage >= .millivolts(250), voltage <= .millivolts(4_750) else { return nil }
    // 300 kPa over 4 V: 0.075 Pa a microvolt.
    let above = Scale.multiplyDivide(voltage.native - 500_000, 75, 1_000) ?? 0
    return Pressure(native: above) - .kilopascals(50)
  }

  /// The voltage a transducer gives: what the simulated board puts on the wire.
  @inlinable public static func voltage(of pressure: Pressure) -> Voltage {
    let above = pressure + .kilopascals(50)
    return Voltage(native: 500_000 + (Scale.multiplyDivide(above.native, 1_000, 75) ?? 0))
  }

  /// The opening of the barrel clamp: 0.5 V and 0.1 V a millimetre; `nil` when nothing is seated
  /// (0.3 V or less).
  @inlinable public static func clamp(of voltage: Voltage) -> Length? {
    guard voltage > .millivolts(300) else { return nil }
    return Length(native: (voltage.native - 500_000) * 10)
  }

  @inlinable public static func voltage(ofClamp opening: Length) -> Voltage {
    Voltage(native: 500_000 + opening.native / 10)
  }
}

extension StepLines {
  /// The step lines as the reference board has them.
  public static var reference: StepLines {
    StepLines(
      step: StepLine.step.bit, direction: StepLine.direction.bit, enable: StepLine.enable.bit,
      supplied: StepLine.supplied.bit, fault: StepLine.fault.bit)
  }
}

/// The lines of a step/direction driver, by their bit in a bank of their own.
public enum StepLine: Int, Sendable {
  case supplied = 0
  case fault = 1
  case step = 16
  case direction = 17
  case enable = 18

  public var bit: UInt32 { 1 << UInt32(rawValue) }
}
