// SPDX-License-Identifier: Apache-2.0

public import Units

/// Everything the controller senses in one cycle.
///
/// A sensor that gave no valid reading is `nil`; the core decides what its absence means (RC-029).
public struct ControlReadings: Hashable, Sendable, BitwiseCopyable {
  /// The STOP key is down, or was since the last cycle.
  public var stopKey = false
  /// The CONFIRM key is down, or was since the last cycle.
  public var confirmKey = false
  public var doorClosed = false
  public var plungerEngaged = false
  /// Gas in the line at the detector.
  public var airDetected = false
  public var mains = false
  /// The lines above could not be read; their values are meaningless.
  public var linesLost = false
  public var pressure: Pressure?
  /// The opening of the barrel clamp: which syringe is seated.
  public var clamp: Length?
  public var drive: DriveReport?
  /// Refreshed once a second; kept between.
  public var battery: BatteryReading?
  public init() {}
}

/// What the controller's lamps and buzzer show.
public struct ControlOutputs: Hashable, Sendable, BitwiseCopyable {
  public var buzzer = false
  public var lampRed = false
  public var lampYellow = false
  /// Delivery runs.
  public var lampGreen = false
  /// EN_A: the controller's half of the motor's power (RC-003).
  public var motorEnable = false
  public init() {}
}

/// What the controller asks of the drive in one cycle.
///
/// Off is its own case, distinct from zero.
public enum DriveOrder: Hashable, Sendable, BitwiseCopyable {
  case off
  /// Microsteps per 10 000 s, signed.
  case speed(Int64)
}

/// The controller's side of a board: motor, sensor set A, keys, buzzer A, lamps, journal memory.
public protocol ControlBoard {
  /// The board is a simulation and says so (RC-030).
  var simulated: Bool { get }
  mutating func prepare() throws(BusError)
  mutating func sense(at now: Instant) -> ControlReadings
  /// Carries out a drive order and the outputs; renews the drive's command as needed. A failure
  /// shows in the next readings' ``ControlReadings/drive``.
  mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant)
  /// The journal memory's size in bytes.
  var memorySize: Int { get }
  mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError)
  mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock
}

/// Everything the monitor senses in one cycle.
public struct SafetyReadings: Hashable, Sendable, BitwiseCopyable {
  /// Encoder counts, 0 ..< 4096; `nil` without a valid reading.
  public var encoder: Int64?
  public var pressure: Pressure?
  /// Voltage is present at the motor.
  public var motorPowered = false
  public var linesLost = false
  public init() {}
}

/// What the monitor puts out.
public struct SafetyOutputs: Hashable, Sendable, BitwiseCopyable {
  /// EN_B: the monitor's half of the motor's power (RC-003).
  public var gate = false
  /// Stroke the gate's windowed watchdog in this cycle (RC-019).
  public var stroke = false
  public var buzzer = false
  public init() {}
}

/// The monitor's side of a board: the gate, the encoder, sensor set B, buzzer B.
public protocol SafetyBoard {
  var simulated: Bool { get }
  mutating func prepare() throws(BusError)
  mutating func sense(at now: Instant) -> SafetyReadings
  mutating func act(_ outputs: SafetyOutputs, at now: Instant)
}

/// The panel's side of a board: display and keypad.
public protocol PanelBoard {
  var simulated: Bool { get }
  mutating func prepare() throws(BusError)
  mutating func keys() throws(BusError) -> PanelKeys
  mutating func show(_ picture: borrowing FrameBuffer) throws(BusError)
}
