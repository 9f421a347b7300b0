// SPDX-License-Identifier: Apache-2.0

import CI2C
import CRealtime
public import DeviceInterface
import Glibc

/// What a bus has been through; every number stays at its largest value.
public struct BusHealth: Hashable, Sendable {
  /// Transfers that failed in the end.
  public var failed: UInt32 = 0
  /// Transfers that were made a second time.
  public var repeated: UInt32 = 0
  /// Failures of the bus itself without a success between them.
  public var stuckFor: UInt32 = 0
  public init() {}

  /// A device holds a line of the bus low, as far as one can tell: for many transfers nothing but
  /// failures of the bus itself.
  public var lockedUp: Bool { stuckFor >= 8 }
}

/// An I²C adapter of Linux (i2c-dev).
///
/// Any transfer on an adapter that carries plain I²C; on one that speaks SMBus alone, such as the
/// kernel's i2c-stub, the transfers that have an SMBus form (see `ci_transfer`), the others are
/// `badRequest`. The kernel times a transfer in steps of 10 ms: a dead bus costs one cycle, not two.
///
/// A transfer that failed within 2 ms is made once more, and counted: every transfer of the board's
/// drivers sets or reads a register and may be made twice. A bus that stays locked up is told once on
/// the error output; the adapter's driver clocks it free where it can, and this side only reports.
// SRS-128: a failed transfer is made once more.
// RC-029: a bus that is gone is an error of each transfer, and the core names it.
public final class LinuxI2C: I2CBus {
  /// The bus in the words of the board.
  public let path: String
  /// The adapter carries any transfer, not SMBus calls alone.
  public let carriesPlainI2C: Bool
  public private(set) var health = BusHealth()
  private let device: OwnedDevice
  private let lockUp: Words

  /// How long after its start a failed transfer may begin again, in nanoseconds.
  private static let repeatWithin: Int64 = 2_000_000

  /// Opens the adapter at a path such as `/dev/i2c-1`.
  public init(path: String) throws(DeviceError) {
    var plain = false
    let number = unsafe ci_open(path, &plain)
    guard number >= 0 else { throw DeviceError(.bus(path), code: number) }
    self.path = path
    carriesPlainI2C = plain
    device = OwnedDevice(number)
    lockUp = Words("I2C bus \(path): locked up; take the power off the board to free it\n")
  }

  public func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    let start = rp_clock()
    var result = attempt(&transfer)
    if result < 0, result != -EINVAL, result != -EOPNOTSUPP,
      rp_clock() - start < Self.repeatWithin
    {
      if health.repeated < .max { health.repeated += 1 }
      result = attempt(&transfer)
    }
    note(result)
    if result < 0 { throw busError(of: result) }
  }

  private func attempt(_ transfer: inout I2CTransfer) -> Int32 {
    var out = InlineArray<33, UInt8>(repeating: 0)
    var into = InlineArray<32, UInt8>(repeating: 0)
    let writing = Int32(truncatingIfNeeded: transfer.writeCount)
    let reading = Int32(truncatingIfNeeded: transfer.readCount)
    var position = 0
    while position < transfer.writeCount {
      out[position] = transfer.written(position)
      position += 1
    }
    let address = transfer.address
    let result = unsafe withUnsafeBytes(of: &out) { bytes in
      unsafe withUnsafeMutableBytes(of: &into) { room in
        unsafe ci_transfer(
          device.number, carriesPlainI2C, address,
          bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), writing,
          room.baseAddress?.assumingMemoryBound(to: UInt8.self), reading)
      }
    }
    guard result >= 0 else { return result }
    position = 0
    while position < transfer.readCount {
      transfer.store(into[position], at: position)
      position += 1
    }
    return result
  }

  private func note(_ result: Int32) {
    guard result < 0 else {
      health.stuckFor = 0
      return
    }
    if health.failed < .max { health.failed += 1 }
    switch busError(of: result) {
    case .bus, .timeout:
      let before = health.lockedUp
      if health.stuckFor < .max { health.stuckFor += 1 }
      if health.lockedUp && !before { lockUp.say() }
    case .noAcknowledge, .badAnswer, .badRequest, .permission: break
    }
  }
}

/// The kernel's fault codes for devices (Documentation/i2c/fault-codes) in the drivers' words.
@_noAllocation @_noLocks
func busError(of code: Int32) -> BusError {
  switch -code {
  case ENXIO, EREMOTEIO, ENODEV, ENOENT, EIO: .noAcknowledge
  case ETIMEDOUT: .timeout
  case EBADMSG, EPROTO: .badAnswer
  case EINVAL, EOPNOTSUPP: .badRequest
  case EACCES, EPERM: .permission
  default: .bus
  }
}

/// A line for the error output that is composed ahead, so that saying it allocates nothing.
@safe final class Words {
  private let text: UnsafeMutablePointer<CChar>?
  init(_ text: String) { unsafe self.text = strdup(text) }
  deinit { unsafe free(text) }
  func say() { if let text = unsafe text { unsafe rp_say(text) } }
}
