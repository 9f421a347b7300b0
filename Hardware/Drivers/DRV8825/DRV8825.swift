// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A stepper driver with step, direction and enable inputs (Texas Instruments DRV8825, data sheet
/// SLVSA73), at 1/32 step: MODE0 to MODE2 high, 6400 microsteps a turn.
///
/// The steps are made by a generator of its own, which holds a command for its timeout (RC-004).
public struct DRV8825<Steps: StepPort>: MotorDrive, Sendable {
  public typealias Port = Steps

  /// The fastest that the board allows, in microsteps a second.
  public let rateCap: Int64

  /// A driver on lines that carry at most `rateCap` microsteps a second.
  public init(rateCap: Int64) { self.rateCap = rateCap }

  @inlinable
  public mutating func prepare(on port: inout Steps) throws(BusError) { try port.off() }

  @inlinable
  public mutating func setSpeed(_ microstepsPer10000Seconds: Int64, on port: inout Steps)
    throws(BusError)
  {
    guard microstepsPer10000Seconds.magnitude <= rateCap.magnitude * 10_000 else {
      throw .badRequest
    }
    try port.run(at: microstepsPer10000Seconds)
  }

  @inlinable
  public mutating func renew(on port: inout Steps) throws(BusError) { try port.renew() }

  // RC-004: off takes the current out of the motor at once.
  @inlinable
  public mutating func off(on port: inout Steps) throws(BusError) { try port.off() }

  @inlinable
  public mutating func report(on port: inout Steps) throws(BusError) -> DriveReport {
    let steps = try port.report()
    var faults: UInt16 = 0
    if !steps.supplied { faults |= DriveFaults.noPower.rawValue }
    if steps.fault { faults |= DriveFaults.bridge.rawValue }
    if steps.timedOut && steps.energised { faults |= DriveFaults.commandTimeout.rawValue }
    return DriveReport(
      position: steps.made, faults: DriveFaults(rawValue: faults), energised: steps.energised)
  }
}
