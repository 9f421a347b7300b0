// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A Pololu Tic in velocity mode: commands, variables, ramp, command timeout, low-voltage error.
public final class SimTic: Chip {
  // One value, so that a transfer or a step is one access to the object and not one per field.
  private var state = TicState()

  public init() { super.init(at: 0x0e...0x0e) }

  /// What the board sees of the controller after a step.
  public struct Seen: Sendable {
    /// Microsteps made.
    public var position: Int64
    /// The motor is energised.
    public var energised: Bool
  }

  /// Microsteps made.
  public var position: Int64 { state.position }
  /// The motor is energised.
  public var energised: Bool { state.energised }

  /// One step of the simulation: `milliseconds` with the motor supply as it is.
  @discardableResult
  public func advance(milliseconds: Int, supplied: Bool) -> Seen {
    state.advance(milliseconds: milliseconds, supplied: supplied)
    return Seen(position: state.position, energised: state.energised)
  }

  public override func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    state.perform(&transfer)
  }
}

/// The controller's registers and its motor.
private struct TicState {
  /// Microsteps a second² of the ramp, up and down: 1200 mL/h from a 50 mL syringe in 96 ms.
  private static let ramp: Int64 = 50_000
  /// The command timeout of the reference board's settings, in milliseconds.
  private static let timeout = 200

  private var targetSpeed: Int64 = 0
  private var speed: Int64 = 0
  private var remainder: Int64 = 0
  private var asksForPower = false
  private var safeStart = true
  private var silentFor = 0
  private var timedOut = false
  private var pointer: UInt8 = 0
  /// Motor supply as the board's gate leaves it.
  private(set) var supplied = false
  /// Microsteps made.
  private(set) var position: Int64 = 0

  /// The motor is energised.
  var energised: Bool { asksForPower && supplied }

  /// One step of the simulation: `milliseconds` with the motor supply as it is.
  mutating func advance(milliseconds: Int, supplied: Bool) {
    self.supplied = supplied
    // A lost supply de-energises and needs the start sequence again, as the real one does.
    if !supplied {
      asksForPower = false
      safeStart = true
    }
    silentFor = Swift.min(silentFor + milliseconds, 100_000)
    if silentFor > Self.timeout { timedOut = true }
    guard energised, !safeStart else {
      speed = 0
      remainder = 0
      return
    }
    let wanted = timedOut ? 0 : targetSpeed
    let most = Self.ramp * 10_000 * Int64(milliseconds) / 1_000
    speed += Swift.max(-most, Swift.min(most, wanted - speed))
    // speed is per 10 000 s: steps × 10⁷ per millisecond.
    remainder += speed * Int64(milliseconds)
    let whole = remainder / 10_000_000
    remainder -= whole * 10_000_000
    position += whole
  }

  mutating func perform(_ transfer: inout I2CTransfer) {
    if transfer.writeCount > 0 { take(&transfer) }
    var index = 0
    while index < transfer.readCount {
      let offset = Int(pointer) + index
      let (first, bytes, number) = variable(at: offset)
      let passed = offset - first
      transfer.store(
        littleEndian: number &>> Int64(8 * passed), bytes: bytes - passed, at: index)
      index += bytes - passed
    }
  }

  private mutating func take(_ transfer: inout I2CTransfer) {
    switch transfer.written(0) {
    case 0xe3 where transfer.writeCount == 5:
      heard()
      var bits: UInt32 = 0
      for index in 0..<4 { bits |= UInt32(transfer.written(1 + index)) << UInt32(8 * index) }
      targetSpeed = Int64(Int32(bitPattern: bits))
    case 0x85: if supplied { asksForPower = true }
    case 0x83:
      heard()
      safeStart = false
    case 0x86:
      asksForPower = false
      targetSpeed = 0
    case 0x89:
      targetSpeed = 0
      speed = 0
    case 0x8c: heard()
    case 0xa1 where transfer.writeCount == 2: pointer = transfer.written(1)
    default: break
    }
  }

  private mutating func heard() {
    silentFor = 0
    timedOut = false
  }

  private var errors: UInt16 {
    var bits: UInt16 = 0
    if !asksForPower { bits |= 0x01 }
    if !supplied { bits |= 0x04 }
    if timedOut && asksForPower { bits |= 0x40 }
    if safeStart { bits |= 0x80 }
    return bits
  }

  /// Operation state, flags and errors: the variables 0x00, 0x01 and 0x02, which lie side by side.
  private var standing: Int64 {
    (energised && !safeStart ? 10 : 4) | (energised ? 0x100 : 0) | Int64(errors) << 16
  }

  /// The variables that an offset lies in: where they begin, their length, what they hold.
  private func variable(at offset: Int) -> (first: Int, bytes: Int, number: Int64) {
    switch offset {
    case 0x00...0x03: (0x00, 4, standing)
    case 0x0e...0x11: (0x0e, 4, targetSpeed)
    case 0x22...0x25: (0x22, 4, position)
    case 0x26...0x29: (0x26, 4, speed)
    case 0x33...0x34: (0x33, 2, supplied ? 12_000 : 0)
    default: (offset, 1, 0)
    }
  }
}
