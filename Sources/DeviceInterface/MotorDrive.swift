// SPDX-License-Identifier: Apache-2.0

/// What a drive reports of itself.
public struct DriveFaults: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public init() { self.init(rawValue: 0) }
  /// The standard library's own would make the type unusable without a heap.
  public init(arrayLiteral elements: DriveFaults...) {
    var bits: UInt16 = 0
    for element in elements { bits |= element.rawValue }
    self.init(rawValue: bits)
  }
  /// The motor supply is missing or too low: what the gate does when it opens.
  public static var noPower: DriveFaults { DriveFaults(rawValue: 1) }
  /// The motor bridge reports a fault.
  public static var bridge: DriveFaults { DriveFaults(rawValue: 2) }
  /// No command came in time; the drive has stopped by itself (RC-004).
  public static var commandTimeout: DriveFaults { DriveFaults(rawValue: 4) }
  /// The drive was restarted or asks for a start sequence.
  public static var notReady: DriveFaults { DriveFaults(rawValue: 8) }
}

/// What a drive answers when asked.
public struct DriveReport: Hashable, Sendable, BitwiseCopyable {
  /// Microsteps made since power-up, signed; counted by the drive, not assumed from commands.
  public var position: Int64
  public var faults: DriveFaults
  /// The motor is energised.
  public var energised: Bool

  public init(position: Int64 = 0, faults: DriveFaults = DriveFaults(), energised: Bool = false) {
    self.position = position
    self.faults = faults
    self.energised = energised
  }
}

/// A motor that turns at a commanded speed and counts its steps.
///
/// **Contract.** `setSpeed` must be renewed within the drive's command timeout (100 to 1000 ms);
/// without renewal the drive stops by itself (RC-004). `off` takes the current out of the motor
/// and is distinct from speed zero, which holds. Errors leave the motor to that timeout.
public protocol MotorDrive {
  /// What the drive hangs on: a bus or a bank of lines.
  associatedtype Port
  /// Prepares the drive: limits, step mode, current; leaves it off.
  mutating func prepare(on port: inout Port) throws(BusError)
  /// Turns at a signed speed in microsteps per 10 000 s, energising the motor if it was off.
  mutating func setSpeed(_ microstepsPer10000Seconds: Int64, on port: inout Port) throws(BusError)
  /// Renews the present command.
  mutating func renew(on port: inout Port) throws(BusError)
  /// De-energises the motor at once, without a ramp.
  mutating func off(on port: inout Port) throws(BusError)
  mutating func report(on port: inout Port) throws(BusError) -> DriveReport
}
