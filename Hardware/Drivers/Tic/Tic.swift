// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A stepper motion controller with its own ramp and command timeout (Pololu Tic, user's guide,
/// sections 8 "Command reference" and 7 "Variable reference").
///
/// The command timeout is set to 200 ms in the controller's settings: without renewal it stops by
/// itself (RC-004).
public struct Tic<Bus: I2CBus>: MotorDrive, Sendable {
  public typealias Port = Bus

  @usableFromInline var energised = false
  @usableFromInline var made: Int64 = 0
  @usableFromInline var lastCount: Int32 = 0

  public init() {}

  @inlinable
  public mutating func prepare(on bus: inout Bus) throws(BusError) {
    try off(on: &bus)
    // 1/32 step: 6400 microsteps a turn.
    try command(0x94, 5, on: &bus)
    // 1 A in the T834's steps of 32 mA.
    try command(0x91, 31, on: &bus)
    // The device's fastest travel, and a ramp that reaches it in 0.1 s (microsteps/s per 100 s).
    try command(0xe6, long: 52_000_000, on: &bus)
    try command(0xea, long: 5_200_000, on: &bus)
    // 0: brake as it accelerates.
    try command(0xe9, long: 0, on: &bus)
  }

  @inlinable
  public mutating func setSpeed(_ microstepsPer10000Seconds: Int64, on bus: inout Bus)
    throws(BusError)
  {
    // 50 000 microsteps a second is the controller's own limit.
    guard microstepsPer10000Seconds.magnitude <= 500_000_000 else { throw .badRequest }
    if !energised {
      try command(0x85, on: &bus)
      try command(0x83, on: &bus)
      energised = true
    }
    let speed = Int32(truncatingIfNeeded: microstepsPer10000Seconds)
    try command(0xe3, long: UInt32(bitPattern: speed), on: &bus)
  }

  @inlinable
  public mutating func renew(on bus: inout Bus) throws(BusError) { try command(0x8c, on: &bus) }

  // RC-004 SRS-030: off takes the current out of the motor at once.
  @inlinable
  public mutating func off(on bus: inout Bus) throws(BusError) {
    energised = false
    try command(0x86, on: &bus)
  }

  @inlinable
  public mutating func report(on bus: inout Bus) throws(BusError) -> DriveReport {
    // 0x00 operation state, 0x01 misc flags, 0x02 error status (16 bits).
    var state = I2CTransfer(to: 0x0e, reading: 4)
    state.append(0xa1)
    state.append(0x00)
    try bus.perform(&state)
    // 0x22 current position (32 bits, signed).
    var position = I2CTransfer(to: 0x0e, reading: 4)
    position.append(0xa1)
    position.append(0x22)
    try bus.perform(&position)
    let errors = UInt16(state.read(2)) | UInt16(state.read(3)) << 8
    // Before the start sequence the safe-start lock is the resting state and no fault.
    let expected: UInt16 = energised ? errors : errors & ~0xc0
    // The controller counts in 32 bits; the difference is right across its wrap.
    let count = Int32(bitPattern: position.littleEndianLong(at: 0))
    made &+= Int64(count &- lastCount)
    lastCount = count
    let report = DriveReport(
      position: made,
      faults: Self.faults(of: expected), energised: state.read(1) & 1 == 1)
    // A controller that de-energised itself needs the start sequence again.
    if !report.energised { energised = false }
    return report
  }

  @usableFromInline
  func command(_ code: UInt8, on bus: inout Bus) throws(BusError) {
    var transfer = I2CTransfer(to: 0x0e)
    transfer.append(code)
    try bus.perform(&transfer)
  }

  @usableFromInline
  func command(_ code: UInt8, _ value: UInt8, on bus: inout Bus) throws(BusError) {
    var transfer = I2CTransfer(to: 0x0e)
    transfer.append(code)
    transfer.append(value)
    try bus.perform(&transfer)
  }

  @usableFromInline
  func command(_ code: UInt8, long value: UInt32, on bus: inout Bus) throws(BusError) {
    var transfer = I2CTransfer(to: 0x0e)
    transfer.append(code)
    transfer.append(littleEndian: value)
    try bus.perform(&transfer)
  }

  /// Error status: bit 1 motor driver, 2 low VIN, 6 command timeout, 7 safe start.
  public static func faults(of errors: UInt16) -> DriveFaults {
    var bits: UInt16 = 0
    if errors & 0x04 != 0 { bits |= DriveFaults.noPower.rawValue }
    if errors & 0x02 != 0 { bits |= DriveFaults.bridge.rawValue }
    if errors & 0x40 != 0 { bits |= DriveFaults.commandTimeout.rawValue }
    if errors & 0x80 != 0 { bits |= DriveFaults.notReady.rawValue }
    return DriveFaults(rawValue: bits)
  }
}
