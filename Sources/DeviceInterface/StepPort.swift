// SPDX-License-Identifier: Apache-2.0

public import Units

/// What a step generator says of itself and of the driver behind it.
public struct StepReport: Hashable, Sendable, BitwiseCopyable {
  /// Steps made since it began, signed: counted where they are made.
  public var made: Int64 = 0
  /// The driver was told to energise the motor, and has its supply.
  public var energised = false
  /// The driver's motor supply is there.
  public var supplied = false
  /// The driver reports a fault.
  public var fault = false
  /// No command came in time, and it has stopped (RC-004).
  public var timedOut = false
  @inlinable public init() {}
}

/// A generator of step pulses at the lines of a step/direction driver, running by itself.
///
/// **Contract.** Steps come at the commanded speed with the generator's own ramp, none lost and none
/// doubled: one that is late is made late, and the ones behind it no closer than the shortest period.
/// A speed that is not renewed within ``timeout`` ends by itself (RC-004). A lost supply ends the
/// motion and takes the enable away until the next ``run(at:)``.
public protocol StepPort {
  /// How long a command holds.
  static var timeout: Interval { get }
  /// Energises the motor and goes to a signed speed in microsteps per 10 000 s; renews.
  mutating func run(at microstepsPer10000Seconds: Int64) throws(BusError)
  /// Renews the present command.
  mutating func renew() throws(BusError)
  /// De-energises the motor at once.
  mutating func off() throws(BusError)
  mutating func report() throws(BusError) -> StepReport
}

extension StepPort {
  /// That of the motion controller of the reference board.
  @inlinable public static var timeout: Interval { .milliseconds(200) }
}
